import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Pod, StatefulSet } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { end, ready, reap } from '../../testing/kubelet.ts';
import { statefulSet } from '../../testing/objects.ts';

const claims = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: { tier: 'db' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
];

async function start(spec: object = {}): Promise<{ cluster: Cluster; web: StatefulSet }> {
  const cluster = await controlled();
  const web = await cluster.create(statefulSet(spec));
  await cluster.settle();
  return { cluster, web };
}

/** As `start`, with every pod ready. */
async function started(spec: object = {}): Promise<{ cluster: Cluster; web: StatefulSet }> {
  const { cluster, web } = await start(spec);
  for (let i = 0; i < 10; i++) await ready(cluster, ...waiting(cluster));
  return { cluster, web };
}

const waiting = (cluster: Cluster): Pod[] => cluster.pods.filter(({ status, metadata }) => status!.phase === 'Pending' && !metadata.deletionTimestamp);

const names = (cluster: Cluster) => cluster.pods.map(({ metadata }) => metadata.name);

const dying = (cluster: Cluster) => cluster.pods.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name);

/** `{ 'web-0': 'nginx:1' }` */
const images = (cluster: Cluster) => Object.fromEntries(cluster.pods.map(({ metadata, spec }) => [metadata.name, spec!.containers[0]!.image]));

const edit = async (cluster: Cluster, web: StatefulSet, spec: object) => {
  await cluster.edit(web, (copy) => Object.assign(copy.spec!, spec));
  await cluster.settle();
};

const setImage = async (cluster: Cluster, web: StatefulSet, image: string) => {
  await cluster.edit(web, ({ spec }) => {
    spec!.template.spec!.containers[0]!.image = image;
  });
  await cluster.settle();
};

describe('the pods of a StatefulSet', () => {
  it('come one after the other, each when those before it are ready', async () => {
    const { cluster } = await start();
    expect(names(cluster)).toEqual(['web-0']);
    await ready(cluster, ...cluster.pods);
    expect(names(cluster)).toEqual(['web-0', 'web-1']);
    await cluster.pass(100);
    expect(names(cluster)).toEqual(['web-0', 'web-1']);
    await ready(cluster, ...waiting(cluster));
    expect(names(cluster)).toEqual(['web-0', 'web-1', 'web-2']);
  });

  it('come all at once when they are managed in parallel', async () => {
    const { cluster } = await start({ podManagementPolicy: 'Parallel' });
    expect(names(cluster)).toEqual(['web-0', 'web-1', 'web-2']);
  });

  it('wait until those before them have been ready for minReadySeconds', async () => {
    const { cluster, web } = await start({ minReadySeconds: 10 });
    await ready(cluster, ...cluster.pods);
    expect(names(cluster)).toEqual(['web-0']);
    expect(cluster.get(web).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    expect(await cluster.wait()).toBe(10);
    expect(names(cluster)).toEqual(['web-0', 'web-1']);
    expect(cluster.get(web).status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  it('have an identity of their own', async () => {
    const { cluster, web } = await start({ volumeClaimTemplates: claims, ordinals: { start: 5 } });
    const revision = cluster.list('controllerrevisions.apps')[0]!.metadata.name;
    const [pod] = cluster.pods;
    expect(pod!.metadata).toMatchObject({
      name: 'web-5',
      generateName: 'web-',
      labels: { app: 'web', 'statefulset.kubernetes.io/pod-name': 'web-5', 'apps.kubernetes.io/pod-index': '5', 'controller-revision-hash': revision },
      ownerReferences: [{ kind: 'StatefulSet', name: 'web', controller: true }],
    });
    expect(pod!.spec).toMatchObject({ hostname: 'web-5', subdomain: 'web' });
    expect(pod!.spec!.volumes![0]).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-web-5' } });
    const [claim] = cluster.list('persistentvolumeclaims');
    expect(claim!.metadata).toMatchObject({ name: 'data-web-5', labels: { app: 'web', tier: 'db' } });
    expect(claim!.metadata).not.toHaveProperty('ownerReferences');
    expect(cluster.messages(web)).toEqual([
      'SuccessfulCreate: Create Claim data-web-5 Pod web-5 in StatefulSet web success',
      'SuccessfulCreate: Create Pod web-5 in StatefulSet web successful',
    ]);
  });

  it('come back under their name, with their claim', async () => {
    const { cluster } = await started({ volumeClaimTemplates: claims });
    await cluster.delete(cluster.pods[1]!);
    await cluster.settle();
    expect(names(cluster)).toEqual(['web-0', 'web-1', 'web-2']);
    await reap(cluster);
    expect(waiting(cluster).map(({ metadata }) => metadata.name)).toEqual(['web-1']);
    expect(cluster.list('persistentvolumeclaims')).toHaveLength(3);
  });

  it('are replaced when they have ended', async () => {
    const { cluster } = await started();
    await end(cluster, 'Failed', [cluster.pods[0]!]);
    expect(waiting(cluster).map(({ metadata }) => metadata.name)).toEqual(['web-0']);
  });

  it('go in the opposite order, one after the other', async () => {
    const { cluster, web } = await started();
    await edit(cluster, web, { replicas: 1 });
    expect(dying(cluster)).toEqual(['web-2']);
    await reap(cluster);
    expect(dying(cluster)).toEqual(['web-1']);
    await reap(cluster);
    expect(names(cluster)).toEqual(['web-0']);
    expect(cluster.get(web).status).toMatchObject({ replicas: 1, readyReplicas: 1, currentReplicas: 1, updatedReplicas: 1 });
  });

  it('get the service account that came late', async () => {
    const { cluster } = await start({
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }], serviceAccountName: 'db' } },
    });
    expect(names(cluster)).toEqual([]);
    await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'db', namespace: 'default' } });
    await cluster.settle();
    expect(names(cluster)).toEqual(['web-0']);
  });
});

describe('an update of a StatefulSet', () => {
  it('replaces one pod after the other, from the last', async () => {
    const { cluster, web } = await started();
    await setImage(cluster, web, 'nginx:2');
    const before = cluster.get(web).status!;
    expect(before.currentRevision).not.toBe(before.updateRevision);
    for (const name of ['web-2', 'web-1', 'web-0']) {
      expect(dying(cluster)).toEqual([name]);
      await reap(cluster);
      expect(dying(cluster)).toEqual([]);
      await ready(cluster, ...waiting(cluster));
    }
    expect(images(cluster)).toEqual({ 'web-0': 'nginx:2', 'web-1': 'nginx:2', 'web-2': 'nginx:2' });
    expect(cluster.get(web).status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: before.updateRevision,
      updateRevision: before.updateRevision,
    });
  });

  it('stops at the partition, and below it brings back the current revision', async () => {
    const { cluster, web } = await started({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
    await setImage(cluster, web, 'nginx:2');
    await reap(cluster);
    await ready(cluster, ...waiting(cluster));
    expect(dying(cluster)).toEqual([]);
    await cluster.delete(cluster.pods[0]!);
    await cluster.settle();
    await reap(cluster);
    expect(images(cluster)).toEqual({ 'web-0': 'nginx:1', 'web-1': 'nginx:1', 'web-2': 'nginx:2' });
    expect(cluster.get(web).status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
  });

  it('takes one at a time, however many it may take', async () => {
    const { cluster, web } = await started({
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } },
    });
    await setImage(cluster, web, 'nginx:2');
    expect(dying(cluster)).toEqual(['web-2']);
    expect(cluster.get(web).spec!.updateStrategy!.rollingUpdate).toEqual({ partition: 0 });
  });

  it('waits for the user to delete pods with OnDelete', async () => {
    const { cluster, web } = await started({ updateStrategy: { type: 'OnDelete' } });
    await setImage(cluster, web, 'nginx:2');
    expect(dying(cluster)).toEqual([]);
    await cluster.delete(cluster.pods[0]!);
    await cluster.settle();
    await reap(cluster);
    expect(images(cluster)).toMatchObject({ 'web-0': 'nginx:2', 'web-1': 'nginx:1' });
  });

  it('that goes back takes the earlier revision again', async () => {
    const { cluster, web } = await started({ replicas: 1 });
    const first = cluster.get(web).status!.updateRevision;
    for (const image of ['nginx:2', 'nginx:1']) {
      await setImage(cluster, web, image);
      await reap(cluster);
      await ready(cluster, ...waiting(cluster));
    }
    expect(cluster.get(web).status!.updateRevision).toBe(first);
    const revisions = cluster.list('controllerrevisions.apps');
    expect(revisions.map(({ revision }) => revision).sort()).toEqual([2, 3]);
  });

  it('is remembered as far back as revisionHistoryLimit', async () => {
    const { cluster, web } = await started({ replicas: 1, revisionHistoryLimit: 1 });
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
      await setImage(cluster, web, image);
      await reap(cluster);
      await ready(cluster, ...waiting(cluster));
    }
    expect(
      cluster
        .list('controllerrevisions.apps')
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([3, 4]);
  });
});

describe('the claims of a StatefulSet', () => {
  const owners = (cluster: Cluster) =>
    Object.fromEntries(
      cluster.list('persistentvolumeclaims').map(({ metadata }) => [metadata.name, metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`) ?? []]),
    );

  it('go with the set when it says so', async () => {
    const { cluster } = await started({ replicas: 1, volumeClaimTemplates: claims, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } });
    expect(owners(cluster)).toEqual({ 'data-web-0': ['StatefulSet web'] });
  });

  it('go with the pods that are scaled away when it says so', async () => {
    const { cluster, web } = await started({ replicas: 2, volumeClaimTemplates: claims, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } });
    expect(owners(cluster)).toEqual({ 'data-web-0': [], 'data-web-1': [] });
    await edit(cluster, web, { replicas: 1 });
    expect(owners(cluster)).toEqual({ 'data-web-0': [], 'data-web-1': ['Pod web-1'] });
  });

  it('follow a change of the policy', async () => {
    const { cluster, web } = await started({ replicas: 1, volumeClaimTemplates: claims });
    await edit(cluster, web, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } });
    expect(owners(cluster)).toEqual({ 'data-web-0': ['StatefulSet web'] });
    await edit(cluster, web, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
    expect(owners(cluster)).toEqual({ 'data-web-0': [] });
  });

  it('have the set as their controller, also when a user made it an owner that is none', async () => {
    const { cluster } = await started({ replicas: 1, volumeClaimTemplates: claims, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } });
    const [claim] = cluster.list('persistentvolumeclaims');
    await cluster.edit(claim!, ({ metadata }) => {
      metadata.ownerReferences = metadata.ownerReferences!.map((reference) => ({ ...reference, controller: false }));
    });
    await cluster.edit(cluster.pods[0]!, ({ metadata }) => {
      metadata.annotations = { looked: 'at' };
    });
    await cluster.settle();
    expect(cluster.get(claim!).metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', controller: true }]);
  });

  it('that another controller has are left to it, and the set says so', async () => {
    const { cluster, web } = await started({ replicas: 1, volumeClaimTemplates: claims });
    const [claim] = cluster.list('persistentvolumeclaims');
    const other: KubeObject = await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'default' } });
    await cluster.edit(claim!, ({ metadata }) => {
      metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: other.metadata.uid!, controller: true }];
    });
    await edit(cluster, web, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } });
    expect(owners(cluster)).toEqual({ 'data-web-0': ['ConfigMap other'] });
    expect(cluster.messages(web)).toContain(
      'ConflictingController: PersistentVolumeClaim data-web-0 has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim',
    );
  });
});

it('makes no revision of a template that changes while the set is being deleted: the garbage collector would delete it again, for ever', async () => {
  const { cluster, web } = await started();
  await cluster.edit(web, (copy) => {
    copy.metadata.finalizers = ['foregroundDeletion'];
  });
  await cluster.delete(web);
  await edit(cluster, web, { template: { ...web.spec!.template, metadata: { ...web.spec!.template.metadata, annotations: { changed: 'yes' } } } });
  expect(cluster.list('controllerrevisions.apps')).toEqual([]);
});
