import { expect, it } from 'vitest';
import { schedulerReconciler } from '../../scheduler/scheduler.ts';
import type { DeviceClass, DeviceTaint, DeviceToleration, ResourceResourceClaim as ResourceClaim, ResourceSlice } from '../../schema/generated/kinds.ts';
import { Cluster } from '../../testing/cluster.ts';
import { namespace, node, pod } from '../../testing/objects.ts';
import { controllersReconciler, controllersWith } from '../registry.ts';

const gpu: DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} };
const slice = (...taints: DeviceTaint[]): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: 's' },
  spec: {
    driver: 'gpu.example',
    nodeName: 'a',
    pool: { name: 'a', generation: 1, resourceSliceCount: 1 },
    devices: [{ name: 'g0', ...(taints.length > 0 && { taints }) }, { name: 'g1' }],
  },
});
const claim = (name: string, tolerations?: DeviceToleration[]): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default' },
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', ...(tolerations && { tolerations }) } }] } },
});
const sharing = (name: string, of = 'c') => pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimName: of }] });
const broken: DeviceTaint = { key: 'broken', effect: 'NoExecute' };

/** Two pods: the first device is p's, the second q's, by other claims. */
async function setUp(tolerations?: DeviceToleration[]): Promise<Cluster> {
  const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 })), schedulerReconciler()];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), node('a')] });
  for (const object of [gpu, slice(), claim('c', tolerations), claim('d'), sharing('p'), sharing('q', 'd')]) await cluster.create(object);
  await cluster.settle();
  return cluster;
}

async function taint(cluster: Cluster, ...taints: DeviceTaint[]): Promise<void> {
  await cluster.edit(slice(), (found) => {
    found.spec = slice(...taints).spec;
  });
  await cluster.settle();
}

const going = ({ pods }: Cluster) => pods.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
const told = (cluster: Cluster) =>
  cluster
    .list('events')
    .filter(({ reason }) => reason === 'DeviceTaintManagerEviction')
    .map(({ message, source, involvedObject }) => `${source!.component} ${involvedObject.name}: ${message}`);

it('A pod goes whose device gets a taint with the effect NoExecute, and no other', async () => {
  const cluster = await setUp();
  await taint(cluster, { key: 'slow', effect: 'NoSchedule' });
  expect(going(cluster)).toEqual([]);
  await taint(cluster, broken);
  expect(going(cluster)).toEqual(['p']);
  expect(told(cluster)).toEqual(['device-taint-eviction-controller p: Marking for deletion']);
  expect(cluster.pods[0]!.status!.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByDeviceTaintManager',
      message: 'Device Taint manager: deleting due to NoExecute taint',
    }),
  );
});

it.each<{ name: string; tolerations: DeviceToleration[]; want: string[] }>([
  { name: 'one for ever', tolerations: [{ operator: 'Exists', effect: 'NoExecute' }], want: [] },
  { name: 'one of the taint', tolerations: [{ key: 'broken', operator: 'Equal', effect: 'NoExecute' }], want: [] },
  { name: 'one of another value', tolerations: [{ key: 'broken', operator: 'Equal', value: 'x', effect: 'NoExecute' }], want: ['p'] },
  { name: 'one of another key', tolerations: [{ key: 'other', operator: 'Exists', effect: 'NoExecute' }], want: ['p'] },
  // Which is no toleration of NoExecute for this controller, though it is one for the scheduler.
  { name: 'one of every effect', tolerations: [{ operator: 'Exists' }], want: ['p'] },
])('What its claim tolerates keeps a pod there: $name', async ({ tolerations, want }) => {
  const cluster = await setUp(tolerations);
  await taint(cluster, broken);
  expect(going(cluster)).toEqual(want);
});

it('A pod goes when what its claim tolerates for a time has lasted for the shortest of such times', async () => {
  const cluster = await setUp([
    { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
    { key: 'broken', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
  ]);
  await taint(cluster, broken);
  await cluster.pass(29);
  expect(going(cluster)).toEqual([]);
  await cluster.pass(1);
  expect(going(cluster)).toEqual(['p']);
});

it('A pod stays whose device is not tainted any more before its time has come, and that is told', async () => {
  const cluster = await setUp([{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }]);
  await taint(cluster, broken);
  await taint(cluster);
  await cluster.pass(120);
  expect(going(cluster)).toEqual([]);
  expect(told(cluster)).toEqual(['device-taint-eviction-controller p: Cancelling deletion']);
});
