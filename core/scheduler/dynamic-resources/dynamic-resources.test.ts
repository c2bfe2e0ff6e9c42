import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type {
  DeviceClaim,
  DeviceClass,
  Device as DeviceOfSlice,
  ResourceResourceClaim as ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { node, type PodOptions, pod } from '../../testing/objects.ts';
import { places, scheduled, schedulingEvents } from '../../testing/scheduling.ts';

const deviceClass = (name: string, expression?: string, more: object = {}): DeviceClass => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name },
  spec: { ...(expression && { selectors: [{ cel: { expression } }] }), ...more },
});
const slice = (name: string, devices: DeviceOfSlice[], more: Partial<ResourceSliceSpec> = {}): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name },
  spec: { driver: 'gpu.example', nodeName: name, pool: { name, generation: 1, resourceSliceCount: 1 }, devices, ...more },
});
const claim = (name: string, devices: DeviceClaim, status?: object): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default' },
  spec: { devices },
  ...(status && { status }),
});
const asking = (more: object = {}): DeviceClaim => ({
  requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...more } }],
});
const using = (claimName: string, name = 'p', more: PodOptions = {}) => pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimName: claimName }], ...more });
const gpus = (...names: string[]): DeviceOfSlice[] => names.map((name) => ({ name }));
const model = (name: string, value: string, more: Partial<DeviceOfSlice> = {}): DeviceOfSlice => ({ name, attributes: { model: { string: value } }, ...more });
const gpu = deviceClass('gpu', "device.driver == 'gpu.example'");
const allocated = (device: string, more: object = {}) => ({
  allocation: { devices: { results: [{ request: 'r', driver: 'gpu.example', pool: 'a', device, ...more }] } },
});

/** The devices of a claim: `r: a/gpu-0`. */
const devicesOf = (cluster: Cluster, name = 'c'): string[] =>
  (cluster.state.get('resourceclaims.resource.k8s.io', 'default', name)!.status?.allocation?.devices?.results ?? []).map(
    ({ request, pool, device }) => `${request}: ${pool}/${device}`,
  );

const selecting = (expression: string, more: object = {}) => asking({ selectors: [{ cel: { expression } }], ...more });

describe('a claim gets', () => {
  it.each<{ name: string; given: KubeObject[]; want: string[] }>([
    { name: 'a device', given: [slice('a', gpus('g0', 'g1')), claim('c', asking())], want: ['r: a/g0'] },
    { name: 'several', given: [slice('a', gpus('g0', 'g1', 'g2')), claim('c', asking({ count: 2 }))], want: ['r: a/g0', 'r: a/g1'] },
    { name: 'all', given: [slice('a', gpus('g0', 'g1')), claim('c', asking({ allocationMode: 'All', count: undefined }))], want: ['r: a/g0', 'r: a/g1'] },
    {
      name: 'none that another one has',
      given: [slice('a', gpus('g0', 'g1')), claim('o', asking(), allocated('g0')), claim('c', asking())],
      want: ['r: a/g1'],
    },
    {
      name: 'one that another one watches',
      given: [slice('a', gpus('g0')), claim('o', asking(), allocated('g0', { adminAccess: true })), claim('c', asking())],
      want: ['r: a/g0'],
    },
    {
      name: 'with admin access, one that another one has',
      given: [slice('a', gpus('g0')), claim('o', asking(), allocated('g0')), claim('c', asking({ adminAccess: true }))],
      want: ['r: a/g0'],
    },
    {
      name: 'one that its selector selects',
      given: [slice('a', [model('g0', 'small'), model('g1', 'large')]), claim('c', selecting("device.attributes['gpu.example'].model == 'large'"))],
      want: ['r: a/g1'],
    },
    {
      name: 'one that is large enough',
      given: [
        slice('a', [
          { name: 'g0', capacity: { memory: { value: '8Gi' } } },
          { name: 'g1', capacity: { memory: { value: '80Gi' } } },
        ]),
        claim('c', selecting("device.capacity['gpu.example'].memory.isGreaterThan(quantity('10Gi'))")),
      ],
      want: ['r: a/g1'],
    },
    {
      name: 'one of a version',
      given: [
        slice('a', [
          { name: 'g0', attributes: { v: { version: '1.2.3' } } },
          { name: 'g1', attributes: { v: { version: '2.0.0' } } },
        ]),
        claim('c', selecting("device.attributes['gpu.example'].v.isGreaterThan(semver('1.9.0'))")),
      ],
      want: ['r: a/g1'],
    },
    {
      name: 'nothing of a domain that devices have nothing of, where it only looks',
      given: [slice('a', gpus('g0')), claim('c', selecting("!('x' in device.attributes['other.example'])"))],
      want: ['r: a/g0'],
    },
    {
      name: 'the first alternative that there is',
      given: [
        slice('a', [model('g0', 'small'), model('g1', 'small')]),
        claim('c', {
          requests: [
            {
              name: 'r',
              firstAvailable: [
                {
                  name: 'large',
                  deviceClassName: 'gpu',
                  allocationMode: 'ExactCount',
                  count: 1,
                  selectors: [{ cel: { expression: "device.attributes['gpu.example'].model == 'large'" } }],
                },
                { name: 'small', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 },
              ],
            },
          ],
        }),
      ],
      want: ['r/small: a/g0', 'r/small: a/g1'],
    },
    {
      name: 'devices that have something in common',
      given: [
        slice('a', [model('g0', 'x'), model('g1', 'y'), model('g2', 'y')]),
        claim('c', { ...asking({ count: 2 }), constraints: [{ matchAttribute: 'gpu.example/model' }] }),
      ],
      want: ['r: a/g1', 'r: a/g2'],
    },
    {
      name: 'devices that differ',
      given: [
        slice('a', [model('g0', 'x'), model('g1', 'x'), model('g2', 'y')]),
        claim('c', { ...asking({ count: 2 }), constraints: [{ distinctAttribute: 'gpu.example/model' }] }),
      ],
      want: ['r: a/g0', 'r: a/g2'],
    },
    {
      name: 'none with a taint',
      given: [slice('a', [{ name: 'g0', taints: [{ key: 'broken', effect: 'NoSchedule' }] }, { name: 'g1' }]), claim('c', asking())],
      want: ['r: a/g1'],
    },
    {
      name: 'one with a taint that it tolerates',
      given: [
        slice('a', [{ name: 'g0', taints: [{ key: 'broken', effect: 'NoExecute', value: 'yes' }] }]),
        claim('c', asking({ tolerations: [{ key: 'broken', operator: 'Exists' }] })),
      ],
      want: ['r: a/g0'],
    },
    {
      name: 'one of the counters of which enough is left',
      given: [
        slice('counters', [], {
          nodeName: undefined,
          allNodes: true,
          pool: { name: 'a', generation: 1, resourceSliceCount: 2 },
          devices: undefined,
          sharedCounters: [{ name: 's', counters: { memory: { value: '40Gi' } } }],
        }),
        slice(
          'a',
          ['g0', 'g1', 'g2'].map((name, i) => ({ name, consumesCounters: [{ counterSet: 's', counters: { memory: { value: `${[30, 20, 10][i]}Gi` } } }] })),
          { pool: { name: 'a', generation: 1, resourceSliceCount: 2 } },
        ),
        claim('o', asking(), allocated('g0')),
        claim('c', asking()),
      ],
      want: ['r: a/g2'],
    },
    {
      name: 'a share of a device, of which enough is left',
      given: [
        slice('a', [
          { name: 'g0', allowMultipleAllocations: true, capacity: { memory: { value: '40Gi' } } },
          { name: 'g1', allowMultipleAllocations: true, capacity: { memory: { value: '40Gi' } } },
        ]),
        claim('o', asking(), allocated('g0', { shareID: '11111111-1111-4111-8111-111111111111', consumedCapacity: { memory: '30Gi' } })),
        claim('c', asking({ capacity: { requests: { memory: '20Gi' } } })),
      ],
      want: ['r: a/g1'],
    },
    {
      name: 'devices of the newest generation of a pool',
      given: [
        slice('a', gpus('old')),
        slice('b', gpus('new'), { nodeName: 'a', pool: { name: 'a', generation: 2, resourceSliceCount: 1 } }),
        claim('c', asking()),
      ],
      want: ['r: a/new'],
    },
    {
      name: 'devices of all nodes',
      given: [slice('net', gpus('n0'), { nodeName: undefined, allNodes: true }), claim('c', asking())],
      want: ['r: net/n0'],
    },
  ])('$name', async ({ given, want }) => {
    const cluster = await scheduled(node('a'), gpu, ...given, using('c'));
    expect([devicesOf(cluster), places(cluster)]).toEqual([want, ['p@a']]);
  });
});

describe('a pod does not get a node', () => {
  const NOT_HELPFUL = 'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  it.each<{ name: string; given: KubeObject[]; want: string }>([
    {
      name: 'when there are too few devices',
      given: [gpu, slice('a', gpus('g0')), claim('c', asking({ count: 2 }))],
      want: `0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, ${NOT_HELPFUL}`,
    },
    {
      name: 'when a class does not exist',
      given: [claim('c', asking())],
      want: `0/1 nodes are available: request r: device class gpu does not exist. no new claims to deallocate, ${NOT_HELPFUL}`,
    },
    {
      name: 'when its claim has devices elsewhere, which another pod uses',
      given: [
        gpu,
        claim('c', asking(), {
          allocation: {
            devices: { results: [] },
            nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }] },
          },
          reservedFor: [{ resource: 'pods', name: 'o', uid: 'u-o' }],
        }),
      ],
      want: `0/1 nodes are available: 1 resourceclaim not available on the node. still not schedulable, ${NOT_HELPFUL}`,
    },
    {
      name: 'when as many pods have its claim as may',
      given: [
        gpu,
        slice('a', gpus('g0')),
        claim('c', asking(), { ...allocated('g0'), reservedFor: Array.from({ length: 256 }, (_, i) => ({ resource: 'pods', name: `o-${i}`, uid: `u-${i}` })) }),
      ],
      want: `0/1 nodes are available: resourceclaim in use. no new claims to deallocate, ${NOT_HELPFUL}`,
    },
    {
      name: 'while a pool is being published',
      given: [gpu, slice('a', gpus('g0'), { pool: { name: 'a', generation: 1, resourceSliceCount: 2 } }), claim('c', asking())],
      want: `0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, ${NOT_HELPFUL}`,
    },
    {
      name: 'when a selector goes wrong',
      given: [gpu, slice('a', gpus('g0')), claim('c', selecting("device.attributes['gpu.example'].model == 'x'"))],
      want: 'running "DynamicResources" filter plugin: claim default/c: selector #0: CEL runtime error: no such key: model',
    },
    {
      name: 'when all devices of a pool are asked for that is being published',
      given: [
        gpu,
        slice('a', gpus('g0'), { pool: { name: 'a', generation: 1, resourceSliceCount: 2 } }),
        claim('c', asking({ allocationMode: 'All', count: undefined })),
      ],
      want: 'running "DynamicResources" filter plugin: claim default/c, request r: asks for all devices, but resource pool gpu.example/a is currently being updated',
    },
  ])('$name', async ({ given, want }) => {
    const cluster = await scheduled(node('a'), ...given, using('c'));
    expect(places(cluster)).toEqual([`p: ${want}`]);
    expect(schedulingEvents(cluster)).toEqual([`Warning FailedScheduling x1 ${want}`]);
    expect(cluster.pod('p')!.status!.conditions).toMatchObject([{ reason: want.startsWith('running') ? 'SchedulerError' : 'Unschedulable' }]);
  });

  it.each([
    { name: 'its claim is not there', given: [] },
    { name: 'its claim is to be made', given: [claim('c', asking())], more: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] } },
    {
      name: 'its claim was made for another',
      given: [claim('c', asking())],
      more: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }], status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] } },
    },
  ])('and nothing is told of it, when $name', async ({ given, more = {} }) => {
    const cluster = await scheduled(node('a'), gpu, slice('a', gpus('g0')), ...given, using('c', 'p', more));
    expect([places(cluster), cluster.mutations]).toEqual([['p: not looked at'], []]);
  });
});

describe('a pod', () => {
  it('goes where the devices are, and is written into its claim together with its binding', async () => {
    const cluster = await scheduled(node('a'), node('b'), gpu, slice('b', gpus('g0')), claim('c', asking()), using('c'));
    expect(places(cluster)).toEqual(['p@b']);
    expect(cluster.mutations.map(({ type, resource }) => `${type} ${resource}`)).toEqual([
      'update resourceclaims.resource.k8s.io',
      'update resourceclaims.resource.k8s.io',
      'bind pods',
      'create events',
    ]);
    expect(cluster.get(claim('c', {}))).toMatchObject({
      metadata: { finalizers: ['resource.kubernetes.io/delete-protection'] },
      status: {
        allocation: {
          devices: { results: [{ request: 'r', driver: 'gpu.example', pool: 'b', device: 'g0' }] },
          nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }] },
        },
        reservedFor: [{ resource: 'pods', name: 'p', uid: 'uid-p' }],
      },
    });
  });

  it('shares a claim with another one, and no device with another claim, also in one pass', async () => {
    const cluster = await scheduled(
      ...[node('a'), gpu, slice('a', gpus('g0', 'g1')), claim('c', asking()), claim('d', asking()), claim('e', asking())],
      ...[using('c', 'p'), using('c', 'q'), using('d', 'r'), using('e', 's')],
    );
    expect(cluster.get(claim('c', {})).status!.reservedFor!.map(({ name }) => name)).toEqual(['p', 'q']);
    expect([devicesOf(cluster, 'c'), devicesOf(cluster, 'd'), devicesOf(cluster, 'e')]).toEqual([['r: a/g0'], ['r: a/g1'], []]);
    expect(places(cluster).slice(0, 3)).toEqual(['p@a', 'q@a', 'r@a']);
  });

  it('gets other devices for a claim that nobody uses, when those cannot be had where it can go', async () => {
    const there = {
      allocation: {
        ...allocated('g0').allocation,
        nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }] },
      },
    };
    const cluster = await scheduled(
      node('a', { unschedulable: true }),
      node('b'),
      gpu,
      slice('a', gpus('g0')),
      slice('b', gpus('g1')),
      claim('c', asking(), there),
      using('c'),
    );
    expect([places(cluster), devicesOf(cluster)]).toEqual([['p@b'], ['r: b/g1']]);
  });

  it('prefers the node that has what is asked for first', async () => {
    const either: DeviceClaim = {
      requests: [
        {
          name: 'r',
          firstAvailable: ['large', 'small'].map((name) => ({
            name,
            deviceClassName: 'gpu',
            allocationMode: 'ExactCount',
            count: 1,
            selectors: [{ cel: { expression: `device.attributes['gpu.example'].model == '${name}'` } }],
          })),
        },
      ],
    };
    const cluster = await scheduled(
      node('a'),
      node('b'),
      gpu,
      slice('a', [model('g0', 'small')]),
      slice('b', [model('g1', 'large')]),
      claim('c', either),
      using('c'),
    );
    expect(places(cluster)).toEqual(['p@b']);
  });

  it.each([
    { name: 'devices come', change: (cluster: Cluster) => cluster.create(slice('a', gpus('g0'))), given: [gpu, claim('c', asking())] },
    { name: 'its claim comes', change: (cluster: Cluster) => cluster.create(claim('c', asking())), given: [gpu, slice('a', gpus('g0'))] },
    { name: 'its class comes', change: (cluster: Cluster) => cluster.create(gpu), given: [slice('a', gpus('g0')), claim('c', asking())] },
  ])('is looked at again when $name', async ({ given, change }) => {
    const cluster = await scheduled(node('a'), ...given, using('c'));
    expect(cluster.pod('p')!.spec!.nodeName).toBeUndefined();
    await change(cluster);
    await cluster.settle();
    expect(places(cluster)).toEqual(['p@a']);
  });
});
