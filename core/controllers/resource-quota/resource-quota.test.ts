import { describe, expect, it } from 'vitest';
import { objectOf } from '../../kube/fields.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { ready } from '../../testing/kubelet.ts';
import { deployment, replicaSet, statefulSet, template } from '../../testing/objects.ts';

const quota = (hard: Record<string, string>): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'default' },
  spec: { hard },
});
const named = <T extends KubeObject>(object: T, name: string): T => ({ ...object, metadata: { ...object.metadata, name, uid: name } });
const selecting = (app: string) => ({ selector: { matchLabels: { app } }, template: { ...template(), metadata: { labels: { app } } } });
const job = (name: string): KubeObject =>
  objectOf({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default', uid: name },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
  });
const used = (cluster: Cluster) => cluster.get(quota({})).status?.used;
const told = (cluster: Cluster, reason: string) =>
  cluster.state
    .list('events')
    .filter((event) => event.reason === reason)
    .map(({ involvedObject, message }) => `${involvedObject.kind}: ${message}`);

describe('under a quota', () => {
  const workloads: { name: string; hard: Record<string, string>; object: KubeObject; want: RegExp[] }[] = [
    {
      name: 'a Deployment that may have no ReplicaSet',
      hard: { 'count/replicasets.apps': '0' },
      object: deployment({ replicas: 3 }),
      want: [
        /^Deployment: Failed to create new replica set "web-\w+": replicasets\.apps "web-\w+" is forbidden: exceeded quota: q, requested: count\/replicasets\.apps=1/,
      ],
    },
    {
      name: 'a Deployment that recreates',
      hard: { 'count/replicasets.apps': '0' },
      object: deployment({ replicas: 3, strategy: { type: 'Recreate' } }),
      want: [/^Deployment: Failed to create new replica set "web-\w+": /],
    },
    {
      name: 'a CronJob that may have no Job',
      hard: { 'count/jobs.batch': '0' },
      object: {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'tick', namespace: 'default' },
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } } },
      } as KubeObject,
      want: [/^CronJob: Error creating job: jobs\.batch "tick-\d+" is forbidden: exceeded quota: q, requested: count\/jobs\.batch=1/],
    },
    {
      name: 'a StatefulSet that may have no claim',
      hard: { persistentvolumeclaims: '0' },
      object: statefulSet({
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
      }),
      want: [
        /^StatefulSet: Create Claim data-web-0 for Pod web-0 in StatefulSet web failed error: persistentvolumeclaims "data-web-0" is forbidden: exceeded quota: q/,
        /^StatefulSet: Create Pod web-0 in StatefulSet web failed error: failed to create PVC data-web-0: persistentvolumeclaims "data-web-0" is forbidden/,
      ],
    },
  ];
  for (const { name, hard, object, want } of workloads) {
    it(`${name} says why, and tells of no success`, async () => {
      const cluster = await controlled(quota(hard), object);
      await cluster.settle();
      await cluster.pass(60);
      expect(told(cluster, object.kind === 'Deployment' ? 'ReplicaSetCreateError' : 'FailedCreate').sort()).toEqual(
        want.map((text) => expect.stringMatching(text)),
      );
      expect([...told(cluster, 'SuccessfulCreate'), ...told(cluster, 'ScalingReplicaSet')]).toEqual([]);
    });
  }

  it('as many pods are created as it allows, and it is told why there are no more', async () => {
    const cluster = await controlled(quota({ pods: '2' }), replicaSet({ replicas: 4 }));
    await cluster.settle();
    expect(cluster.pods).toHaveLength(2);
    expect(used(cluster)).toEqual({ pods: '2' });
    expect(told(cluster, 'SuccessfulCreate')).toHaveLength(2);
    expect(told(cluster, 'FailedCreate')).toEqual([
      expect.stringMatching(/^ReplicaSet: Error creating: pods "web-\w*" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2$/),
    ]);
    expect(cluster.get(replicaSet()).status?.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }]);
  });

  it('a Deployment fails for what it limits, and goes on once it allows more', async () => {
    const cluster = await controlled(quota({ pods: '1' }), deployment({ replicas: 3 }));
    await cluster.settle();
    expect(cluster.pods).toHaveLength(1);
    expect(cluster.get(deployment()).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }),
    );
    await cluster.edit(quota({}), (copy) => {
      copy.spec!.hard = { pods: '3' };
    });
    await cluster.pass(60);
    await cluster.settle();
    expect(cluster.pods).toHaveLength(3);
    expect(used(cluster)).toEqual({ pods: '3' });
  });

  it.each([
    { name: 'ReplicaSets', objects: ['a', 'b'].map((name) => named(replicaSet({ replicas: 1, ...selecting(name) }), name)) },
    { name: 'Jobs', objects: ['a', 'b'].map(job) },
    { name: 'controllers', objects: [statefulSet({ replicas: 1 }), job('a')] },
  ])('only the one of two $name is told of success that got the last pod', async ({ objects }) => {
    const cluster = await controlled(quota({ pods: '1' }), ...objects);
    await expect(cluster.settle()).rejects.toThrow('exceeded quota: q');
    await cluster.settle();
    expect(cluster.pods).toHaveLength(1);
    expect(told(cluster, 'SuccessfulCreate')).toEqual([expect.stringContaining(cluster.pods[0]!.metadata.name)]);
    expect(told(cluster, 'FailedCreate')).toEqual([expect.stringContaining('exceeded quota: q')]);
  });

  it('what is deleted or has ended is given back at once', async () => {
    const cluster = await controlled(replicaSet({ replicas: 2 }), quota({ pods: '5', 'count/pods': '5', configmaps: '5' }));
    await cluster.settle();
    await ready(cluster, ...cluster.pods);
    expect(used(cluster)).toMatchObject({ pods: '2', 'count/pods': '2' });
    await cluster.edit(replicaSet(), (copy) => {
      copy.spec!.replicas = 0;
    });
    await cluster.settle();
    for (const pod of cluster.pods) await cluster.delete(pod, { gracePeriodSeconds: 0 });
    expect(used(cluster)).toMatchObject({ pods: '0', 'count/pods': '0' });
  });
});

it('A status that a client has written is made right again', async () => {
  const cluster = await controlled(quota({ pods: '2' }));
  await cluster.settle();
  const { metadata, ...rest } = cluster.get(quota({}));
  await cluster.put({ ...rest, metadata, status: { hard: { pods: '9' }, used: { pods: '7' } } });
  await cluster.settle();
  expect(cluster.get(quota({})).status).toEqual({ hard: { pods: '2' }, used: { pods: '0' } });
});
