import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Container, DeviceClass, Pod, ResourceSlice } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { ago, node, type PodOptions, pod } from '../../testing/objects.ts';
import { places, scheduled, unscheduled } from '../../testing/scheduling.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';

const GPU = 'example.com/gpu';
const CLAIMS = 'resourceclaims.resource.k8s.io';

const gpu = (name = 'gpu', metadata: object = {}): DeviceClass => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name, ...metadata },
  spec: { extendedResourceName: GPU, selectors: [{ cel: { expression: "device.driver == 'gpu.example'" } }] },
});
const slice = (nodeName: string, ...devices: string[]): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: nodeName },
  spec: {
    driver: 'gpu.example',
    nodeName,
    pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
    devices: devices.map((name) => ({ name })),
  },
});
const asking = (amount: string, name = 'p', more: PodOptions = {}) => pod(name, { requests: { [GPU]: amount }, ...more });

/** What a pod got: `container-0-request-0: a/g0`. */
function devicesOf(cluster: Cluster, name = 'p'): string[] {
  const claimName = cluster.pod(name)!.status?.extendedResourceClaimStatus?.resourceClaimName;
  const claim = claimName === undefined ? undefined : cluster.state.get(CLAIMS, 'default', claimName);
  return (claim?.status?.allocation?.devices?.results ?? []).map(({ request, pool, device }) => `${request}: ${pool}/${device}`);
}
const asked = (cluster: Cluster) =>
  cluster.list(CLAIMS).flatMap(({ spec }) => spec.devices!.requests!.map(({ name, exactly }) => `${name}: ${exactly!.count} ${exactly!.deviceClassName}`));
const mappings = (cluster: Cluster) =>
  cluster.pod('p')!.status!.extendedResourceClaimStatus!.requestMappings.map(({ containerName, requestName }) => `${containerName}: ${requestName}`);

describe('an extended resource that a class stands for', () => {
  it('is had by a claim that is made for the pod, where its node has none of its own', async () => {
    const cluster = await scheduled(node('a'), gpu(), slice('a', 'g0', 'g1', 'g2'), asking('2'));
    expect([places(cluster), devicesOf(cluster)]).toEqual([['p@a'], ['container-0-request-0: a/g0', 'container-0-request-0: a/g1']]);
    const [claim] = cluster.list(CLAIMS);
    const { name, uid } = cluster.pod('p')!.metadata;
    expect(claim).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^p-extended-resources-[a-z0-9]{5}$/),
        generateName: 'p-extended-resources-',
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        finalizers: ['resource.kubernetes.io/delete-protection'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
      },
      spec: { devices: { requests: [{ name: 'container-0-request-0', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } }] } },
      status: { reservedFor: [{ resource: 'pods', name, uid }] },
    });
    expect(cluster.pod('p')!.status!.extendedResourceClaimStatus).toEqual({
      resourceClaimName: claim!.metadata.name,
      requestMappings: [{ containerName: 'main', resourceName: GPU, requestName: 'container-0-request-0' }],
    });
  });

  it('is the node’s own where it has some', async () => {
    const cluster = await scheduled(node('a', { allocatable: { [GPU]: '1' } }), gpu(), slice('a', 'g0'), asking('1'), asking('1', 'q'));
    expect(places(cluster)).toEqual([
      'p@a',
      'q: 0/1 nodes are available: 1 Insufficient example.com/gpu. still not schedulable, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    ]);
    expect(cluster.list(CLAIMS)).toEqual([]);
  });

  it('goes by the name of its class, too', async () => {
    const requests = { 'deviceclass.resource.kubernetes.io/gpu': '1' };
    const cluster = await scheduled(node('a'), gpu(), slice('a', 'g0'), pod('p', { requests }));
    expect(devicesOf(cluster)).toEqual(['container-0-request-0: a/g0']);
  });

  it.each([
    { name: 'the newest', classes: [gpu('new', { creationTimestamp: ago(10) }), gpu('old', { creationTimestamp: ago(20) })], want: 'new' },
    { name: 'the first by name of two as new', classes: [gpu('b', { creationTimestamp: ago(10) }), gpu('a', { creationTimestamp: ago(10) })], want: 'a' },
  ])('is of the class that is $name', async ({ classes, want }) => {
    expect(asked(await scheduled(node('a'), ...classes, slice('a', 'g0'), asking('1')))).toEqual([`container-0-request-0: 1 ${want}`]);
  });

  it('is no device twice, also of pods in one pass', async () => {
    const cluster = await scheduled(node('a'), node('b'), gpu(), slice('a', 'g0'), slice('b', 'g1'), asking('1'), asking('1', 'q'), asking('1', 'r'));
    expect([...devicesOf(cluster, 'p'), ...devicesOf(cluster, 'q')].sort()).toEqual(['container-0-request-0: a/g0', 'container-0-request-0: b/g1']);
    expect(places(cluster)[2]).toBe(
      'r: 0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    );
  });

  it.each([
    { name: 'devices come', given: [gpu()], change: (cluster: Cluster) => cluster.create(slice('a', 'g0')) },
    { name: 'its class comes', given: [slice('a', 'g0')], change: (cluster: Cluster) => cluster.create(gpu()) },
    {
      name: 'a node with devices comes',
      given: [gpu(), slice('b', 'g0')],
      change: (cluster: Cluster) => cluster.put(node('b')),
    },
  ])('is looked for again when $name', async ({ given, change }) => {
    const cluster = await scheduled(node('a'), ...(given as KubeObject[]), asking('1'));
    expect(cluster.pod('p')!.spec!.nodeName).toBeUndefined();
    await change(cluster);
    await cluster.settle();
    expect(devicesOf(cluster)).toHaveLength(1);
  });

  it('is claimed anew when a claim for it is left over', async () => {
    const cluster = await unscheduled(node('a'), gpu(), slice('a', 'g0'), asking('1'));
    const { name, uid } = cluster.pod('p')!.metadata;
    await cluster.put({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: {
        name: 'left-over',
        namespace: 'default',
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        finalizers: ['resource.kubernetes.io/delete-protection'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid: uid!, controller: true }],
      },
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } }] } },
    } as KubeObject);
    await cluster.settle();
    expect([places(cluster), cluster.list(CLAIMS).map(({ metadata }) => metadata.generateName)]).toEqual([['p@a'], ['p-extended-resources-']]);
  });
});

describe('containers that request an extended resource', () => {
  const container = (name: string, amount?: number, more: Partial<Container> = {}): Container => {
    const amounts = { ...(amount !== undefined && { [GPU]: String(amount) }), cpu: '1m' };
    return { name, image: 'i', resources: { requests: amounts, limits: amounts }, ...more };
  };
  const sidecar = (name: string, amount: number) => container(name, amount, { restartPolicy: 'Always' });
  const made = (initContainers: Container[], containers: Container[]): Promise<Cluster> => {
    const devices = Array.from({ length: 16 }, (_, i) => `g${i}`);
    const { spec, ...rest } = pod('p');
    return scheduled(node('a'), gpu(), slice('a', ...devices), { ...rest, spec: { ...spec, initContainers, containers } } as Pod);
  };

  it.each([
    {
      name: 'have a request each',
      init: [],
      main: [container('x', 2), container('y'), container('z', 1)],
      requests: ['container-0-request-1: 2 gpu', 'container-2-request-1: 1 gpu'],
      mapped: ['x: container-0-request-1', 'z: container-2-request-1'],
    },
    {
      name: 'use what later ones have to initialize the pod',
      init: [container('i', 2)],
      main: [container('x', 1), container('y', 2)],
      requests: ['container-1-request-1: 1 gpu', 'container-2-request-1: 2 gpu'],
      mapped: ['x: container-1-request-1', 'y: container-2-request-1', 'i: container-1-request-1', 'i: container-2-request-1'],
    },
    {
      name: 'share what they need beyond that to initialize it',
      init: [container('i', 3), container('j', 5)],
      main: [container('x', 1)],
      requests: ['container-1-request-1: 4 gpu', 'container-2-request-1: 1 gpu'],
      mapped: ['x: container-2-request-1', 'i: container-2-request-1', 'i: container-1-request-1', 'j: container-2-request-1', 'j: container-1-request-1'],
    },
    {
      name: 'leave a sidecar what it has',
      init: [sidecar('s', 1), container('i', 2)],
      main: [container('x', 1)],
      requests: ['container-0-request-1: 1 gpu', 'container-1-request-1: 1 gpu', 'container-2-request-1: 1 gpu'],
      mapped: ['s: container-0-request-1', 'x: container-2-request-1', 'i: container-2-request-1', 'i: container-1-request-1'],
    },
  ])('$name', async ({ init, main, requests, mapped }) => {
    const cluster = await made(init, main);
    expect([asked(cluster), mappings(cluster)]).toEqual([requests, mapped]);
  });
});

it('A pod with such a claim runs, and gives its devices back when it has ended', async () => {
  const cluster = await wholeCluster([gpu(), slice('node-1', 'g0')]);
  const one = { [GPU]: '1' };
  const task = (name: string) => pod(name, { restartPolicy: 'Never', container: { command: ['sleep', '10'], resources: { requests: one, limits: one } } });
  await cluster.create(task('p'));
  await cluster.settle();
  await cluster.create(task('q'));
  await cluster.settle();
  expect(['p', 'q'].map((name) => cluster.pod(name)!.status!.phase)).toEqual(['Running', 'Pending']);
  await cluster.runUntil(cluster.now + 15_000);
  expect(['p', 'q'].map((name) => cluster.pod(name)!.status!.phase)).toEqual(['Succeeded', 'Running']);
  expect(cluster.list(CLAIMS).map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/^q-extended-resources-/)]);
  const { offset } = cluster.state;
  cluster.restart();
  await cluster.settle();
  expect(cluster.state.offset).toBe(offset);
});
