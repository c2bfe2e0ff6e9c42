import { describe, expect, it } from 'vitest';
import { update } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import type { LimitRange, PersistentVolumeClaim, Pod } from '../schema/generated/kinds.ts';
import { kept, outcome, pod, stateWith } from '../testing/decisions.ts';

const limitRange = (name: string, ...limits: object[]): LimitRange =>
  kept({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name, namespace: 'default' }, spec: { limits } } as LimitRange);
const container = (name: string, requests?: object, limits?: object, more: object = {}) => ({
  name,
  image: 'i',
  resources: { ...(requests && { requests }), ...(limits && { limits }) },
  ...more,
});
const created = (spec: object, ...ranges: KubeObject[]) => outcome(stateWith(...ranges), { type: 'create', resource: 'pods', object: pod({}, { ...spec }) });
const defaults = { type: 'Container', default: { cpu: '500m', memory: '256Mi' }, defaultRequest: { cpu: '100m', memory: '64Mi' } };

describe('what containers leave out', () => {
  it('is set, and told in an annotation', () => {
    const spec = {
      containers: [
        container('a', { cpu: '50m' }),
        container('b', undefined, { memory: '1Gi' }),
        container('c', { cpu: '1', memory: '1' }, { cpu: '1', memory: '1' }),
      ],
      initContainers: [container('i'), container('side', undefined, undefined, { restartPolicy: 'Always' })],
    };
    const { object } = created(spec, limitRange('l', defaults));
    expect(object!.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory request for container a; cpu, memory limit for container a; cpu request for container b; cpu limit for container b; cpu, memory request for init container i; cpu, memory limit for init container i; cpu, memory request for init container side; cpu, memory limit for init container side',
    });
    expect(object!.spec!.containers.map(({ resources }) => resources)).toEqual([
      { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '500m', memory: '1Gi' } },
      { requests: { cpu: '1', memory: '1' }, limits: { cpu: '1', memory: '1' } },
    ]);
  });

  it('is set by the first of several LimitRanges by name; the annotation tells of the last one that set something', () => {
    const other = { type: 'Container', default: { cpu: '2', 'ephemeral-storage': '1Gi' } };
    const { object } = created({ containers: [container('a')] }, limitRange('b', other), limitRange('a', defaults));
    expect(object!.spec!.containers[0]!.resources!.limits).toEqual({ cpu: '500m', memory: '256Mi', 'ephemeral-storage': '1Gi' });
    expect(object!.metadata.annotations!['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: ephemeral-storage request for container a; ephemeral-storage limit for container a',
    );
  });

  it('stays as it is in another namespace, for a pod that is there already, and where nothing is missing', () => {
    const elsewhere = { ...limitRange('l', defaults), metadata: { ...limitRange('l').metadata, namespace: 'other' } };
    expect(created({ containers: [container('a')] }, elsewhere).object!.spec!.containers[0]!.resources).toEqual({});
    const full = { cpu: '1', memory: '1' };
    expect(created({ containers: [container('a', full, full)] }, limitRange('l', defaults)).object!.metadata.annotations).toBeUndefined();
    const there = created({ containers: [container('a')] }).object!;
    const labelled = { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } };
    expect(outcome(stateWith(there, limitRange('l', defaults)), update('pods', labelled)).object!.metadata.annotations).toBeUndefined();
  });
});

describe('a pod is refused that', () => {
  const refusedFor = (spec: object, ...limits: object[]) => created(spec, limitRange('l', ...limits)).refused?.message;
  const one = (requests?: object, limits?: object) => ({ containers: [container('a', requests, limits)] });
  const cases: { name: string; limit: object; spec: object; want: string | undefined }[] = [
    {
      name: 'asks for less',
      limit: { type: 'Container', min: { cpu: '100m' } },
      spec: one({ cpu: '50m' }),
      want: 'minimum cpu usage per Container is 100m, but request is 50m',
    },
    {
      name: 'may use less',
      limit: { type: 'Pod', min: { cpu: '100m' } },
      spec: {
        containers: [container('a', { cpu: '100m' }, { cpu: '100m' }), container('b')],
        resources: { requests: { cpu: '100m' }, limits: { cpu: '100m' } },
      },
      want: undefined,
    },
    { name: 'asks for nothing', limit: { type: 'Pod', min: { cpu: '1' } }, spec: one(), want: 'minimum cpu usage per Pod is 1.  No request is specified' },
    {
      name: 'may use more',
      limit: { type: 'Container', max: { cpu: '1' } },
      spec: one({ cpu: '1' }, { cpu: '2' }),
      want: 'maximum cpu usage per Container is 1, but limit is 2',
    },
    {
      name: 'has no limit',
      limit: { type: 'Pod', max: { cpu: '1' } },
      spec: one({ cpu: '1' }),
      want: 'maximum cpu usage per Pod is 1.  No limit is specified',
    },
    {
      name: 'may use much more than it asks for',
      limit: { type: 'Container', maxLimitRequestRatio: { cpu: '1500m' } },
      spec: one({ cpu: '100m' }, { cpu: '200m' }),
      want: 'cpu max limit to request ratio per Container is 1500m, but provided ratio is 2.000000',
    },
    {
      name: 'has a ratio and no limit',
      limit: { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      spec: one({ cpu: '1' }),
      want: 'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    },
    {
      name: 'needs more in an init container beside a sidecar',
      limit: { type: 'Pod', max: { cpu: '1' } },
      spec: {
        containers: [container('a', { cpu: '100m' }, { cpu: '100m' })],
        initContainers: [container('side', { cpu: '600m' }, { cpu: '600m' }, { restartPolicy: 'Always' }), container('i', { cpu: '500m' }, { cpu: '500m' })],
      },
      want: 'maximum cpu usage per Pod is 1, but limit is 1100m',
    },
    {
      name: 'says as a whole that it may use more',
      limit: { type: 'Pod', max: { cpu: '1' } },
      spec: { ...one({ cpu: '1' }, { cpu: '1' }), resources: { limits: { cpu: '2' } } },
      want: 'maximum cpu usage per Pod is 1, but limit is 2',
    },
    {
      name: 'does several of these, each told once',
      limit: { type: 'Container', min: { cpu: '1', memory: '1Gi' } },
      spec: { containers: [container('a', { cpu: '500m', memory: '1Mi' }), container('b', { cpu: '500m', memory: '2Gi' })] },
      want: '[minimum cpu usage per Container is 1, but request is 500m, minimum memory usage per Container is 1Gi, but request is 1Mi]',
    },
  ];
  for (const { name, limit, spec, want } of cases) {
    it(name, () => expect(refusedFor(spec, limit)).toBe(want && `pods "a" is forbidden: ${want}`));
  }
});

it('A resize keeps within the bounds, and no other change of a pod is looked at', () => {
  const bounds = limitRange('l', { type: 'Pod', max: { cpu: '1' } });
  const there = created({ containers: [container('a', { cpu: '2' }, { cpu: '2' })] }).object!;
  const resized = (cpu: string): Pod => ({
    ...there,
    spec: { ...there.spec!, containers: [{ ...there.spec!.containers[0]!, resources: { requests: { cpu }, limits: { cpu } } }] },
  });
  const resize = (cpu: string, of: Pod = there) =>
    outcome(stateWith(of, bounds), { type: 'update', resource: 'pods', subresource: 'resize', object: resized(cpu) }).refused;
  expect(resize('3')?.message).toBe('pods "a" is forbidden: maximum cpu usage per Pod is 1, but limit is 3');
  expect(resize('1')).toBeUndefined();
  const going = { ...there, metadata: { ...there.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 } };
  expect(resize('3', going)).toBeUndefined();
  const labelled = { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } };
  expect(outcome(stateWith(there, bounds), update('pods', labelled)).refused).toBeUndefined();
});

it('A claim is as large as the bounds allow, when it is made and when it changes', () => {
  const bounds = limitRange('l', { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } });
  const claim = (storage: string): PersistentVolumeClaim =>
    kept({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
  const made = (storage: string) => outcome(stateWith(bounds), { type: 'create', resource: 'persistentvolumeclaims', object: claim(storage) }).refused?.message;
  expect(['500Mi', '1Gi', '10Gi', '11Gi'].map(made)).toEqual([
    'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    undefined,
    undefined,
    'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 11Gi',
  ]);
  const there = claim('20Gi');
  const changed = outcome(stateWith(there, bounds), update('persistentvolumeclaims', { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } }));
  expect(changed.refused?.message).toBe(
    'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 20Gi',
  );
});
