import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { IPAddress, Service, ServiceCIDR } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';

const service = (name: string, clusterIP?: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...(clusterIP && { clusterIP }) },
});
const range = (name: string, cidr: string): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name },
  spec: { cidrs: [cidr] },
});
const address = (name: string, parent: string): IPAddress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: { name },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: parent } },
});

/** `10.96.7.7 default/web`: without that of the API server. */
const addresses = (cluster: Cluster) =>
  cluster
    .list('ipaddresses.networking.k8s.io')
    .filter(({ metadata }) => metadata.name !== '10.96.0.1')
    .map(({ metadata, spec }) => `${metadata.name} ${spec!.parentRef.namespace}/${spec!.parentRef.name}`);

const settled = async (...objects: KubeObject[]) => {
  const cluster = await controlled(...objects);
  await cluster.settle();
  return cluster;
};

describe('the addresses of Services', () => {
  it('have an IPAddress each, and headless ones none', async () => {
    const cluster = await settled(service('web', '10.96.7.7'), service('headless', 'None'));
    expect(addresses(cluster)).toEqual(['10.96.7.7 default/web']);
    expect(cluster.get(address('10.96.7.7', 'web')).metadata.labels).toEqual({
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    });
  });

  it('lose it with the Service, and get it back when a client deletes it', async () => {
    const cluster = await settled(service('web', '10.96.7.7'));
    await cluster.delete(address('10.96.7.7', 'web'));
    await cluster.settle();
    expect(addresses(cluster)).toEqual(['10.96.7.7 default/web']);
    await cluster.delete(service('web'));
    await cluster.settle();
    expect(addresses(cluster)).toEqual([]);
  });

  it('are another one’s after it is gone', async () => {
    const cluster = await settled(service('web', '10.96.7.7'));
    await cluster.delete(service('web'));
    await cluster.create(service('next', '10.96.7.7'));
    await cluster.settle();
    expect(addresses(cluster)).toEqual(['10.96.7.7 default/next']);
  });

  it('are not those that a client reserved', async () => {
    const cluster = await settled(service('other'));
    await cluster.create(address('10.96.7.7', 'other'));
    await expect(cluster.create(service('web', '10.96.7.7'))).rejects.toThrow('provided IP is already allocated');
  });
});

describe('a range of addresses', () => {
  const ready = ({ status }: ServiceCIDR) => status!.conditions!.map(({ type, status: is, reason }) => `${type} ${is} ${reason ?? ''}`.trim());

  const names = (cluster: Cluster) => cluster.list('servicecidrs.networking.k8s.io').map(({ metadata }) => metadata.name);

  it('is ready, and held until no address needs it', async () => {
    const cluster = await settled(range('more', '10.200.0.0/24'));
    await cluster.create(service('web', '10.200.0.7'));
    await cluster.settle();
    expect(ready(cluster.get(range('more', '')))).toEqual(['Ready True']);
    await cluster.delete(range('more', ''));
    await cluster.settle();
    expect(ready(cluster.get(range('more', '')))).toEqual(['Ready False Terminating']);
    // Nothing comes from it meanwhile.
    await expect(cluster.create(service('next', '10.200.0.8'))).rejects.toThrow('the provided network does not match the current range');
    await cluster.create(range('other', '10.0.0.0/8'));
    await cluster.settle();
    expect(names(cluster)).toEqual(['other']);
  });

  it('is let go with the last Service that has an address of it', async () => {
    const cluster = await settled(range('more', '10.200.0.0/24'));
    await cluster.create(service('web', '10.200.0.7'));
    await cluster.settle();
    await cluster.delete(range('more', ''));
    await cluster.settle();
    await cluster.delete(service('web'));
    await cluster.settle();
    expect(names(cluster)).toEqual([]);
  });

  it('is another one that addresses come from', async () => {
    const cluster = await settled();
    await expect(cluster.create(service('web', '10.200.0.7'))).rejects.toThrow('the provided network does not match the current range');
    await cluster.create(range('more', '10.200.0.0/24'));
    // Not before its controller has seen it.
    await expect(cluster.create(service('web', '10.200.0.7'))).rejects.toThrow('the provided network does not match the current range');
    await cluster.settle();
    await cluster.create(service('web', '10.200.0.7'));
    for (const address of ['10.200.0.0', '10.200.0.255']) {
      await expect(cluster.create(service('edge', address))).rejects.toThrow('the provided network does not match the current range');
    }
  });

  it('gives what others have no more of', async () => {
    const cluster = await settled(range('small', '10.200.0.0/29'), range('kubernetes', '10.96.0.0/12'));
    // The first one takes no more: it is deleted, and held by the address of the API.
    await cluster.delete(range('kubernetes', ''));
    await cluster.settle();
    for (let i = 1; i <= 6; i++) await cluster.create(service(`s${i}`));
    const given = cluster.list('services').flatMap(({ spec }) => spec?.clusterIPs ?? []);
    expect(given.filter((ip) => ip.startsWith('10.200.')).sort()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `10.200.0.${n}`));
    await expect(cluster.create(service('s7'))).rejects.toThrow('failed to allocate a serviceIP for Service "s7": range is full');
  });

  it('that the API server is set to is brought back', async () => {
    const cluster = await settled(range('kubernetes', '10.96.0.0/12'), range('other', '10.0.0.0/8'));
    const before = cluster.get(range('kubernetes', '')).metadata.uid;
    await cluster.delete(range('kubernetes', ''));
    await cluster.settle();
    expect(names(cluster)).toEqual(['kubernetes', 'other']);
    expect(cluster.get(range('kubernetes', '')).metadata.uid).not.toBe(before);
    expect(ready(cluster.get(range('kubernetes', '')))).toEqual(['Ready True']);
  });

  it('is held by the addresses of Services alone', async () => {
    const cluster = await settled(range('more', '10.77.0.0/24'));
    await cluster.create(address('10.77.0.9', 'far'));
    await cluster.delete(range('more', ''));
    await cluster.settle();
    expect(cluster.list('servicecidrs.networking.k8s.io').map(({ metadata }) => metadata.name)).not.toContain('more');
  });

  it('gives Services what they ask for once it is ready, until it goes', async () => {
    const cluster = await settled(range('more', '10.77.0.0/24'));
    await cluster.create(service('far', '10.77.0.10'));
    await expect(cluster.create(service('farther', '10.77.0.10'))).rejects.toThrow('provided IP is already allocated');
    await expect(cluster.create(service('first', '10.77.0.0'))).rejects.toThrow('the provided network does not match the current range');
    await cluster.settle();
    expect(addresses(cluster)).toEqual(['10.77.0.10 default/far']);
    await cluster.delete(range('more', ''));
    await cluster.settle();
    expect(ready(cluster.get(range('more', '')))).toEqual(['Ready False Terminating']);
    await expect(cluster.create(service('late', '10.77.0.11'))).rejects.toThrow('the provided network does not match the current range');
    await cluster.delete(service('far'));
    await cluster.settle();
    expect(cluster.list('servicecidrs.networking.k8s.io').map(({ metadata }) => metadata.name)).not.toContain('more');
  });
});
