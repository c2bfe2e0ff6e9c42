import { describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import { Cluster } from '../testing.ts';

const object = (name: string, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...more } });

const ownedBy = (...owners: (KubeObject | OwnerReference)[]) => ({
  ownerReferences: owners.map((owner) =>
    'metadata' in owner
      ? { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid!, blockOwnerDeletion: true }
      : owner,
  ),
});

const gone = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'uid-gone' };

/** A cluster with objects made one after the other, each from those before it. */
function clusterWith(...makes: ((...earlier: KubeObject[]) => KubeObject)[]) {
  const cluster = new Cluster();
  cluster.settle();
  const made: KubeObject[] = [];
  for (const make of makes) made.push(cluster.create(make(...made)));
  return { cluster, made };
}

/** What there is, each with its owners and how it is being deleted. */
const seen = (cluster: Cluster) =>
  cluster
    .list('configmaps')
    .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
    .map(({ metadata: { name, ownerReferences = [], deletionTimestamp, finalizers = [] } }) =>
      [name, ...ownerReferences.map((ref) => `of ${ref.name}`), ...(deletionTimestamp ? ['going'] : []), ...finalizers].join(' '),
    );

describe('an object with owners', () => {
  const check = (makes: Parameters<typeof clusterWith>, want: string[]) => {
    const { cluster } = clusterWith(...makes);
    cluster.settle();
    expect(seen(cluster)).toEqual(want);
  };

  it('stays while one of them does, without the references to those that are gone', () => {
    check([() => object('a'), (a) => object('b', ownedBy(a!, gone))], ['a', 'b of a']);
  });

  it('goes when all of them are gone', () => {
    check([() => object('b', ownedBy(gone))], []);
  });

  it('goes when another one has the name of its owner', () => {
    check([() => object('a'), () => object('b', ownedBy({ ...gone, name: 'a' }))], ['a']);
  });

  it('goes when its owner has another name', () => {
    check([() => object('a'), (a) => object('b', ownedBy({ ...gone, uid: a!.metadata.uid! }))], ['a']);
  });

  it('goes when its owner is in another namespace', () => {
    const { cluster } = clusterWith(
      () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } }),
      () => object('a', { namespace: 'other' }),
      (_, a) => object('b', ownedBy(a!)),
    );
    cluster.settle();
    expect(seen(cluster)).toEqual(['a']);
  });

  it('stays when nobody knows what kind its owner is', () => {
    check([() => object('b', ownedBy({ ...gone, apiVersion: 'example.com/v1', kind: 'Widget' }))], ['b of gone']);
  });

  it('in no namespace stays, whatever namespaced owner it names', () => {
    const { cluster } = clusterWith(() => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v', ...ownedBy(gone) }, spec: volumeSpec }));
    cluster.settle();
    expect(cluster.list('persistentvolumes')).toHaveLength(1);
  });

  it('goes as its own finalizers say', () => {
    const { cluster, made } = clusterWith(
      () => object('a', { ...ownedBy(gone), finalizers: ['orphan'] }),
      (a) => object('b', ownedBy(a!)),
    );
    cluster.settle();
    expect(made).toHaveLength(2);
    expect(seen(cluster)).toEqual(['b']);
  });
});

const volumeSpec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/x' } };

describe('deletion', () => {
  const family = () =>
    clusterWith(
      () => object('a'),
      (a) => object('b', ownedBy(a!)),
      (_, b) => object('c', ownedBy(b!)),
      (_, b) => object('d', { ...ownedBy(b!), finalizers: ['x/y'] }),
    );

  it('in the background takes the owner at once, and its dependents after it', () => {
    const { cluster, made } = family();
    cluster.delete(made[0]!, { propagationPolicy: 'Background' });
    expect(seen(cluster)).toEqual(['b of a', 'c of b', 'd of b x/y']);
    cluster.settle();
    expect(seen(cluster)).toEqual(['d of b going x/y']);
    cluster.release(made[3]!);
    cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('in the foreground takes the dependents first, level by level, and waits for them', () => {
    const { cluster, made } = family();
    cluster.delete(made[0]!, { propagationPolicy: 'Foreground' });
    cluster.settle();
    expect(seen(cluster)).toEqual(['a going foregroundDeletion', 'b of a going foregroundDeletion', 'd of b going x/y']);
    cluster.release(made[3]!);
    cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('in the foreground does not wait for what does not block it', () => {
    const { cluster, made } = clusterWith(
      () => object('a'),
      (a) => object('b', { ownerReferences: [{ ...ownedBy(a!).ownerReferences[0], blockOwnerDeletion: false }], finalizers: ['x/y'] }),
    );
    cluster.delete(made[0]!, { propagationPolicy: 'Foreground' });
    cluster.settle();
    expect(seen(cluster)).toEqual(['b of a going x/y']);
  });

  it('in the foreground leaves what has another owner', () => {
    const { cluster, made } = clusterWith(
      () => object('a'),
      () => object('z'),
      (a, z) => object('b', ownedBy(a!, z!)),
    );
    cluster.delete(made[0]!, { propagationPolicy: 'Foreground' });
    cluster.settle();
    expect(seen(cluster)).toEqual(['b of z', 'z']);
  });

  it('of a circle in the foreground comes to its end', () => {
    const { cluster, made } = clusterWith(
      () => object('a'),
      (a) => object('b', ownedBy(a!)),
    );
    const [a, b] = made as [KubeObject, KubeObject];
    cluster.edit(a, ({ metadata }) => Object.assign(metadata, ownedBy(b)));
    cluster.delete(a, { propagationPolicy: 'Foreground' });
    cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('of an owner that orphans leaves its dependents, without it', () => {
    const { cluster, made } = family();
    cluster.delete(made[0]!, { propagationPolicy: 'Orphan' });
    cluster.settle();
    expect(seen(cluster)).toEqual(['b', 'c of b', 'd of b x/y']);
  });

  it('of two owners that orphan at once leaves what both had', () => {
    const { cluster, made } = clusterWith(
      () => object('a'),
      () => object('b'),
      (a, b) => object('c', ownedBy(a!, b!)),
    );
    for (const owner of made.slice(0, 2)) cluster.delete(owner, { propagationPolicy: 'Orphan' });
    cluster.settle();
    expect(seen(cluster)).toEqual(['c']);
  });

  it('of an owner that orphans leaves its dependents though their other owner goes, too', () => {
    const { cluster, made } = clusterWith(
      () => object('a'),
      () => object('b'),
      (a, b) => object('c', ownedBy(a!, b!)),
    );
    cluster.delete(made[0]!, { propagationPolicy: 'Orphan' });
    cluster.delete(made[1]!, { propagationPolicy: 'Background' });
    cluster.settle();
    expect(seen(cluster)).toEqual(['c']);
  });

  it('of an owner with thousands of dependents takes them in one round', () => {
    const { cluster, made } = clusterWith(() => object('a'));
    for (let i = 0; i < 2_000; i++) cluster.create(object(`b${i}`, ownedBy(made[0]!)));
    cluster.settle();
    cluster.delete(made[0]!, { propagationPolicy: 'Background' });
    expect(cluster.settle()).toBeLessThan(4);
    expect(seen(cluster)).toEqual([]);
  });
});
