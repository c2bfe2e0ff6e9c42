import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { nodeObjects } from './node-objects.ts';
import { line, type PodOptions, pod, START, TestCluster, told } from './testing.ts';

const node = (name: string, spec: object = {}): KubeObject => ({
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

  it('are Ready and need no registration', () => {
    expect(nodes[0]!.status!.conditions!.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ]);
    expect(new TestCluster([], { nodes: 3 }).run().mutations).toEqual([]);
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

describe('a Node that a user creates', () => {
  it('gets labels, addresses and status, and takes in the pods that were bound to it', () => {
    const cluster = new TestCluster([pod({ spec: { nodeName: 'extra' } })]).run();
    expect(line(cluster.pod()!.status)).toBe('Pending');
    const extra = cluster.put(node('extra')).run().get('nodes', undefined, 'extra')!;
    expect(extra.spec.podCIDR).toBe('10.244.2.0/24');
    expect(extra.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'extra', 'kubernetes.io/os': 'linux' });
    expect(extra.status.conditions.at(-1)).toMatchObject({ type: 'Ready', status: 'True' });
    expect(line(cluster.pod()!.status)).toBe('Running main=running+ready');
    expect(cluster.pod()!.status).toMatchObject({ hostIP: '10.0.0.2', podIP: '10.244.2.2' });
  });

  it('keeps a range of its own, and an address that no other node has', () => {
    const cluster = new TestCluster([node('a', { podCIDR: '192.168.7.0/24' }), node('b', { podCIDR: '192.168.8.0/24' })]).run();
    const address = (name: string) => cluster.get('nodes', undefined, name)!.status.addresses[0].address;
    expect([address('a'), address('b')]).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(cluster.get('nodes', undefined, 'a')!.spec.podCIDR).toBe('192.168.7.0/24');
  });

  it('is left alone when its provider is another', () => {
    const other = node('other', { providerID: 'kind://x' });
    const cluster = new TestCluster([other, pod({ spec: { nodeName: 'other' } })]).run();
    expect(cluster.mutations).toEqual([]);
  });

  it('has one Lease, which is never renewed', () => {
    const cluster = new TestCluster([leases]).run();
    const lease = cluster.get('leases.coordination.k8s.io', 'kube-node-lease', 'node-1')!;
    expect(lease.spec).toMatchObject({ holderIdentity: 'node-1' });
    expect(lease.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1' }]);
    cluster.forget().runUntil(100_000);
    expect(cluster.mutations.length).toBe(1);
  });
});

describe('a Node that is deleted', () => {
  it('is not created again, and its pods are not looked at', () => {
    const cluster = new TestCluster([pod()]).run();
    const before = cluster.mutations.length;
    cluster.remove('nodes//node-1').delete().forget().runUntil(100);
    expect(cluster.mutations.length).toBe(before);
  });
});

describe('admission to a node', () => {
  const requests = (cpu: string) => ({ resources: { requests: { cpu } } });
  const table: { name: string; given: PodOptions; others?: PodOptions[]; want: string; message?: string }[] = [
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
      given: { spec: { nodeSelector: { disk: 'ssd' } } },
      want: 'Failed NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
    {
      name: 'takes a pod whose affinity the node matches',
      given: {
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }] }],
              },
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
    { name: 'refuses a pod for another system', given: { spec: { os: { name: 'windows' } } }, want: 'Failed PodOSNotSupported' },
  ];
  it.each(table)('$name', ({ given, others = [], want, message }) => {
    const cluster = new TestCluster(others.map(pod)).run().put(pod(given)).run();
    expect(line(cluster.pod()!.status)).toBe(want);
    if (message) {
      expect(cluster.pod()!.status!.message).toBe(message);
      const { reason } = cluster.pod()!.status!;
      expect(told(cluster.events).at(-1)).toBe(`Warning ${reason} ${message.replace('Pod was rejected: ', '')}`);
    }
  });

  it('refuses a pod that does not tolerate NoExecute', () => {
    const [tainted] = nodeObjects(1, START, { namePrefix: 'tainted-' });
    const taints = [{ key: 'down', value: 'yes', effect: 'NoExecute' }];
    const on = { nodeName: 'tainted-1' };
    const tolerations = [{ key: 'down', operator: 'Exists' }];
    const cluster = new TestCluster([
      { ...tainted!, spec: { ...tainted!.spec, taints } },
      pod({ spec: on }),
      pod({ name: 'ok', spec: { ...on, tolerations } }),
    ]).run();
    expect([line(cluster.pod()!.status), line(cluster.pod('ok')!.status)]).toEqual(['Failed TaintToleration', 'Running main=running+ready']);
  });
});

describe('addresses of pods', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => pod({ name: `p-${i}` }));

  it('are all different, and used again when a pod has gone', () => {
    const cluster = new TestCluster(names(20)).run();
    const ips = () => new Set(names(20).flatMap(({ metadata }) => cluster.pod(metadata.name)?.status?.podIP ?? []));
    expect(ips().size).toBe(20);
    const free = cluster.pod('p-7')!.status!.podIP;
    cluster
      .delete('p-7')
      .runUntil(5)
      .put(pod({ name: 'next' }))
      .run();
    expect(cluster.pod('next')!.status!.podIP).toBe(free);
    expect(ips().size).toBe(19);
  });

  it('are the node’s for pods in its network', () => {
    expect(new TestCluster([pod({ spec: { hostNetwork: true } })]).run().pod()!.status).toMatchObject({ podIP: '10.0.0.1', hostIP: '10.0.0.1' });
  });

  it('may run out: the pod waits, and is told why', () => {
    const small = nodeObjects(1, START, { namePrefix: 'small-' })[0]!;
    const on = { nodeName: 'small-1' };
    const cluster = new TestCluster([
      { ...small, spec: { ...small.spec, podCIDR: '10.9.9.0/30' } },
      pod({ name: 'a', spec: on }),
      pod({ name: 'b', spec: on }),
    ]);
    cluster.run();
    expect(cluster.pod('a')!.status!.podIP).toBe('10.9.9.2');
    expect(line(cluster.pod('b')!.status)).toBe('Pending main=ContainerCreating');
    expect(told(cluster.events).at(-1)).toMatch(/no IP addresses available in range 10.9.9.0\/30$/);
    cluster.delete('a').runUntil(61);
    expect(cluster.pod('b')!.status!.podIP).toBe('10.9.9.2');
  });
});

describe('many pods', () => {
  it('are taken in together, with two statuses each', () => {
    const pods = Array.from({ length: 300 }, (_, i) => pod({ name: `p-${i}`, spec: { nodeName: `node-${1 + (i % 3)}` } }));
    const cluster = new TestCluster(pods, { nodes: 3 }).run();
    expect(cluster.seen.filter(({ status }) => line(status) === 'Running main=running+ready').length).toBe(300);
    expect(cluster.seen.length).toBe(600);
  });

  it('come to the same when the agents start anew in the middle', () => {
    const script = { container: { command: ['sh', '-c', 'sleep 3; exit 1'] } };
    const straight = new TestCluster([pod(script)]).runUntil(60);
    const broken = new TestCluster([pod(script)]);
    for (let second = 0; second <= 60; second++) broken.forget().runUntil(second);
    expect(broken.seen.map(({ status }) => line(status))).toEqual(straight.seen.map(({ status }) => line(status)));
  });
});
