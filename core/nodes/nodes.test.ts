import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { Node } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { agentsOf, type BoundPodOptions, boundPod, eventLines, line, running, seen } from '../testing/node-agents.ts';
import { configMap } from '../testing/objects.ts';
import { nodeObjects } from './node-objects.ts';

const node = (name: string, spec: object = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: `uid-of-${name}` },
  spec: { providerID: `logplane:///by-hand/${name}`, ...spec },
});

const leases: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' } };

describe('the nodes of a new cluster', () => {
  const nodes = nodeObjects(4, START);

  it('are numbered and spread over zones', () => {
    expect(nodes.map(({ metadata: { name, labels }, spec }) => [name, labels!['topology.kubernetes.io/zone'], spec!.podCIDR, spec!.providerID])).toEqual([
      ['node-1', 'eu-west-1a', '10.244.1.0/24', 'logplane:///eu-west-1a/node-1'],
      ['node-2', 'eu-west-1b', '10.244.2.0/24', 'logplane:///eu-west-1b/node-2'],
      ['node-3', 'eu-west-1c', '10.244.3.0/24', 'logplane:///eu-west-1c/node-3'],
      ['node-4', 'eu-west-1a', '10.244.4.0/24', 'logplane:///eu-west-1a/node-4'],
    ]);
  });

  it('are Ready, and need no registration but that of their volumes', async () => {
    expect(nodes[0]!.status!.conditions!.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ]);
    const cluster = await running([], { nodes: 3 });
    expect(cluster.mutations.map(({ resource }) => resource)).toEqual(Array(3).fill('csinodes.storage.k8s.io'));
    expect(cluster.state.get('csinodes.storage.k8s.io', undefined, 'node-2')).toMatchObject({
      metadata: {
        annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': expect.stringMatching(/^kubernetes.io\/aws-ebs,.*,kubernetes.io\/vsphere-volume$/) },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-2', uid: cluster.state.get('nodes', undefined, 'node-2')!.metadata.uid }],
      },
      spec: {
        drivers: [
          { name: 'ebs.csi.aws.com', nodeID: 'node-2', topologyKeys: expect.arrayContaining(['topology.kubernetes.io/zone']), allocatable: { count: 25 } },
          { name: 'efs.csi.aws.com', nodeID: 'node-2' },
          { name: 'volumes.logplane.dev', nodeID: 'node-2' },
        ],
      },
    });
  });

  it('keep ranges and addresses that differ, however many they are', () => {
    const many = nodeObjects(1000, START);
    expect(new Set(many.map(({ spec }) => spec!.podCIDR)).size).toBe(1000);
    expect(new Set(many.map(({ status }) => status!.addresses![0]!.address)).size).toBe(1000);
    expect(many[999]!.spec!.podCIDR).toBe('10.247.232.0/24');
  });

  it('can be made larger or of another architecture', () => {
    const [large] = nodeObjects(1, START, {
      namePrefix: 'big-',
      architecture: 'amd64',
      capacity: { cpu: '64', 'example.com/gpu': '8' },
      allocatable: { cpu: '63' },
    });
    expect(large!.metadata.name).toBe('big-1');
    expect(large!.metadata.labels!['kubernetes.io/arch']).toBe('amd64');
    expect(large!.status!.capacity).toMatchObject({ cpu: '64', pods: '110', 'example.com/gpu': '8' });
    expect(large!.status!.allocatable).toMatchObject({ cpu: '63', pods: '110', 'example.com/gpu': '8' });
  });
});

it('Every Node declares what its agent can do, also one that was there before agents did', async () => {
  const features = [
    ...['ExtendWebSocketsToKubelet', 'InPlacePodLevelResourcesVerticalScaling'],
    ...['InPlacePodVerticalScalingInitContainers', 'RestartAllContainersOnContainerExits'],
  ];
  const [{ status, ...old }] = nodeObjects(1, START, { namePrefix: 'old-' }) as [Node];
  const { declaredFeatures: _, ...rest } = status!;
  const cluster = await running([node('extra'), { ...old, status: rest }]);
  for (const name of ['node-1', 'extra', 'old-1']) expect(cluster.get(node(name)).status!.declaredFeatures).toEqual(features);
});

describe('a Node that a user creates', () => {
  it('gets labels, addresses and status, and takes in the pods that were bound to it', async () => {
    const cluster = await running([boundPod({ nodeName: 'extra' })]);
    expect(line(cluster.pod('web')!.status)).toBe('Pending');
    await cluster.put(node('extra'));
    await cluster.settle();
    const extra = cluster.get(node('extra'));
    expect(extra.spec!.podCIDR).toBe('10.244.2.0/24');
    expect(extra.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'extra', 'kubernetes.io/os': 'linux' });
    expect(extra.status!.conditions!.at(-1)).toMatchObject({ type: 'Ready', status: 'True' });
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
    expect(cluster.pod('web')!.status).toMatchObject({ hostIP: '10.0.0.2', podIP: '10.244.2.2' });
  });

  it('keeps a range of its own, and an address that no other node has', async () => {
    const cluster = await running([node('a', { podCIDR: '192.168.7.0/24' }), node('b', { podCIDR: '192.168.8.0/24' })]);
    const address = (name: string) => cluster.get(node(name)).status!.addresses![0]!.address;
    expect([address('a'), address('b')]).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(cluster.get(node('a')).spec!.podCIDR).toBe('192.168.7.0/24');
  });

  it('keeps what it tells of its machine, and gets the rest', async () => {
    const brought = {
      ...node('big'),
      status: { capacity: { cpu: '64', 'example.com/gpu': '8' }, conditions: [{ type: 'NetworkUnavailable', status: 'False' }] },
    };
    const cluster = await running([leases, brought as Node], { nodes: 0 });
    const { capacity, conditions, nodeInfo } = cluster.state.get('nodes', undefined, 'big')!.status!;
    expect(capacity).toEqual({ cpu: '64', 'example.com/gpu': '8', 'ephemeral-storage': '83873772Ki', memory: '7971292Ki', pods: '110' });
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    expect(nodeInfo?.operatingSystem).toBe('linux');
  });

  it('is left alone when its provider is another', async () => {
    const other = node('other', { providerID: 'kind://x' });
    const cluster = await running([other, boundPod({ nodeName: 'other' })]);
    expect(cluster.state.get('csinodes.storage.k8s.io', undefined, 'other')).toBeUndefined();
    expect(cluster.mutations.map(({ resource }) => resource)).toEqual(['csinodes.storage.k8s.io']);
  });

  it('has one Lease, which is never renewed, and one CSINode', async () => {
    const cluster = await running([leases]);
    const lease = cluster.state.get('leases.coordination.k8s.io', 'kube-node-lease', 'node-1')!;
    expect(lease.spec).toMatchObject({ holderIdentity: 'node-1' });
    expect(lease.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1' }]);
    cluster.restart();
    await cluster.runUntil(START + 100_000 * 1000);
    expect(cluster.mutations.map(({ resource }) => resource).sort()).toEqual(['csinodes.storage.k8s.io', 'leases.coordination.k8s.io']);
  });
});

describe('a Node that is not Ready', () => {
  const condition = (status: string) => (object: Node) => {
    object.status!.conditions = object.status!.conditions!.map((each) => (each.type === 'Ready' ? { ...each, status } : each));
  };

  it('starts nothing and stops nothing until it is Ready again', async () => {
    const cluster = await running([boundPod({ name: 'old' })]);
    const [node1] = cluster.list('nodes');
    await cluster.edit(node1!, condition('Unknown'), 'status');
    await cluster.put(boundPod({ name: 'new' }));
    await cluster.delete(boundPod({ name: 'old' }));
    await cluster.runUntil(START + 100_000);
    expect(line(cluster.pod('new')!.status)).toBe('Pending');
    expect(cluster.pod('old')!.metadata.deletionTimestamp).toBeDefined();
    await cluster.edit(node1!, condition('True'), 'status');
    await cluster.settle();
    expect(line(cluster.pod('new')!.status)).toBe('Running main=running+ready');
    await cluster.pass(2);
    expect(cluster.pod('old')).toBeUndefined();
  });
});

describe('a Node that is deleted', () => {
  it('is not created again, and its pods are not looked at', async () => {
    const cluster = await running([boundPod()]);
    const before = cluster.mutations.length;
    await cluster.remove(node('node-1'));
    await cluster.delete(boundPod());
    cluster.restart();
    await cluster.runUntil(START + 100_000);
    expect(cluster.mutations.length).toBe(before);
  });
});

describe('admission to a node', () => {
  const requests = (cpu: string) => ({ resources: { requests: { cpu } } });
  const table: { name: string; given: BoundPodOptions; others?: BoundPodOptions[]; want: string; message?: string }[] = [
    { name: 'takes what fits', given: { container: requests('1') }, others: [{ name: 'a', container: requests('900m') }], want: 'Running main=running+ready' },
    {
      name: 'refuses what does not fit beside the others',
      given: { container: requests('1031m') },
      others: [{ name: 'a', container: requests('900m') }],
      want: 'Failed OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 1031, used: 900, capacity: 1930",
    },
    {
      name: 'does not count pods that have ended',
      given: { container: requests('1900m') },
      others: [{ name: 'a', container: requests('900m'), status: { phase: 'Succeeded', startTime: '2026-01-01T00:00:00Z' } }],
      want: 'Running main=running+ready',
    },
    {
      name: 'refuses one pod too many',
      given: {},
      others: Array.from({ length: 110 }, (_, i) => ({ name: `a-${i}` })),
      want: 'Failed OutOfpods',
      message: "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110",
    },
    {
      name: 'refuses a pod whose selector the node does not match',
      given: { nodeSelector: { disk: 'ssd' } },
      want: 'Failed NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
    {
      name: 'takes a pod whose affinity the node matches',
      given: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }] }],
            },
          },
        },
      },
      want: 'Running main=running+ready',
    },
    {
      name: 'refuses a host port that is taken',
      given: { container: { ports: [{ containerPort: 80, hostPort: 80 }] } },
      others: [{ name: 'a', container: { ports: [{ containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }] } }],
      want: 'Failed NodePorts',
      message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    },
    { name: 'refuses a pod for another system', given: { os: { name: 'windows' } }, want: 'Failed PodOSNotSupported' },
    {
      name: 'refuses a pod that is labelled for another system',
      given: { labels: { 'kubernetes.io/os': 'windows' } },
      want: 'Failed PodOSSelectorNodeLabelDoesNotMatch',
      message: "Pod was rejected: Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    },
  ];
  it.each(table)('$name', async ({ given, others = [], want, message }) => {
    const cluster = await running(others.map((other) => boundPod(other)));
    await cluster.put(boundPod(given));
    await cluster.settle();
    expect(line(cluster.pod('web')!.status)).toBe(want);
    if (message) {
      expect(cluster.pod('web')!.status!.message).toBe(message);
      const { reason } = cluster.pod('web')!.status!;
      expect(eventLines(cluster).at(-1)).toBe(`Warning ${reason} ${message.replace('Pod was rejected: ', '')}`);
    }
  });

  it('tells of a pod that is refused nothing but that', async () => {
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const gate = { type: 'example.com/gate', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const cluster = await running([boundPod({ os: { name: 'windows' }, status: { conditions: [scheduled, gate] } })]);
    expect(cluster.pod('web')!.status).toEqual({
      qosClass: 'BestEffort',
      observedGeneration: 1,
      startTime: '2026-01-01T00:00:00Z',
      conditions: [gate],
      phase: 'Failed',
      reason: 'PodOSNotSupported',
      message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
    });
  });

  it('refuses a pod that does not tolerate NoExecute', async () => {
    const [tainted] = nodeObjects(1, START, { namePrefix: 'tainted-' });
    const taints = [{ key: 'down', value: 'yes', effect: 'NoExecute' }];
    const on = { nodeName: 'tainted-1' };
    const tolerations = [{ key: 'down', operator: 'Exists' }];
    const cluster = await running([{ ...tainted!, spec: { ...tainted!.spec, taints } }, boundPod({ ...on }), boundPod({ name: 'ok', ...on, tolerations })]);
    expect([line(cluster.pod('web')!.status), line(cluster.pod('ok')!.status)]).toEqual(['Failed TaintToleration', 'Running main=running+ready']);
  });
});

describe('addresses of pods', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => boundPod({ name: `p-${i}` }));

  it('are all different, and used again when a pod has gone', async () => {
    const cluster = await running(names(20));
    const ips = () => new Set(names(20).flatMap(({ metadata }) => cluster.pod(metadata.name)?.status?.podIP ?? []));
    expect(ips().size).toBe(20);
    const free = cluster.pod('p-7')!.status!.podIP;
    await cluster.delete(boundPod({ name: 'p-7' }));
    await cluster.runUntil(START + 5_000);
    await cluster.put(boundPod({ name: 'next' }));
    await cluster.settle();
    expect(cluster.pod('next')!.status!.podIP).toBe(free);
    expect(ips().size).toBe(19);
  });

  it('are the node’s for pods in its network', async () => {
    expect((await running([boundPod({ hostNetwork: true })])).pod('web')!.status).toMatchObject({ podIP: '10.0.0.1', hostIP: '10.0.0.1' });
  });

  it('may run out: the pod waits, and is told why', async () => {
    const small = nodeObjects(1, START, { namePrefix: 'small-' })[0]!;
    const on = { nodeName: 'small-1' };
    const cluster = await agentsOf([
      { ...small, spec: { ...small.spec, podCIDR: '10.9.9.0/30' } },
      boundPod({ name: 'a', ...on }),
      boundPod({ name: 'b', ...on }),
    ]);
    await cluster.settle();
    expect(cluster.pod('a')!.status!.podIP).toBe('10.9.9.2');
    expect(line(cluster.pod('b')!.status)).toBe('Pending main=ContainerCreating');
    expect(eventLines(cluster).at(-1)).toMatch(/no IP addresses available in range 10.9.9.0\/30$/);
    const { offset } = cluster.state;
    await cluster.runUntil(START + 3_600_000);
    expect(cluster.state.offset).toBe(offset);
    await cluster.delete(boundPod({ name: 'a' }));
    await cluster.runUntil(START + 3_660_000);
    expect(cluster.pod('b')!.status!.podIP).toBe('10.9.9.2');
    expect(eventLines(cluster).filter((text) => text.includes('no IP addresses'))).toHaveLength(1);
  });
});

describe('a pod with many containers', () => {
  it('has the Events of all of them, in their order', async () => {
    const containers = Array.from({ length: 60 }, (_, i) => ({ name: `c${i}`, image: 'nginx:1.27' }));
    const cluster = await running([boundPod({ containers })]);
    const inOrder = cluster.list('events').map(({ reason, involvedObject }) => `${reason} ${involvedObject.fieldPath}`);
    expect(inOrder.shift()).toBe('Pulling spec.containers{c0}');
    expect(inOrder).toEqual(containers.flatMap(({ name }) => ['Pulled', 'Created', 'Started'].map((reason) => `${reason} spec.containers{${name}}`)));
  });
});

describe('many pods', () => {
  it('are taken in together, with two statuses each', async () => {
    const pods = Array.from({ length: 300 }, (_, i) => boundPod({ name: `p-${i}`, nodeName: `node-${1 + (i % 3)}` }));
    const cluster = await running(pods, { nodes: 3 });
    expect(seen(cluster).filter(({ status }) => line(status) === 'Running main=running+ready').length).toBe(300);
    expect(seen(cluster).length).toBe(600);
  });

  it('come to the same when the agents start anew in the middle', async () => {
    const script = { container: { command: ['sh', '-c', 'sleep 3; exit 1'] } };
    const straight = await running([boundPod(script)], { seconds: 60 });
    const broken = await agentsOf([boundPod(script)]);
    for (let second = 0; second <= 60; second++) {
      broken.restart();
      await broken.runUntil(START + second * 1000);
    }
    expect(seen(broken).map(({ status }) => line(status))).toEqual(seen(straight).map(({ status }) => line(status)));
  });
});

it('A registry that is down gives no image, until it is up again', async () => {
  const faults = configMap('faults', { namespace: 'kube-system', data: { registries: 'docker.io' } });
  const cluster = await running([faults, boundPod(), boundPod({ name: 'other', container: { image: 'ghcr.io/a/b:1' } })], { seconds: 1 });
  expect([line(cluster.pod('web')!.status), line(cluster.pod('other')!.status)]).toEqual([
    expect.stringMatching(/ErrImagePull|ImagePullBackOff/),
    'Running main=running+ready',
  ]);
  expect(eventLines(cluster).join()).toContain('connect: connection refused');
  await cluster.remove(faults);
  await cluster.runUntil(START + 120_000);
  expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready');
});
