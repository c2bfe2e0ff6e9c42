import { describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';

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
async function clusterWith(...makes: ((...earlier: KubeObject[]) => KubeObject)[]) {
  const cluster = await controlled();
  await cluster.settle();
  const made: KubeObject[] = [];
  for (const make of makes) made.push(await cluster.create(make(...made)));
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
  const check = async (makes: Parameters<typeof clusterWith>, want: string[]) => {
    const { cluster } = await clusterWith(...makes);
    await cluster.settle();
    expect(seen(cluster)).toEqual(want);
  };

  it('stays while one of them does, without the references to those that are gone', async () => {
    await check([() => object('a'), (a) => object('b', ownedBy(a!, gone))], ['a', 'b of a']);
  });

  it('goes when all of them are gone', async () => {
    await check([() => object('b', ownedBy(gone))], []);
  });

  it('stays when it is an Event, whatever becomes of its owner', async () => {
    const cluster = await controlled();
    await cluster.settle();
    const owner = await cluster.create(object('a'));
    await cluster.create({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'default', ...ownedBy(owner) } });
    await cluster.delete(owner);
    cluster.restart();
    await cluster.settle();
    expect(cluster.list('configmaps').map(({ metadata }) => metadata.name)).not.toContain('a');
    expect(cluster.list('events').map(({ metadata }) => metadata.name)).toContain('e');
  });

  it('in no namespace stays when its owner is in one, and an Event says so, once', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a'),
      (a) => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'b', ...ownedBy(a!) }, value: 1 }) as KubeObject,
    );
    for (let i = 0; i < 2; i++) {
      cluster.restart();
      await cluster.settle();
    }
    const { uid } = made[0]!.metadata;
    expect(cluster.list('events').filter(({ involvedObject }) => involvedObject.name === 'b')).toMatchObject([
      {
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef [v1/ConfigMap, namespace: , name: a, uid: ${uid}] does not exist in namespace ""`,
        count: 1,
      },
    ]);
    expect(cluster.get(made[1]!).metadata.ownerReferences).toHaveLength(1);
  });

  it('goes when another one has the name of its owner', async () => {
    await check([() => object('a'), () => object('b', ownedBy({ ...gone, name: 'a' }))], ['a']);
  });

  it('goes when its owner has another name', async () => {
    await check([() => object('a'), (a) => object('b', ownedBy({ ...gone, uid: a!.metadata.uid! }))], ['a']);
  });

  it('goes when its owner is in another namespace', async () => {
    const { cluster } = await clusterWith(
      () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } }),
      () => object('a', { namespace: 'other' }),
      (_, a) => object('b', ownedBy(a!)),
    );
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a']);
  });

  it('stays when the kind of its owner is not served', async () => {
    await check([() => object('b', ownedBy({ ...gone, apiVersion: 'example.com/v1', kind: 'Widget' }))], ['b of gone']);
  });

  it('in no namespace stays, whatever namespaced owner it names', async () => {
    const { cluster } = await clusterWith(() => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v', ...ownedBy(gone) }, spec: volumeSpec }));
    await cluster.settle();
    expect(cluster.list('persistentvolumes')).toHaveLength(1);
  });

  it('goes as its own finalizers say', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a', { ...ownedBy(gone), finalizers: ['orphan'] }),
      (a) => object('b', ownedBy(a!)),
    );
    await cluster.settle();
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

  it('in the background takes the owner at once, and its dependents after it', async () => {
    const { cluster, made } = await family();
    await cluster.delete(made[0]!, { propagationPolicy: 'Background' });
    expect(seen(cluster)).toEqual(['b of a', 'c of b', 'd of b x/y']);
    await cluster.settle();
    expect(seen(cluster)).toEqual(['d of b going x/y']);
    await cluster.release(made[3]!);
    await cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('in the foreground takes the dependents first, level by level, and waits for them', async () => {
    const { cluster, made } = await family();
    await cluster.delete(made[0]!, { propagationPolicy: 'Foreground' });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a going foregroundDeletion', 'b of a going foregroundDeletion', 'd of b going x/y']);
    await cluster.release(made[3]!);
    await cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('in the foreground does not wait for what does not block it', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a'),
      (a) => object('b', { ownerReferences: [{ ...ownedBy(a!).ownerReferences[0], blockOwnerDeletion: false }], finalizers: ['x/y'] }),
    );
    await cluster.delete(made[0]!, { propagationPolicy: 'Foreground' });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['b of a going x/y']);
  });

  it('in the foreground leaves what has another owner', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a'),
      () => object('z'),
      (a, z) => object('b', ownedBy(a!, z!)),
    );
    await cluster.delete(made[0]!, { propagationPolicy: 'Foreground' });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['b of z', 'z']);
  });

  it('of a circle in the foreground comes to its end', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a'),
      (a) => object('b', ownedBy(a!)),
    );
    const [a, b] = made as [KubeObject, KubeObject];
    await cluster.edit(a, ({ metadata }) => Object.assign(metadata, ownedBy(b)));
    await cluster.delete(a, { propagationPolicy: 'Foreground' });
    await cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('of an owner that orphans leaves its dependents, without it', async () => {
    const { cluster, made } = await family();
    await cluster.delete(made[0]!, { propagationPolicy: 'Orphan' });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['b', 'c of b', 'd of b x/y']);
  });

  it('of two owners that orphan at once leaves what both had', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a'),
      () => object('b'),
      (a, b) => object('c', ownedBy(a!, b!)),
    );
    for (const owner of made.slice(0, 2)) await cluster.delete(owner, { propagationPolicy: 'Orphan' });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['c']);
  });

  it('of an owner that orphans leaves its dependents though their other owner goes, too', async () => {
    const { cluster, made } = await clusterWith(
      () => object('a'),
      () => object('b'),
      (a, b) => object('c', ownedBy(a!, b!)),
    );
    await cluster.delete(made[0]!, { propagationPolicy: 'Orphan' });
    await cluster.delete(made[1]!, { propagationPolicy: 'Background' });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['c']);
  });

  it('of an owner with thousands of dependents takes them in one round', async () => {
    const { cluster, made } = await clusterWith(() => object('a'));
    for (let i = 0; i < 2_000; i++) await cluster.create(object(`b${i}`, ownedBy(made[0]!)));
    await cluster.settle();
    await cluster.delete(made[0]!, { propagationPolicy: 'Background' });
    expect(await cluster.settle()).toBeLessThan(4);
    expect(seen(cluster)).toEqual([]);
  });
});
