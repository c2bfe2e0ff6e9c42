import { describe, expect, it } from 'vitest';
import { Apis } from '../apis.ts';
import { typeWarnings } from './type-checking.ts';

const apps = (...resources: string[]) => ({ operations: ['*'], apiGroups: ['apps'], apiVersions: ['v1'], resources });

// biome-ignore lint/suspicious/noExplicitAny: specs as a client sends them
const warnings = (rules: object[], spec: any) =>
  typeWarnings(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'p' },
      spec: { matchConstraints: { resourceRules: rules }, ...spec },
    },
    Apis.builtIn,
  );

const expressions = (...list: string[]) => ({ validations: list.map((expression) => ({ expression })) });

const undefinedField = (expression: string, column: number, field: string) =>
  `ERROR: <input>:1:${column}: undefined field '${field}'\n | ${expression}\n | ${'.'.repeat(column - 1)}^\n`;

describe('the types of a policy', () => {
  it('are those of the kinds that it matches', () => {
    expect(warnings([apps('deployments')], expressions('object.spec.replicas > 1', 'object.metadata.name == oldObject.metadata.name'))).toEqual([]);
    expect(warnings([apps('deployments')], expressions('true', 'object.nothing'))).toEqual([
      { fieldRef: 'spec.validations[1].expression', warning: `apps/v1, Kind=Deployment: ${undefinedField('object.nothing', 7, 'nothing')}` },
    ]);
  });

  it('are told of one kind after the other, in their order', () => {
    const core = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods', 'pods/status', 'configmaps'] };
    const [warning, ...others] = warnings([apps('statefulsets'), core], expressions('object.nothing'));
    const each = (kind: string) => `${kind}: ${undefinedField('object.nothing', 7, 'nothing')}`;
    expect(others).toEqual([]);
    expect(warning!.warning).toBe(['/v1, Kind=ConfigMap', '/v1, Kind=Pod', 'apps/v1, Kind=StatefulSet'].map(each).join('\n'));
  });

  it('of messages are looked at, too', () => {
    const validations = [{ expression: 'true', messageExpression: "'x' + object.spec.replicas" }];
    expect(warnings([apps('deployments')], { validations })).toEqual([
      {
        fieldRef: 'spec.validations[0].messageExpression',
        warning: expect.stringContaining("found no matching overload for '_+_' applied to '(string, int)'"),
      },
    ]);
  });

  it('of quantities, times, and what is a number or a text', () => {
    const pods = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
    const good = expressions(
      "quantity(object.spec.containers[0].resources.limits['cpu']).isGreaterThan(quantity('1'))",
      "object.metadata.creationTimestamp < timestamp('2026-01-01T00:00:00Z')",
      'object.spec.containers.all(c, c.ports.all(p, p.containerPort > 1))',
      'object.spec.containers[0].livenessProbe.httpGet.port == 1',
    );
    expect(warnings([pods], good)).toEqual([]);
    expect(warnings([pods], expressions('object.metadata.creationTimestamp == 1'))).toHaveLength(1);
  });

  it('of parameters are those of their kind', () => {
    const params = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, ...expressions('params.data.a == "b"', 'params.nothing') };
    expect(warnings([apps('deployments')], params)).toEqual([
      { fieldRef: 'spec.validations[1].expression', warning: `apps/v1, Kind=Deployment: ${undefinedField('params.nothing', 7, 'nothing')}` },
    ]);
    expect(warnings([apps('deployments')], { paramKind: { apiVersion: 'example.com/v1', kind: 'Nothing' }, ...expressions('params.anything') })).toEqual([]);
  });

  it('of variables are as far known as plain values are', () => {
    const variables = [
      { name: 'replicas', expression: 'object.spec.replicas' },
      { name: 'spec', expression: 'object.spec' },
    ];
    expect(
      warnings([apps('deployments')], { variables, ...expressions('variables.replicas > 1', 'variables.spec.nothing', "variables.replicas == 'x'") }),
    ).toEqual([{ fieldRef: 'spec.validations[2].expression', warning: expect.stringContaining("applied to '(int, string)'") }]);
  });

  it('of a kind that holds itself are looked at once', () => {
    const definitions = { operations: ['*'], apiGroups: ['apiextensions.k8s.io'], apiVersions: ['v1'], resources: ['customresourcedefinitions'] };
    const schema = 'object.spec.versions[0].schema.openAPIV3Schema';
    expect(warnings([definitions], expressions(`${schema}.type == 'object'`))).toEqual([]);
    expect(warnings([definitions], expressions(`${schema}.type == 1`))).toHaveLength(1);
  });

  it('are not known of what is not served, and of wildcards', () => {
    expect(warnings([apps('nothing'), apps('*'), { ...apps('deployments'), apiVersions: ['*'] }], expressions('object.nothing'))).toEqual([]);
  });
});

it('A type in a warning is called by its kind', () => {
  expect(warnings([apps('deployments')], expressions('object + 1'))[0]!.warning).toMatch(/applied to '\([^(]*Deployment[^,\d]*, int\)'/);
});
