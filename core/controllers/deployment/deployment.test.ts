import { describe, expect, it } from 'vitest';
import type { Deployment, Pod, ReplicaSet } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { ready, reap } from '../../testing/kubelet.ts';
import { deployment, template } from '../../testing/objects.ts';
import { REVISION, REVISION_HISTORY } from './revisions.ts';

/** A cluster with a Deployment whose pods are all ready. */
async function rolledOut(spec: object = {}): Promise<{ cluster: Cluster; web: Deployment }> {
  const cluster = await controlled();
  const web = await cluster.create(deployment(spec));
  await cluster.settle();
  await ready(cluster, ...cluster.pods);
  return { cluster, web };
}

const setImage = async (cluster: Cluster, web: Deployment, image: string) => {
  await cluster.edit(web, ({ spec }) => {
    spec!.template.spec!.containers[0]!.image = image;
  });
  await cluster.settle();
};

const replicaSets = (cluster: Cluster) => cluster.list('replicasets.apps');

const imageOf = ({ spec }: ReplicaSet): string => spec!.template!.spec!.containers[0]!.image!;

const ofImage = (cluster: Cluster, image: string): ReplicaSet => replicaSets(cluster).find((replicaSet) => imageOf(replicaSet) === image)!;

/** `{ 'nginx:1': 2, 'nginx:2': 1 }`: the sizes of the ReplicaSets. */
const sizes = (cluster: Cluster) => Object.fromEntries(replicaSets(cluster).map((replicaSet) => [imageOf(replicaSet), replicaSet.spec!.replicas]));

const conditions = (cluster: Cluster, web: Deployment) =>
  Object.fromEntries(cluster.get(web).status!.conditions!.map(({ type, status, reason, message }) => [type, `${status} ${reason}: ${message}`]));

const unready = (cluster: Cluster): Pod[] => cluster.pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && !status!.conditions?.length);

describe('a new Deployment', () => {
  it('has a ReplicaSet and its pods after one run', async () => {
    const cluster = await controlled();
    const web = await cluster.create(
      deployment({}, { metadata: { name: 'web', namespace: 'default', annotations: { team: 'a', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } }),
    );
    await cluster.settle();
    const [replicaSet] = replicaSets(cluster);
    const hash = replicaSet!.metadata.labels!['pod-template-hash']!;
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    expect(replicaSet!.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: 'web' },
      annotations: { team: 'a', [REVISION]: '1', 'deployment.kubernetes.io/desired-replicas': '3', 'deployment.kubernetes.io/max-replicas': '4' },
    });
    expect(replicaSet!.metadata.annotations).not.toHaveProperty('kubectl.kubernetes.io/last-applied-configuration');
    expect(replicaSet!.spec!.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(cluster.pods.map(({ metadata }) => metadata.labels)).toEqual(Array(3).fill({ app: 'web', 'pod-template-hash': hash }));
    expect(cluster.get(web).metadata.annotations).toMatchObject({ [REVISION]: '1' });
    expect(cluster.get(web).status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, unavailableReplicas: 3, terminatingReplicas: 0 });
    expect(conditions(cluster, web)).toEqual({
      Available: 'False MinimumReplicasUnavailable: Deployment does not have minimum availability.',
      Progressing: `True ReplicaSetUpdated: ReplicaSet "web-${hash}" is progressing.`,
    });
    expect(cluster.messages(web)).toEqual([`ScalingReplicaSet: Scaled up replica set web-${hash} from 0 to 3`]);
  });

  it('is complete when its pods are available', async () => {
    const { cluster, web } = await rolledOut();
    expect(cluster.get(web).status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
    expect(cluster.get(web).status).not.toHaveProperty('unavailableReplicas');
    expect(conditions(cluster, web)).toEqual({
      Available: 'True MinimumReplicasAvailable: Deployment has minimum availability.',
      Progressing: `True NewReplicaSetAvailable: ReplicaSet "${replicaSets(cluster)[0]!.metadata.name}" has successfully progressed.`,
    });
    expect(await cluster.wait()).toBeUndefined();
  });

  it('waits for minReadySeconds', async () => {
    const { cluster, web } = await rolledOut({ minReadySeconds: 10 });
    expect(cluster.get(web).status!.availableReplicas).toBeUndefined();
    expect(await cluster.wait()).toBe(10);
    expect(cluster.get(web).status!.availableReplicas).toBe(3);
  });

  it('is stuck when nothing moves for progressDeadlineSeconds', async () => {
    const cluster = await controlled();
    const web = await cluster.create(deployment({ progressDeadlineSeconds: 60 }));
    await cluster.settle();
    expect(await cluster.wait()).toBe(60);
    const { name } = replicaSets(cluster)[0]!.metadata;
    expect(conditions(cluster, web).Progressing).toBe(`False ProgressDeadlineExceeded: ReplicaSet "${name}" has timed out progressing.`);
    expect(await cluster.wait()).toBeUndefined();
    await ready(cluster, ...cluster.pods);
    expect(conditions(cluster, web).Progressing).toBe(`True NewReplicaSetAvailable: ReplicaSet "${name}" has successfully progressed.`);
  });

  it('picks another name when a stranger has its own', async () => {
    const first = await rolledOut();
    const taken = replicaSets(first.cluster)[0]!.metadata.name;
    const cluster = await controlled();
    const labels = { app: 'other' };
    await cluster.create({
      ...replicaSets(first.cluster)[0]!,
      metadata: { name: taken, namespace: 'default', labels },
      spec: { replicas: 0, selector: { matchLabels: labels }, template: { ...template(), metadata: { labels } } },
    } as ReplicaSet);
    const web = await cluster.create(deployment());
    await cluster.settle();
    expect(cluster.get(web).status!.collisionCount).toBe(1);
    expect(
      replicaSets(cluster)
        .map(({ metadata }) => metadata.name)
        .filter((name) => name !== taken),
    ).toHaveLength(1);
    expect(cluster.pods).toHaveLength(3);
  });
});

describe('a rolling update', () => {
  it('keeps to maxSurge and maxUnavailable, and ends', async () => {
    const { cluster, web } = await rolledOut({ replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    await setImage(cluster, web, 'nginx:2');
    expect(sizes(cluster)).toEqual({ 'nginx:1': 3, 'nginx:2': 2 });
    const seen = [];
    for (let step = 0; step < 10 && unready(cluster).length > 0; step++) {
      await reap(cluster);
      await ready(cluster, unready(cluster)[0]!);
      const { availableReplicas = 0, replicas = 0 } = cluster.get(web).status!;
      expect(availableReplicas).toBeGreaterThanOrEqual(3);
      expect(replicas).toBeLessThanOrEqual(5);
      seen.push(sizes(cluster));
    }
    expect(seen.at(-1)).toEqual({ 'nginx:1': 0, 'nginx:2': 4 });
    expect(conditions(cluster, web).Progressing).toMatch(/^True NewReplicaSetAvailable/);
    expect(cluster.get(web).metadata.annotations![REVISION]).toBe('2');
  });

  it('rounds the surge up and what may be missing down', async () => {
    const { cluster, web } = await rolledOut({ replicas: 3 });
    await setImage(cluster, web, 'nginx:2');
    expect(sizes(cluster)).toEqual({ 'nginx:1': 3, 'nginx:2': 1 });
  });

  it('may miss one when both percentages round to none', async () => {
    const { cluster, web } = await rolledOut({ replicas: 3, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' } } });
    await setImage(cluster, web, 'nginx:2');
    expect(sizes(cluster)).toEqual({ 'nginx:1': 2, 'nginx:2': 1 });
  });

  it('replaces broken old pods first', async () => {
    const cluster = await controlled();
    const web = await cluster.create(deployment({ replicas: 4 }));
    await cluster.settle();
    await ready(cluster, ...cluster.pods.slice(0, 3));
    await setImage(cluster, web, 'nginx:2');
    // One is broken: with 25% of 4 it may be missing, so it goes at once, and no healthy one.
    expect(sizes(cluster)).toEqual({ 'nginx:1': 3, 'nginx:2': 2 });
    expect(cluster.pods.filter(({ status, metadata }) => status!.conditions?.length && !metadata.deletionTimestamp)).toHaveLength(3);
  });

  it('tells what it scales', async () => {
    const { cluster, web } = await rolledOut({ replicas: 1 });
    await setImage(cluster, web, 'nginx:2');
    await ready(cluster, ...unready(cluster));
    const [one, two] = [ofImage(cluster, 'nginx:1').metadata.name, ofImage(cluster, 'nginx:2').metadata.name];
    expect(cluster.messages(web).sort()).toEqual(
      [
        `ScalingReplicaSet: Scaled up replica set ${one} from 0 to 1`,
        `ScalingReplicaSet: Scaled up replica set ${two} from 0 to 1`,
        `ScalingReplicaSet: Scaled down replica set ${one} from 1 to 0`,
      ].sort(),
    );
  });
});

describe('a rollback', () => {
  it('gives the old ReplicaSet a new revision, and keeps the earlier one', async () => {
    const { cluster, web } = await rolledOut({ replicas: 1 });
    await setImage(cluster, web, 'nginx:2');
    await ready(cluster, ...unready(cluster));
    await reap(cluster);
    await setImage(cluster, web, 'nginx:1');
    await ready(cluster, ...unready(cluster));
    await reap(cluster);
    expect(sizes(cluster)).toEqual({ 'nginx:1': 1, 'nginx:2': 0 });
    expect(ofImage(cluster, 'nginx:1').metadata.annotations).toMatchObject({ [REVISION]: '3', [REVISION_HISTORY]: '1' });
    expect(ofImage(cluster, 'nginx:2').metadata.annotations).toMatchObject({ [REVISION]: '2' });
    expect(cluster.get(web).metadata.annotations![REVISION]).toBe('3');
  });

  it('counts revisions in 64 bits, as clients do that write them', async () => {
    const { cluster, web } = await rolledOut({ replicas: 1 });
    await cluster.edit(replicaSets(cluster)[0]!, ({ metadata }) => {
      metadata.annotations![REVISION] = '3546343826724305832';
    });
    await setImage(cluster, web, 'nginx:2');
    expect(ofImage(cluster, 'nginx:2').metadata.annotations![REVISION]).toBe('3546343826724305833');
  });

  it('is possible as far back as revisionHistoryLimit', async () => {
    const { cluster, web } = await rolledOut({ replicas: 1, revisionHistoryLimit: 2 });
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4', 'nginx:5']) {
      await setImage(cluster, web, image);
      await ready(cluster, ...unready(cluster));
      await reap(cluster);
    }
    expect(Object.keys(sizes(cluster)).sort()).toEqual(['nginx:3', 'nginx:4', 'nginx:5']);
  });
});

describe('the strategy Recreate', () => {
  it('starts the new pods when the last old one is gone', async () => {
    const { cluster, web } = await rolledOut({ strategy: { type: 'Recreate' } });
    await setImage(cluster, web, 'nginx:2');
    expect(sizes(cluster)).toEqual({ 'nginx:1': 0 });
    await reap(cluster);
    expect(sizes(cluster)).toEqual({ 'nginx:1': 0, 'nginx:2': 3 });
    expect(cluster.pods.map(({ spec }) => spec!.containers[0]!.image)).toEqual(['nginx:2', 'nginx:2', 'nginx:2']);
  });
});

describe('scaling', () => {
  it('grows and shrinks the one active ReplicaSet', async () => {
    const { cluster, web } = await rolledOut();
    const [replicaSet] = replicaSets(cluster);
    for (const replicas of [5, 1, 0]) {
      await cluster.edit(web, ({ spec }) => {
        spec!.replicas = replicas;
      });
      await cluster.settle();
      await reap(cluster);
      expect(cluster.get(replicaSet!).spec!.replicas).toBe(replicas);
      expect(cluster.pods).toHaveLength(replicas);
    }
    expect(cluster.get(replicaSet!).metadata.annotations).toMatchObject({ [REVISION]: '1', 'deployment.kubernetes.io/desired-replicas': '0' });
  });

  it('in the middle of a rollout gives each ReplicaSet its share', async () => {
    const { cluster, web } = await rolledOut({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    await setImage(cluster, web, 'nginx:2');
    expect(sizes(cluster)).toEqual({ 'nginx:1': 8, 'nginx:2': 5 });
    await cluster.edit(web, ({ spec }) => {
      spec!.replicas = 15;
    });
    await cluster.settle();
    // The example of the documentation ("Proportional scaling").
    expect(sizes(cluster)).toEqual({ 'nginx:1': 11, 'nginx:2': 7 });
  });
});

describe('a paused Deployment', () => {
  it('is scaled, but not rolled out until it is resumed', async () => {
    const { cluster, web } = await rolledOut();
    await cluster.edit(web, ({ spec }) => {
      spec!.paused = true;
    });
    await setImage(cluster, web, 'nginx:2');
    expect(sizes(cluster)).toEqual({ 'nginx:1': 3 });
    expect(conditions(cluster, web).Progressing).toBe('Unknown DeploymentPaused: Deployment is paused');
    await cluster.edit(web, ({ spec }) => {
      spec!.replicas = 5;
    });
    await cluster.settle();
    expect(sizes(cluster)).toEqual({ 'nginx:1': 5 });
    await cluster.edit(web, ({ spec }) => {
      delete spec!.paused;
    });
    await cluster.settle();
    expect(Object.keys(sizes(cluster))).toHaveLength(2);
    expect(conditions(cluster, web).Progressing).toMatch(/^True ReplicaSetUpdated/);
  });
});

describe('ReplicaSets that are there already', () => {
  it('are adopted when they match and have no controller', async () => {
    const first = await rolledOut();
    const [orphan] = replicaSets(first.cluster);
    const { ownerReferences: _, resourceVersion: _r, ...metadata } = orphan!.metadata;
    const cluster = await controlled({ ...orphan!, metadata });
    await cluster.settle();
    await ready(cluster, ...cluster.pods);
    const before = cluster.pods.map(({ metadata }) => metadata.name);
    const web = await cluster.create(deployment());
    await cluster.settle();
    expect(replicaSets(cluster)).toHaveLength(1);
    expect(replicaSets(cluster)[0]!.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', uid: web.metadata.uid, controller: true }]);
    expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(before);
  });
});
