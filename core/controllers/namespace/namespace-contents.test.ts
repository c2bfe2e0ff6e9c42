import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { ConfigMap, ServiceAccount } from '../../schema/generated/kinds.ts';
import { Cluster } from '../testing.ts';

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'n' } };
const authority = (of: string, more: object = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-root-ca.crt', namespace: of },
  ...more,
});

function setUp(...objects: object[]): Cluster {
  const cluster = new Cluster();
  cluster.create(namespace('n'));
  for (const object of objects) cluster.create(object as KubeObject);
  cluster.settle();
  return cluster;
}

describe('a new namespace', () => {
  it('has a ServiceAccount, and another when that is deleted', () => {
    const cluster = setUp();
    const { uid } = cluster.get(account).metadata;
    cluster.delete(account);
    cluster.settle();
    expect(cluster.get(account).metadata.uid).not.toBe(uid);
  });

  it('has the authority of the API server, as kube-system has it', () => {
    const cluster = setUp(namespace('kube-system'), authority('kube-system', { data: { 'ca.crt': 'one' } }));
    expect(cluster.get(authority('n'))).toMatchObject({
      data: { 'ca.crt': 'one' },
      metadata: { annotations: { 'kubernetes.io/description': expect.stringMatching(/^Contains a CA bundle/) } },
    });
  });
});

describe('the authority of the API server', () => {
  const published = () => setUp(namespace('kube-system'), authority('kube-system', { data: { 'ca.crt': 'one' } }));

  it.each<{ name: string; change: (cluster: Cluster) => void; want: string }>([
    { name: 'is published again when it is deleted', change: (cluster) => cluster.delete(authority('n')), want: 'one' },
    {
      name: 'is put right when somebody changes it',
      change: (cluster) =>
        cluster.edit(authority('n'), (copy) => {
          copy.data = { 'ca.crt': 'mine', other: 'x' };
        }),
      want: 'one',
    },
    {
      name: 'is put right when somebody adds to it',
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
  ])('$name', ({ change, want }) => {
    const cluster = published();
    change(cluster);
    cluster.settle();
    const { data, binaryData } = cluster.get(authority('n'));
    expect({ data, binaryData }).toEqual({ data: { 'ca.crt': want } });
  });
});

it('A namespace that is going is not filled again', () => {
  const cluster = setUp();
  cluster.edit(authority('n'), ({ metadata }) => {
    metadata.finalizers = ['x/y'];
  });
  cluster.delete(namespace('n'));
  cluster.settle();
  expect(cluster.state.keys('namespace', 'n')).toEqual(['configmaps/n/kube-root-ca.crt']);
});
