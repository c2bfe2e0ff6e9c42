import { describe, expect, it } from 'vitest';
import { type GoType, goValue } from './go-value.ts';
import { invalidValue } from './validation/field.ts';

// Recorded from errors of Kubernetes 1.36.
describe('a value reads as in an error of Kubernetes', () => {
  const cases: { name: string; type: GoType; value: unknown; want: string }[] = [
    { name: 'what is absent is null', type: 'apps.StatefulSetUpdateStrategy', value: { type: 'Later' }, want: '{"Type":"Later","RollingUpdate":null}' },
    {
      name: 'a number or string is written as it is',
      type: 'apps.RollingUpdateStatefulSetStrategy',
      value: { partition: 1, maxUnavailable: '10%' },
      want: '{"Partition":1,"MaxUnavailable":"10%"}',
    },
    { name: 'an empty list stays one', type: 'batch.SuccessPolicy', value: { rules: [] }, want: '{"Rules":[]}' },
    {
      name: 'what is absent and no pointer has its zero',
      type: 'core.Toleration',
      value: { key: 'a' },
      want: '{"Key":"a","Operator":"","Value":"","Effect":"","TolerationSeconds":null}',
    },
    { name: 'a map is sorted', type: '{}s', value: { b: '1', a: '2' }, want: '{"a":"2","b":"1"}' },
    { name: 'types of apimachinery have their served names', type: 'meta.LabelSelector', value: { matchLabels: {}, matchExpressions: [] }, want: '{}' },
    {
      name: 'metadata is embedded',
      type: 'core.PersistentVolumeClaimTemplate',
      value: { metadata: { labels: { a: 'b' } } },
      want: '{"labels":{"a":"b"},"Spec":',
    },
    { name: 'a quantity is its text', type: '{}q', value: { cpu: '1' }, want: '{"cpu":"1"}' },
    { name: 'signs of HTML are escaped', type: '[]s', value: ['<&>'], want: '["\\u003c\\u0026\\u003e"]' },
    { name: 'nothing is null', type: '*core.Toleration', value: undefined, want: 'null' },
  ];
  it.each(cases)('$name', ({ type, value, want }) => expect(invalidValue('a', goValue(type, value), 'b').message).toContain(`Invalid value: ${want}`));

  it('says of a pod’s security context what its spec has of it', () => {
    const spec = { hostPID: true, securityContext: { fsGroup: 1 } };
    expect(goValue('core.PodSpec', spec).text).toContain('"SecurityContext":{"HostNetwork":false,"HostPID":true,"HostIPC":false,"ShareProcessNamespace":null,');
    expect(goValue('core.PodSecurityContext', spec.securityContext, spec).text).toContain('"HostPID":true');
  });

  it.each([
    { name: 'an empty list and none', a: { command: [] }, b: {}, want: true },
    { name: 'the same amount', a: { resources: { limits: { cpu: '1000m' } } }, b: { resources: { limits: { cpu: '1' } } }, want: true },
    { name: 'another amount', a: { resources: { limits: { cpu: '2' } } }, b: { resources: { limits: { cpu: '1' } } }, want: false },
    { name: 'zero and nothing', a: { stdin: false, workingDir: '' }, b: {}, want: true },
    { name: 'something empty and nothing', a: { securityContext: {} }, b: {}, want: false },
    { name: 'another order', a: { args: ['a', 'b'] }, b: { args: ['b', 'a'] }, want: false },
  ])('tells what means the same: $name', ({ a, b, want }) => expect(goValue('core.Container', a).equals(b)).toBe(want));

  it('looks at no more than it shows', () => {
    let looked = 0;
    const list = Array.from({ length: 100_000 }, () => ({
      get name() {
        looked++;
        return 'n'.repeat(100);
      },
    }));
    expect(goValue('[]core.LocalObjectReference', list).text.length).toBeLessThan(17_000);
    expect(looked).toBeLessThan(1000);
  });
});
