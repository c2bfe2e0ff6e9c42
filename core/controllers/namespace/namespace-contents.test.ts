import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { ConfigMap, ServiceAccount } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'n' } };
const authority = (of: string, more: object = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-root-ca.crt', namespace: of },
  ...more,
});

async function setUp(...objects: object[]): Promise<Cluster> {
  const cluster = await controlled();
  await cluster.create(namespace('n'));
  for (const object of objects) await cluster.create(object as KubeObject);
  await cluster.settle();
  return cluster;
}

describe('a new namespace', () => {
  it('has a ServiceAccount, and another when that is deleted', async () => {
    const cluster = await setUp();
    const { uid } = cluster.get(account).metadata;
    await cluster.delete(account);
    await cluster.settle();
    expect(cluster.get(account).metadata.uid).not.toBe(uid);
  });

  it('has the authority of the API server, as kube-system has it', async () => {
    const cluster = await setUp(namespace('kube-system'), authority('kube-system', { data: { 'ca.crt': 'one' } }));
    expect(cluster.get(authority('n'))).toMatchObject({
      data: { 'ca.crt': 'one' },
      metadata: { annotations: { 'kubernetes.io/description': expect.stringMatching(/^Contains a CA bundle/) } },
    });
  });
});

describe('the authority of the API server', () => {
  const published = () => setUp(namespace('kube-system'), authority('kube-system', { data: { 'ca.crt': 'one' } }));

  it.each<{ name: string; change: (cluster: Cluster) => Promise<unknown>; want: string }>([
    { name: 'is published again when it is deleted', change: (cluster) => cluster.delete(authority('n')), want: 'one' },
    {
      name: 'is put right when a client changes it',
      change: (cluster) =>
        cluster.edit(authority('n'), (copy) => {
          copy.data = { 'ca.crt': 'mine', other: 'x' };
        }),
      want: 'one',
    },
    {
      name: 'is put right when a client adds to it',
      change: (cluster) =>
        cluster.edit(authority('n'), (copy) => {
          copy.binaryData = { other: 'AA==' };
        }),
      want: 'one',
    },
    {
      name: 'follows that of the host',
      change: (cluster) =>
        cluster.edit(authority('kube-system'), (copy) => {
          copy.data = { 'ca.crt': 'two' };
        }),
      want: 'two',
    },
  ])('$name', async ({ change, want }) => {
    const cluster = await published();
    await change(cluster);
    await cluster.settle();
    const { data, binaryData } = cluster.get(authority('n'));
    expect({ data, binaryData }).toEqual({ data: { 'ca.crt': want } });
  });
});

it('A namespace that is going is not filled again', async () => {
  const cluster = await setUp();
  await cluster.edit(authority('n'), ({ metadata }) => {
    metadata.finalizers = ['x/y'];
  });
  await cluster.delete(namespace('n'));
  await cluster.settle();
  expect(cluster.state.keys('namespace', 'n')).toEqual(['configmaps/n/kube-root-ca.crt']);
});
