import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { EndpointSubset, Endpoints, Service } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';

const service = (selector?: Record<string, string>): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'far', namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...(selector && { selector }) },
});
const endpoints = (subsets: EndpointSubset[] = [], metadata: object = {}): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'far', namespace: 'default', ...metadata },
  subsets,
});
const http = { name: 'http', port: 8080 };
const one: EndpointSubset[] = [{ addresses: [{ ip: '192.0.2.1' }], ports: [http] }];

const settled = async (...objects: KubeObject[]) => {
  const cluster = await controlled(...objects);
  await cluster.settle();
  return cluster;
};

/** Without those of the API server, which are in every cluster. */
const slices = (cluster: Cluster) => cluster.list('endpointslices.discovery.k8s.io').filter(({ metadata }) => metadata.name !== 'kubernetes');

/** `IPv4 8080: 192.0.2.1 not 192.0.2.2` */
const inSlices = (cluster: Cluster) =>
  slices(cluster)
    .map(({ addressType, ports, endpoints: held }) => {
      const ips = (ready: boolean) => (held ?? []).filter(({ conditions }) => conditions?.ready === ready).map(({ addresses }) => addresses[0]);
      return `${addressType} ${(ports ?? []).map(({ port }) => port).join()}: ${[...ips(true), ...ips(false).map((ip) => `not ${ip}`)].join(' ')}`;
    })
    .sort();

const replace = (cluster: Cluster, subsets: EndpointSubset[]) =>
  cluster.edit(endpoints(), (copy) => {
    copy.subsets = subsets;
  });

describe('Endpoints of a Service without a selector', () => {
  it('are mirrored, with their labels and annotations', async () => {
    const annotations = { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const target = { kind: 'Pod', namespace: 'default', name: 'p' };
    const address = { ip: '192.0.2.1', hostname: 'h', nodeName: 'n', targetRef: target };
    const cluster = await settled(service(), endpoints([{ addresses: [address], ports: [http] }], { labels: { team: 'x' }, annotations }));
    const { uid } = cluster.get(endpoints()).metadata;
    expect(slices(cluster)).toMatchObject([
      {
        metadata: {
          generateName: 'far-',
          labels: { team: 'x', 'kubernetes.io/service-name': 'far', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'far', uid, controller: true, blockOwnerDeletion: true }],
        },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true }, hostname: 'h', nodeName: 'n', targetRef: target }],
      },
    ]);
    expect(slices(cluster)[0]!.metadata.annotations).toEqual({ note: 'x' });
  });

  it.each([
    {
      name: 'one slice for each set of ports and each family',
      subsets: [
        { addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [http] },
        { addresses: [{ ip: '192.0.2.3' }], ports: [{ port: 53, protocol: 'UDP' }] },
      ],
      want: ['IPv4 53: 192.0.2.3', 'IPv4 8080: 192.0.2.1 not 192.0.2.2', 'IPv6 8080: 2001:db8::1'],
    },
    {
      name: 'the ports of the same addresses in one',
      subsets: [
        { addresses: [{ ip: '192.0.2.1' }], ports: [http] },
        { addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'more', port: 9090 }] },
      ],
      // In the order of Go's hashes.
      want: ['IPv4 9090,8080: 192.0.2.1'],
    },
    { name: 'none without addresses', subsets: [], want: [] },
  ])('have $name', async ({ subsets, want }) => {
    expect(inSlices(await settled(service(), endpoints(subsets)))).toEqual(want);
  });

  it('have the same slice when they change', async () => {
    const cluster = await settled(service(), endpoints(one));
    const before = slices(cluster)[0]!.metadata.name;
    await replace(cluster, [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 9090 }] }]);
    await cluster.settle();
    expect(inSlices(cluster)).toEqual(['IPv4 9090: 192.0.2.9']);
    expect(slices(cluster)[0]!.metadata.name).toBe(before);
    const { offset } = cluster.state;
    await cluster.settle();
    expect(cluster.state.offset).toBe(offset);
  });

  it('have a slice that a client deletes made again', async () => {
    const cluster = await settled(service(), endpoints(one));
    await cluster.delete(slices(cluster)[0]!);
    await cluster.settle();
    expect(inSlices(cluster)).toEqual(['IPv4 8080: 192.0.2.1']);
  });

  it('are mirrored up to a thousand addresses of a subset, with a warning', async () => {
    const addresses = Array.from({ length: 1001 }, (_, i) => ({ ip: `192.0.${i >> 8}.${i & 255}` }));
    const cluster = await settled(service(), endpoints([{ addresses, ports: [http] }]));
    expect(slices(cluster)[0]!.endpoints).toHaveLength(1000);
    expect(cluster.list('events').map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 1 addresses were skipped',
    ]);
  });

  it.each([
    { name: 'without a Service', objects: [endpoints(one)] },
    { name: 'that ask for it', objects: [service(), endpoints(one, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } })] },
    { name: 'of an election', objects: [service(), endpoints(one, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } })] },
  ])('are not mirrored $name', async ({ objects }) => {
    expect(inSlices(await settled(...objects))).toEqual([]);
  });

  it.each([
    { name: 'the Endpoints go', change: (cluster: Cluster) => cluster.delete(endpoints()) },
    { name: 'the Service goes', change: (cluster: Cluster) => cluster.delete(service()) },
    {
      name: 'the Service gets a selector',
      change: (cluster: Cluster) =>
        cluster.edit(service(), (copy) => {
          copy.spec!.selector = { app: 'far' };
        }),
    },
  ])('are mirrored until $name', async ({ change }) => {
    const cluster = await settled(service(), endpoints(one));
    expect(inSlices(cluster)).toHaveLength(1);
    await change(cluster);
    await cluster.settle();
    expect(inSlices(cluster).filter((text) => text.includes('192.0.2.1'))).toEqual([]);
  });
});
