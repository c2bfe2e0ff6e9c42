import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Node, Service } from '../../schema/generated/kinds.ts';
import { node, type PodOptions, pod, replicaSet } from '../../testing/objects.ts';
import { places, scheduled } from '../../testing/scheduling.ts';

const ZONE = 'topology.kubernetes.io/zone';
const inZone = (name: string, zone: string, more: object = {}): Node => node(name, { labels: { [ZONE]: zone }, ...more });
const nodes = [inZone('a', '1'), inZone('b', '2')];

const spread = (more: object = {}) => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, ...more }],
});
const on = (nodeName: string, ...names: string[]) => names.map((name) => pod(name, { nodeName }));
const selecting = (selector: Record<string, string>): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'default' },
  spec: { selector },
});

async function placeOf(given: readonly KubeObject[], options: PodOptions, count = 2): Promise<string> {
  const found = places(await scheduled(...given, pod('p', options))).find((place) => place.startsWith('p'))!;
  return found.replace(`0/${count} nodes are available: `, '').replace(/\. .*$/, '');
}

describe('a constraint that has to hold', () => {
  const uneven = "node(s) didn't match pod topology spread constraints";
  it.each([
    { name: 'puts pods where there are fewer', given: [...nodes, ...on('a', 'x')], options: spread(), want: 'p@b' },
    {
      name: 'lets none be where there would be too many more',
      given: [...nodes, ...on('a', 'x', 'y'), ...on('b', 'z')],
      options: { ...spread(), nodeSelector: { [ZONE]: '1' } },
      // Zone 2 is no domain of a pod that can only be in zone 1.
      want: 'p@a',
    },
    {
      name: 'counts where the pod cannot be, when told to',
      given: [...nodes, ...on('a', 'x', 'y'), ...on('b', 'z')],
      options: { ...spread({ nodeAffinityPolicy: 'Ignore' }), nodeSelector: { [ZONE]: '1' } },
      want: `p: 1 node(s) didn't match Pod's node affinity/selector, 1 ${uneven}`,
    },
    {
      name: 'allows as much skew as it says',
      given: [...nodes, ...on('a', 'x')],
      options: { ...spread({ maxSkew: 2, nodeAffinityPolicy: 'Ignore' }), nodeSelector: { [ZONE]: '1' } },
      want: 'p@a',
    },
    {
      name: 'counts tainted nodes',
      given: [inZone('a', '1'), inZone('b', '2', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), ...on('a', 'x')],
      options: spread(),
      want: `p: 1 ${uneven}, 1 node(s) had untolerated taint(s)`,
    },
    {
      name: 'counts no tainted nodes, when told not to',
      given: [inZone('a', '1'), inZone('b', '2', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), ...on('a', 'x')],
      options: spread({ nodeTaintsPolicy: 'Honor' }),
      want: 'p@a',
    },
    { name: 'wants so many domains', given: [...nodes, ...on('a', 'x'), ...on('b', 'y')], options: spread({ minDomains: 3 }), want: `p: 2 ${uneven}` },
    {
      name: 'has enough domains',
      given: [...nodes, ...on('a', 'x'), ...on('b', 'y')],
      options: { ...spread({ minDomains: 2 }), nodeName: '' },
      want: expect.stringMatching(/^p@[ab]$/),
    },
    { name: 'is for nodes with the label', given: [node('a'), node('b')], options: spread(), want: `p: 2 ${uneven} (missing required label)` },
    {
      name: 'counts nodes that have the labels of all constraints',
      given: [inZone('a', '1'), node('b', { labels: { [ZONE]: '2', rack: 'r' } }), ...on('b', 'x')],
      options: { topologySpreadConstraints: [...spread().topologySpreadConstraints, ...spread({ topologyKey: 'rack' }).topologySpreadConstraints] },
      // Zone 1 has none of them, and is no domain: its node has no rack.
      want: 'p@b',
    },
    {
      name: 'counts no pods of another namespace',
      given: [...nodes, ...on('a', 'x').map((one) => ({ ...one, metadata: { ...one.metadata, namespace: 'other' } }))],
      options: { ...spread({ nodeAffinityPolicy: 'Ignore' }), nodeSelector: { [ZONE]: '1' } },
      want: 'p@a',
    },
    {
      name: 'counts no pods that are being deleted',
      given: [
        ...nodes,
        ...on('a', 'x').map((one) => ({ ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] } })),
      ],
      options: { ...spread({ nodeAffinityPolicy: 'Ignore' }), nodeSelector: { [ZONE]: '1' } },
      want: 'p@a',
    },
    {
      name: 'does not count a pod that it does not select',
      given: [...nodes, ...on('a', 'x')],
      options: { ...spread({ nodeAffinityPolicy: 'Ignore' }), labels: { app: 'other' }, nodeSelector: { [ZONE]: '1' } },
      want: 'p@a',
    },
  ])('$name', async ({ given, options, want }) => expect(await placeOf(given, options)).toEqual(want));

  it('holds for all pods of one pass', async () => {
    const all = places(await scheduled(...nodes, inZone('c', '2'), ...Array.from({ length: 9 }, (_, i) => pod(`p${i}`, spread()))));
    const inFirst = all.filter((place) => place.endsWith('@a')).length;
    expect([4, 5]).toContain(inFirst);
  });
});

describe('a constraint that had better hold', () => {
  const anyway = { whenUnsatisfiable: 'ScheduleAnyway' };
  const crowded = (name: string, nodeName: string) => pod(name, { labels: { app: 'other' }, nodeName, requests: { cpu: '1', memory: '4Gi' } });

  it('is worth more than an emptier node', async () => {
    expect(await placeOf([...nodes, ...on('a', 'x', 'y', 'z'), crowded('q', 'b')], spread(anyway))).toBe('p@b');
  });

  it('keeps no pod from where there are too many', async () => {
    expect(await placeOf([...nodes, ...on('a', 'x', 'y', 'z')], { ...spread(anyway), nodeSelector: { [ZONE]: '1' } })).toBe('p@a');
  });

  it('puts nodes without the label last', async () => {
    expect(await placeOf([node('a'), inZone('b', '2'), ...on('b', 'x'), crowded('q', 'b')], spread(anyway))).toBe('p@b');
  });
});

describe('the defaults', () => {
  // Without them, a is the better node: b is fuller.
  const given = [
    ...nodes,
    ...on('a', 'x', 'y', 'z').map((one) => ({
      ...one,
      spec: { ...one.spec!, containers: [{ name: 'c', resources: { requests: { cpu: '1m', memory: '1Mi' } } }] },
    })),
    pod('q', { labels: { app: 'other' }, nodeName: 'b', requests: { cpu: '1', memory: '4Gi' } }),
  ];
  const options: PodOptions = { requests: { cpu: '1m', memory: '1Mi' } };

  it.each([
    { name: 'are for no pod that nothing selects', more: [], options, want: 'p@a' },
    { name: 'spread the pods of a Service', more: [selecting({ app: 'web' })], options, want: 'p@b' },
    { name: 'spread the pods of a ReplicaSet', more: [replicaSet()], options: { ...options, owner: replicaSet() }, want: 'p@b' },
    {
      name: 'are for no pod with constraints of its own',
      more: [selecting({ app: 'web' })],
      options: { ...options, ...spread({ maxSkew: 9, labelSelector: { matchLabels: { app: 'none' } } }) },
      want: 'p@a',
    },
  ])('$name', async ({ more, options, want }) => expect(await placeOf([...given, ...more], options)).toBe(want));
});
