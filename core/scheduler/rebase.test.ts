import { describe, expect, it } from 'vitest';
import { type KubeObject, keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { CSINode, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../schema/generated/kinds.ts';
import { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { configMap, namespace, node, pod } from '../testing/objects.ts';
import { overtakenLog } from '../testing/overtaken-log.ts';
import { keyOfObject, stored } from '../testing/state.ts';
import { schedulerReconciler } from './scheduler.ts';

/** What another writer does while a pass of the scheduler is on its way to the log, and how many pods that costs another decision (docs/decisions/0015-rebase.md). */

const actor = userNamed('another');
const podKey = (name: string) => keyOf('pods', 'default', name);
const added = (object: KubeObject): LogEvent => ({ type: 'ADDED', key: keyOfObject(object), object: stored(object, START), actor });
const patched = (key: string, patch: object): LogEvent => ({ type: 'MODIFIED', key, patch: patch as Record<string, unknown>, actor });
const deleted = (key: string): LogEvent => ({ type: 'DELETED', key, actor });

/** Where the scheduler put each pod, and how often it decided that: in its first pass, and in all passes after that. */
async function overtaken(objects: readonly KubeObject[], events: (placed: ReadonlyMap<string, string>) => readonly LogEvent[]) {
  const log = overtakenLog();
  const cluster = await Cluster.start({ reconcilers: [schedulerReconciler()], objects: [namespace('default'), ...objects], now: START, log });
  const bindings = (passes: typeof cluster.passes) =>
    passes.flat().flatMap((mutation) => (mutation.type === 'bind' ? [[mutation.name, mutation.node] as const] : []));
  log.overtake('system:kube-scheduler', () => events(new Map(bindings(cluster.passes.slice(0, 1)))));
  await cluster.settle();
  return {
    cluster,
    first: new Map(bindings(cluster.passes.slice(0, 1))),
    again: bindings(cluster.passes.slice(1)).map(([name]) => name),
    places: new Map(cluster.pods.map(({ metadata, spec }) => [metadata.name, spec!.nodeName])),
  };
}

const numbered = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
const on = (name: string, placed: ReadonlyMap<string, string>) => [...placed].filter(([, node]) => node === name).map(([pod]) => pod);

describe('of 100 pods on 20 nodes', () => {
  // Each node has one pod already, and room for all.
  const nodes = numbered(20, 'node');
  const objects = [
    ...nodes.map((name) => node(name)),
    ...nodes.map((name) => pod(`on-${name}`, { nodeName: name, requests: { cpu: '100m' } })),
    ...numbered(100, 'new').map((name) => pod(name, { requests: { cpu: '100m' } })),
  ];
  const none = () => [];

  it.each([
    { name: 'a ConfigMap', events: () => [added(configMap('a'))], again: none },
    {
      name: 'the statuses of all pods that were there',
      events: () => nodes.map((name) => patched(podKey(`on-${name}`), { status: { message: 'still well' } })),
      again: none,
    },
    {
      name: 'the end of all pods that were there',
      events: () => nodes.map((name) => patched(podKey(`on-${name}`), { status: { phase: 'Succeeded' } })),
      again: none,
    },
    { name: 'the deletion of a pod that was there', events: () => [deleted(podKey('on-node-7'))], again: none },
    { name: 'another pod to place', events: () => [added(pod('late'))], again: () => ['late'] },
    { name: 'another node', events: () => [added(node('late'))], again: none },
    { name: 'the deletion of a pod that is placed', events: () => [deleted(podKey('new-3'))], again: none },
    { name: 'a label of a pod that is placed', events: () => [patched(podKey('new-3'), { metadata: { labels: { a: 'b' } } })], again: () => ['new-3'] },
    {
      name: 'a pod that another scheduler puts on a node',
      events: () => [added(pod('foreign', { nodeName: 'node-7', requests: { cpu: '100m' } }))],
      again: (placed: ReadonlyMap<string, string>) => on('node-7', placed),
    },
    {
      name: 'a larger pod on a node',
      events: () => [patched(podKey('on-node-7'), { spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '2' } } }] } })],
      again: (placed: ReadonlyMap<string, string>) => on('node-7', placed),
    },
    {
      name: 'a taint of a node',
      events: () => [patched('nodes//node-7', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })],
      again: (placed: ReadonlyMap<string, string>) => on('node-7', placed),
    },
    { name: 'the deletion of a node', events: () => [deleted('nodes//node-7')], again: (placed: ReadonlyMap<string, string>) => on('node-7', placed) },
  ])('$name costs only those another decision that rest on it', async ({ events, again }) => {
    const result = await overtaken(objects, events);
    expect(result.first.size).toBe(100);
    expect(result.again.sort()).toEqual(again(result.first).sort());
    const stand = [...result.first].filter(([name]) => !result.again.includes(name) && result.places.has(name));
    expect(stand.map(([name]) => [name, result.places.get(name)])).toEqual(stand);
  });
});

describe('a node is not filled over its brim', () => {
  it('by another scheduler and this one at once', async () => {
    const objects = [node('a', { allocatable: { pods: '2' } }), pod('p'), pod('q')];
    const { first, places } = await overtaken(objects, () => [added(pod('foreign', { nodeName: 'a' }))]);
    expect([...first.values()]).toEqual(['a', 'a']);
    expect([...places.values()].filter((node) => node === 'a')).toHaveLength(2);
  });

  it('by one that has become smaller', async () => {
    const { places } = await overtaken([node('a'), pod('p')], () => [patched('nodes//a', { status: { allocatable: { pods: '0' } } })]);
    expect(places.get('p')).toBeUndefined();
  });
});

describe('a pod that is placed by what is near it', () => {
  const ZONE = 'topology.kubernetes.io/zone';
  const zones = [node('a', { labels: { [ZONE]: '1' } }), node('b', { labels: { [ZONE]: '1' } }), node('c', { labels: { [ZONE]: '2' } })];
  const term = { topologyKey: ZONE, labelSelector: { matchLabels: { app: 'db' } } };
  const near = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const notNear = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const db = (name: string, nodeName: string, more: object = {}) => pod(name, { labels: { app: 'db' }, nodeName, ...more });
  const spread = [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }];
  const inZone2 = { nodeSelector: { [ZONE]: '2' } };
  const ofAll = { ...spread[0]!, nodeAffinityPolicy: 'Ignore' };

  it.each([
    { name: 'apart from others, when one comes', given: [pod('p', { affinity: notNear })], come: (zone: string) => [added(db('x', zone))], again: ['p'] },
    { name: 'apart from others, when one comes elsewhere', given: [pod('p', { affinity: notNear, ...inZone2 })], come: () => [added(db('x', 'a'))], again: [] },
    { name: 'apart from others, when one ends', given: [db('x', 'a'), pod('p', { affinity: notNear })], come: () => [deleted(podKey('x'))], again: [] },
    {
      name: 'as any, when one comes that keeps it away',
      given: [pod('p', { labels: { app: 'db' } })],
      come: (on: string) => [added(pod('x', { nodeName: on, affinity: notNear }))],
      again: ['p'],
    },
    {
      name: 'as any, when one comes that keeps others away',
      given: [pod('p')],
      come: (on: string) => [added(pod('x', { nodeName: on === 'a' ? 'b' : 'a', affinity: notNear }))],
      again: [],
    },
    { name: 'near another, when that goes', given: [db('x', 'a'), pod('p', { affinity: near })], come: () => [deleted(podKey('x'))], again: ['p'] },
    {
      name: 'near another, when that reports',
      given: [db('x', 'a'), pod('p', { affinity: near })],
      come: () => [patched(podKey('x'), { status: { message: 'well' } })],
      again: [],
    },
    {
      name: 'near another, when one comes',
      given: [db('x', 'a'), pod('p', { affinity: near, nodeSelector: { 'kubernetes.io/hostname': 'b' } })],
      come: () => [added(db('y', 'c'))],
      again: [],
    },
    {
      name: 'as the first of its kind, when there is another',
      given: [pod('p', { labels: { app: 'db' }, affinity: near, ...inZone2 })],
      come: () => [added(db('x', 'a'))],
      again: ['p'],
    },
    {
      name: 'evenly, when one more comes there',
      given: [pod('p', { topologySpreadConstraints: [ofAll], ...inZone2 })],
      come: () => [added(pod('x', { nodeName: 'c' }))],
      again: ['p'],
    },
    {
      name: 'evenly, when one more comes elsewhere',
      given: [pod('p', { topologySpreadConstraints: [ofAll], ...inZone2 })],
      come: () => [added(pod('x', { nodeName: 'a' }))],
      again: [],
    },
    {
      name: 'evenly, when one less is elsewhere',
      given: [pod('x', { nodeName: 'a' }), pod('p', { topologySpreadConstraints: [ofAll], ...inZone2 })],
      come: () => [deleted(podKey('x'))],
      again: ['p'],
    },
  ])('$name: $again.length decided again', async ({ given, come, again }) => {
    const result = await overtaken([...zones, ...given], (placed) => come(placed.get('p')!));
    expect(result.first.size).toBe(1);
    // One that cannot be placed any more is decided too: it is told why.
    const retold = result.cluster.passes
      .slice(1)
      .flat()
      .flatMap((mutation) =>
        mutation.type === 'bind' ? [mutation.name] : mutation.type === 'update' && mutation.resource === 'pods' ? [mutation.object.metadata.name] : [],
      );
    expect(retold).toEqual(again);
  });
});

describe('a pod with a volume of which a node takes only so many', () => {
  const NODES = numbered(20, 'node');
  const bound = (name: string): [PersistentVolumeClaim, PersistentVolume] => [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default', uid: `uid-${name}`, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      spec: { storageClassName: '', volumeName: `v-${name}`, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `v-${name}` },
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, csi: { driver: 'disks.example', volumeHandle: name } },
    },
  ];
  const csiNode = (name: string): CSINode => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name },
    spec: { drivers: [{ name: 'disks.example', nodeID: name, allocatable: { count: 2 } }] },
  });
  const using = (claim: string, name: string, more: object = {}) =>
    pod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }], ...more });
  const given = [
    ...NODES.flatMap((name) => [node(name), csiNode(name)]),
    ...bound('c'),
    ...bound('o'),
    ...NODES.map((name) => pod(`on-${name}`, { nodeName: name })),
    using('c', 'p'),
  ];
  const fewer = (name: string) =>
    patched(`csinodes.storage.k8s.io//${name}`, { spec: { drivers: [{ name: 'disks.example', nodeID: name, allocatable: { count: 1 } }] } });
  const elsewhere = (on: string) => NODES.find((name) => name !== on)!;
  it.each([
    { name: 'when its node takes fewer', come: (on: string) => [fewer(on)], again: ['p'] },
    { name: 'when all other nodes take fewer', come: (on: string) => NODES.filter((name) => name !== on).map(fewer), again: [] },
    { name: 'when a pod with a volume comes there', come: (on: string) => [added(using('o', 'x', { nodeName: on }))], again: ['p'] },
    { name: 'when a pod with a volume comes elsewhere', come: (on: string) => [added(using('o', 'x', { nodeName: elsewhere(on) }))], again: [] },
    { name: 'when a pod there reports', come: (on: string) => [patched(podKey(`on-${on}`), { status: { message: 'well' } })], again: [] },
    { name: 'when its claim is changed', come: () => [patched('persistentvolumeclaims/default/c', { metadata: { labels: { a: 'b' } } })], again: ['p'] },
  ])('$name: $again.length decided again', async ({ come, again }) => {
    const result = await overtaken(given, (placed) => come(placed.get('p')!));
    expect(result.first.size).toBe(1);
    expect(result.again).toEqual(again);
  });
});

it('what was reserved for a pod that has gone is reserved anew for the next that needs it', async () => {
  const storageClass: StorageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'late' },
    provisioner: 'a.b/c',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'shared', namespace: 'default' },
    spec: { storageClassName: 'late', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  };
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'shared' } }];
  const objects = [node('a'), node('b'), storageClass, claim, pod('p', { priority: 9, volumes }), pod('q', { volumes })];
  const { cluster, first, again, places } = await overtaken(objects, () => [deleted(podKey('p'))]);
  expect([...first.keys()]).toEqual(['p', 'q']);
  expect(again).toEqual(['q']);
  expect(cluster.get(claim).metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': places.get('q') });
});
