import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { schedulerReconciler } from '../../scheduler/scheduler.ts';
import type { DeviceClass, Pod, ResourceResourceClaim as ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../schema/generated/kinds.ts';
import { Cluster } from '../../testing/cluster.ts';
import { end } from '../../testing/kubelet.ts';
import { namespace, node, type PodOptions, pod } from '../../testing/objects.ts';
import { controllersReconciler, controllersWith } from '../registry.ts';
import { baseName } from './pod-claims.ts';

const request = { name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } };
const template: ResourceClaimTemplate = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  metadata: { name: 't', namespace: 'default' },
  spec: { metadata: { labels: { of: 'template' }, annotations: { a: 'b' } }, spec: { devices: { requests: [request] } } },
};
const claim: ResourceClaim = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name: 'c', namespace: 'default' },
  spec: { devices: { requests: [request] } },
};
const gpu: DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} };
const devices: ResourceSlice = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: 's' },
  spec: { driver: 'gpu.example', nodeName: 'a', pool: { name: 'a', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'g0' }] },
};
const templated = (name = 'p', more: PodOptions = {}) => pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }], ...more });
const sharing = (name: string, more: PodOptions = {}) => pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }], ...more });

/** With a scheduler, and a node. */
async function setUp(...objects: KubeObject[]): Promise<Cluster> {
  const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 })), schedulerReconciler()];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), node('a')] });
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  return cluster;
}

const claims = (cluster: Cluster): readonly ResourceClaim[] => cluster.list('resourceclaims.resource.k8s.io');
const statuses = (cluster: Cluster, given: Pod) => cluster.get(given).status!.resourceClaimStatuses;
const users = ({ status }: ResourceClaim) => status?.reservedFor?.map(({ name }) => name);

describe('a pod', () => {
  it('gets a claim of its own from a template, and a device of it', async () => {
    const cluster = await setUp(gpu, devices, template, templated());
    const [made, ...others] = claims(cluster);
    expect(others).toEqual([]);
    expect(made).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^p-gpu-[a-z0-9]{5}$/),
        labels: { of: 'template' },
        annotations: { a: 'b', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', controller: true }],
      },
      spec: { devices: { requests: [request] } },
      status: { reservedFor: [{ resource: 'pods', name: 'p' }] },
    });
    expect(statuses(cluster, templated())).toEqual([{ name: 'gpu', resourceClaimName: made!.metadata.name }]);
    expect(cluster.pod('p')!.spec!.nodeName).toBe('a');
  });

  it('waits for the template, and is told so', async () => {
    const cluster = await setUp(gpu, devices, templated());
    expect(cluster.messages(templated())).toEqual([
      'FailedResourceClaimCreation: PodResourceClaim gpu: resource claim template "t": resourceclaimtemplate.resource.k8s.io "t" not found',
    ]);
    await cluster.create(template);
    await cluster.settle();
    expect(cluster.pod('p')!.spec!.nodeName).toBe('a');
  });

  it('gets its claim again when that is deleted before it has a node', async () => {
    const cluster = await setUp(template, templated());
    const [first] = claims(cluster);
    await cluster.delete(first!);
    await cluster.settle();
    const [second, ...others] = claims(cluster);
    expect(others).toEqual([]);
    expect(second!.metadata.uid).not.toBe(first!.metadata.uid);
    expect(statuses(cluster, templated())).toEqual([{ name: 'gpu', resourceClaimName: second!.metadata.name }]);
  });

  it('that is placed by others is written into a claim that has devices', async () => {
    const cluster = await setUp(gpu, devices, claim, sharing('p'), sharing('q', { nodeName: 'a' }));
    expect(users(cluster.get(claim))!.sort()).toEqual(['p', 'q']);
  });
});

describe('a claim', () => {
  it('gives its devices back when its last pod has ended, and another pod gets them', async () => {
    const cluster = await setUp(gpu, devices, claim, sharing('p'), sharing('q'), template, templated('w'));
    expect([users(cluster.get(claim)), cluster.pod('w')!.spec!.nodeName]).toEqual([['p', 'q'], undefined]);
    await end(cluster, 'Succeeded', [cluster.pod('p')!]);
    await cluster.settle();
    expect(users(cluster.get(claim))).toEqual(['q']);
    await cluster.remove(cluster.pod('q')!);
    await cluster.settle();
    const { metadata, status } = cluster.get(claim);
    expect([metadata.finalizers, status?.allocation, users(cluster.get(claim))]).toEqual([undefined, undefined, undefined]);
    expect(cluster.pod('w')!.spec!.nodeName).toBe('a');
  });

  it('that was made for a pod goes when the pod has ended', async () => {
    const cluster = await setUp(gpu, devices, template, templated());
    await end(cluster, 'Failed', [cluster.pod('p')!]);
    await cluster.settle();
    expect(claims(cluster)).toEqual([]);
  });

  it('that is deleted stays as long as a pod uses it', async () => {
    const cluster = await setUp(gpu, devices, claim, sharing('p'));
    await cluster.delete(claim);
    await cluster.settle();
    expect(cluster.get(claim).metadata.deletionTimestamp).toBeDefined();
    await cluster.remove(cluster.pod('p')!);
    await cluster.settle();
    expect(claims(cluster)).toEqual([]);
  });
});

it.each([
  { pod: 'p', claim: 'gpu', want: 'p-gpu-' },
  { pod: 'a'.repeat(60), claim: 'gpu', want: `${'a'.repeat(52)}-gp` },
  { pod: 'a'.repeat(40), claim: 'b'.repeat(40), want: `${'a'.repeat(27)}-${'b'.repeat(27)}` },
])('The name of a claim tells of both: $want', ({ pod, claim, want }) => {
  expect(baseName(pod, claim)).toBe(want);
});
