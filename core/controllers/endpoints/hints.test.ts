import { describe, expect, it } from 'vitest';
import type { Endpoint, Service } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { node, pod } from '../../testing/objects.ts';
import { portsInOrder } from './ports-in-order.ts';
import { allotted } from './topology-hints.ts';
import { withNearbyHints } from './traffic-distribution.ts';

const endpoint = (zone: string | undefined, more: Endpoint | object = {}): Endpoint => ({
  addresses: ['10.0.0.1'],
  conditions: { ready: true },
  nodeName: 'n',
  ...(zone && { zone }),
  ...more,
});
const zonesOf = (endpoints: readonly Endpoint[]) => endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join() ?? '-').join(' ');

it.each([
  { distribution: undefined, want: undefined },
  { distribution: 'PreferClose', want: { forZones: [{ name: 'a' }] } },
  { distribution: 'PreferSameZone', want: { forZones: [{ name: 'a' }] } },
  { distribution: 'PreferSameNode', want: { forZones: [{ name: 'a' }], forNodes: [{ name: 'n' }] } },
])('Clients nearby are hinted at with $distribution, and of what is not ready none', ({ distribution, want }) => {
  const [ready, notReady] = withNearbyHints([endpoint('a'), endpoint('a', { conditions: { ready: false } })], distribution);
  expect(ready!.hints).toEqual(want);
  expect(notReady!.hints).toBeUndefined();
});

describe('endpoints are allotted to zones by their CPUs', () => {
  const capacity = (cpus: Record<string, number>, isComplete = true) => ({
    zones: new Map(Object.entries(cpus).map(([zone, cpu]) => [zone, { cpu, nodes: 1 }])),
    isComplete,
  });
  const three = capacity({ a: 2, b: 2, c: 2 });

  it.each([
    { name: 'each to its own zone', zones: 'aabbcc', of: three, want: 'a a b b c c' },
    { name: 'some of a zone with too many to one with too few', zones: 'aaaabc', of: three, want: 'c b a a b c' },
    { name: 'more to a zone with more', zones: 'aaab', of: capacity({ a: 1, b: 3 }), want: 'b b a b' },
  ])('$name', ({ zones, of, want }) => {
    const found = allotted(
      [...zones].map((zone) => endpoint(zone)),
      of,
    );
    expect(found.type === 'allotted' && zonesOf(found.endpoints)).toBe(want);
  });

  it.each([
    { name: 'too few of them', zones: 'ab', of: three, why: 'Insufficient number of endpoints (2 endpoints, 3 zones)' },
    {
      name: 'no way to be fair',
      zones: 'aaab',
      of: capacity({ a: 1, b: 1, c: 1 }),
      why: 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)',
    },
    {
      name: 'nodes that do not say where they are',
      zones: 'ab',
      of: capacity({ a: 1, b: 1 }, false),
      why: 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
    },
    { name: 'one that is in no zone', zones: 'aab ', of: capacity({ a: 1, b: 1 }), why: 'One or more endpoints do not have a zone specified' },
  ])('or to none, with $name', ({ zones, of, why }) => {
    const list = [...zones].map((zone) => endpoint(zone.trim() || undefined));
    expect(allotted(list, of)).toEqual({ type: 'impossible', why });
  });
});

it('The ports of a slice stand in the order of the hashes of what Go prints of them', () => {
  // As recorded of a real control plane.
  const web = { name: 'web', port: 8080, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' };
  const dns = { name: 'dns', port: 53, protocol: 'UDP' };
  expect(portsInOrder([web, dns])).toEqual([dns, web]);
});

describe('a Service', () => {
  const service = (more: { annotations?: object; spec?: object } = {}): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', annotations: { ...more.annotations } },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...more.spec },
  });
  const nodes = ['a', 'b'].map((zone) => node(`node-${zone}`, { labels: { 'topology.kubernetes.io/zone': zone } }));
  const slices = (cluster: Cluster) => cluster.list('endpointslices.discovery.k8s.io').filter(({ metadata }) => metadata.name !== 'kubernetes');
  const hintsOf = (cluster: Cluster) => zonesOf(slices(cluster).flatMap(({ endpoints }) => endpoints ?? []));

  async function withPods(of: Service, zones: string) {
    const cluster = await controlled(...nodes, of);
    for (const each of cluster.list('nodes')) {
      await cluster.edit(each, ({ status }) => Object.assign(status!, { conditions: [{ type: 'Ready', status: 'True' }] }), 'status');
    }
    for (const [i, zone] of [...zones].entries()) await run(cluster, `p${i}`, zone);
    await cluster.settle();
    return cluster;
  }

  async function run(cluster: Cluster, name: string, zone: string, readyAt = '2026-01-02T03:00:00Z') {
    const created = await cluster.create(pod(name, { nodeName: `node-${zone}` }));
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: readyAt }];
    const ip = `10.0.0.${cluster.pods.length}`;
    await cluster.edit(
      created,
      (copy) => Object.assign(copy, { status: { ...copy.status, phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions } }),
      'status',
    );
  }

  it('that prefers its zone has its endpoints hint at that', async () => {
    const cluster = await withPods(service({ spec: { trafficDistribution: 'PreferSameZone' } }), 'aab');
    expect(hintsOf(cluster)).toBe('a a b');
    await cluster.edit(service(), ({ spec }) => void delete spec!.trafficDistribution);
    await cluster.settle();
    expect(hintsOf(cluster)).toBe('- - -');
  });

  it('with the annotation has its endpoints divided, says so once, and says when that ends', async () => {
    const aware = service({ annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } });
    const cluster = await withPods(aware, 'aabb');
    expect(hintsOf(cluster)).toBe('a a b b');
    const enabled = 'TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4';
    expect(cluster.messages(aware).filter((message) => message === enabled)).toHaveLength(1);
    for (const name of ['p0', 'p1', 'p2']) await cluster.delete(pod(name), { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(hintsOf(cluster)).toBe('-');
    expect(cluster.messages(aware)).toContain('TopologyAwareHintsDisabled: Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4');
  });

  it('is divided anew when a zone has no node any more', async () => {
    const aware = service({ annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } });
    const cluster = await withPods(aware, 'aabb');
    await cluster.edit(nodes[1]!, ({ status }) => Object.assign(status!, { conditions: [{ type: 'Ready', status: 'False' }] }), 'status');
    await cluster.settle();
    expect(hintsOf(cluster)).toBe('- - - -');
  });

  it('says since when its endpoints could have been known', async () => {
    const time = (annotations: Record<string, string> | undefined) => annotations?.['endpoints.kubernetes.io/last-change-trigger-time'];
    const cluster = await controlled(...nodes, service());
    await cluster.settle();
    const times = () => [
      ...slices(cluster).map(({ metadata }) => time(metadata.annotations)),
      time(cluster.list('endpoints').find(({ metadata }) => metadata.name === 'web')!.metadata.annotations),
    ];
    const { creationTimestamp } = cluster.get(service()).metadata;
    expect(times()).toEqual([creationTimestamp, creationTimestamp]);
    await run(cluster, 'p', 'a', '2026-01-02T03:10:00Z');
    await cluster.settle();
    expect(times()).toEqual(['2026-01-02T03:10:00Z', '2026-01-02T03:10:00Z']);
    await run(cluster, 'q', 'b', '2026-01-02T03:20:00Z');
    await cluster.settle();
    expect(times()).toEqual(['2026-01-02T03:20:00Z', '2026-01-02T03:20:00Z']);
    await cluster.delete(pod('q'), { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(times()).toEqual([undefined, undefined]);
  });

  it('has the addresses of its family', async () => {
    const cluster = await controlled(...nodes, service());
    await run(cluster, 'p', 'a');
    await cluster.edit(pod('p'), ({ status }) => Object.assign(status!, { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }), 'status');
    await cluster.settle();
    expect(slices(cluster).map(({ addressType, endpoints }) => [addressType, endpoints?.map(({ addresses }) => addresses.join())])).toEqual([
      ['IPv4', ['10.0.0.1']],
    ]);
  });
});
