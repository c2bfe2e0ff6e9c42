import { describe, expect, it } from 'vitest';
import type { Mutation } from '../../apis/mutation.ts';
import { fieldsOf } from '../../kube/fields.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Pod, ReplicaSet } from '../../schema/generated/kinds.ts';
import { contextOf, controlled } from '../../testing/controllers.ts';
import { ago, pod, readyPod, replicaSet } from '../../testing/objects.ts';
import { replicaSetController } from './replicaset.ts';

const owner = replicaSet();
const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };

/** A mutation in short: `create pod`, `delete pod a`, `adopt a`, `release a`. */
function short(mutation: Mutation): string {
  if (mutation.type === 'delete') return `delete ${mutation.name}`;
  if (mutation.type === 'create') return `create ${mutation.object.kind}`;
  if (mutation.type === 'update') {
    if (mutation.subresource) return `status ${JSON.stringify(fieldsOf(mutation.object)['status'])}`;
    return mutation.object.metadata.ownerReferences ? `adopt ${mutation.object.metadata.name}` : `release ${mutation.object.metadata.name}`;
  }
  return mutation.type;
}

function check({ given, object = owner, want }: { given: KubeObject[]; object?: ReplicaSet; want: string[] }): void {
  const { mutations } = replicaSetController.reconcile(contextOf(object, [namespace, ...given]));
  const told = mutations.filter((mutation) => !(mutation.type === 'create' && mutation.object.kind === 'Event'));
  expect(told.map(short).filter((text) => !text.startsWith('status'))).toEqual(want);
}

describe('the pods of a ReplicaSet', () => {
  const own = (name: string, options = {}) => readyPod(name, { owner, ...options });
  const cases: { name: string; given: KubeObject[]; object?: ReplicaSet; want: string[] }[] = [
    { name: 'are created when they are missing', given: [own('a')], want: ['create Pod', 'create Pod'] },
    { name: 'are left alone when they are enough', given: [own('a'), own('b'), own('c')], want: [] },
    { name: 'are replaced when they have ended', given: [own('a'), own('b'), pod('c', { owner, phase: 'Failed' })], want: ['create Pod'] },
    {
      name: 'are replaced when they are being deleted',
      given: [own('a'), own('b'), own('c', { metadata: { deletionTimestamp: ago(0) } })],
      want: ['create Pod'],
    },
    { name: 'are adopted when they match and have no controller', given: [own('a'), own('b'), readyPod('c')], want: ['adopt c'] },
    {
      name: 'are not taken from another controller',
      given: [own('a'), own('b'), own('d'), readyPod('c', { owner: replicaSet({}, { metadata: { name: 'other', uid: 'uid-other' } }) })],
      want: [],
    },
    { name: 'are not adopted once they have ended', given: [own('a'), own('b'), pod('c', { phase: 'Succeeded' })], want: ['create Pod'] },
    { name: 'are let go when they no longer match', given: [own('a'), own('b'), own('c', { labels: { app: 'debug' } })], want: ['release c', 'create Pod'] },
    {
      name: 'are left to the garbage collector when it is deleted',
      given: [own('a')],
      object: replicaSet({}, { metadata: { deletionTimestamp: ago(0), finalizers: ['orphan'] } }),
      want: [],
    },
  ];
  it.each(cases)('$name', check);

  const one = replicaSet({ replicas: 1 });
  const ranking: { name: string; keep: Pod; drop: Pod }[] = [
    { name: 'without a node', keep: own('a'), drop: pod('b', { owner }) },
    { name: 'pending', keep: own('a'), drop: pod('b', { owner, nodeName: 'node-1' }) },
    { name: 'not ready', keep: own('a'), drop: pod('b', { owner, nodeName: 'node-1', phase: 'Running' }) },
    { name: 'of low deletion cost', keep: own('a', { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '5' } } }), drop: own('b') },
    { name: 'ready for an order of magnitude less', keep: own('a', { readyFor: 3000 }), drop: own('b', { readyFor: 30 }) },
    {
      name: 'restarted more often',
      keep: own('a'),
      drop: own('b', { status: { containerStatuses: [{ name: 'web', restartCount: 3 }], phase: 'Running', conditions: own('b').status!.conditions } }),
    },
    { name: 'younger by an order of magnitude', keep: own('a', { metadata: { creationTimestamp: ago(9000) } }), drop: own('b') },
  ];
  it.each(ranking)('go first when they are $name', ({ keep, drop }) => {
    check({ object: one, given: [keep, drop], want: ['delete b'] });
    check({ object: one, given: [drop, keep], want: ['delete b'] });
  });

  it('go first where the Deployment has several on a node', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', uid: 'uid-d' } };
    const owned = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-d', controller: true }] };
    const object = replicaSet({ replicas: 1 }, { metadata: owned });
    const sibling = replicaSet({ replicas: 1 }, { metadata: { name: 'old', uid: 'uid-old', ...owned } });
    const given = [
      deployment,
      sibling,
      readyPod('x', { owner: sibling, nodeName: 'node-2' }),
      own('a', { nodeName: 'node-1' }),
      own('b', { nodeName: 'node-2' }),
    ];
    check({ object, given, want: ['delete b'] });
  });
});

describe('the status of a ReplicaSet', () => {
  const status = (object: ReplicaSet, given: KubeObject[]) =>
    replicaSetController
      .reconcile(contextOf(object, [namespace, ...given]))
      .mutations.flatMap((mutation) => (mutation.type === 'update' && mutation.subresource === 'status' ? [fieldsOf(mutation.object)['status']] : []));

  it('counts its pods', () => {
    const object = replicaSet({ replicas: 3, minReadySeconds: 20 });
    const given = [
      readyPod('a', { owner: object, readyFor: 30 }),
      readyPod('b', { owner: object, readyFor: 10 }),
      pod('c', { owner: object }),
      readyPod('d', { owner: object, metadata: { deletionTimestamp: ago(0) } }),
    ];
    expect(status(object, given)).toEqual([
      { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 1, terminatingReplicas: 1, observedGeneration: 1 },
    ]);
  });

  it('is not written when it is right already', () => {
    const object = replicaSet({ replicas: 0 }, { status: { replicas: 0, terminatingReplicas: 0, observedGeneration: 1 } });
    expect(replicaSetController.reconcile(contextOf(object, [namespace])).mutations).toEqual([]);
  });

  it('is looked at again when the next pod becomes available', () => {
    const object = replicaSet({ replicas: 1, minReadySeconds: 20 });
    const context = contextOf(object, [namespace, readyPod('b', { owner: object, readyFor: 5 })]);
    expect(replicaSetController.reconcile(context).enqueueAt).toBe(context.now + 15_000);
  });
});

describe('pods that the API refuses', () => {
  const spec = {
    replicas: 2,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }], serviceAccountName: 'builder' } },
  };

  it('are told of in a condition and one Event, and tried again', async () => {
    const cluster = await controlled();
    const web = await cluster.create(replicaSet(spec));
    await cluster.settle();
    const message = expect.stringContaining('serviceaccount "builder" not found');
    expect(cluster.get(web).status!.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }]);
    expect(cluster.messages(web)).toEqual([
      expect.stringMatching(/^FailedCreate: Error creating: pods "web-" is forbidden: .*serviceaccount "builder" not found$/),
    ]);
    expect(cluster.pods).toEqual([]);
    expect(await cluster.wait()).toBe(60);
    expect(cluster.messages(web)).toHaveLength(1);
  });

  it('come as soon as what they lack is there', async () => {
    const cluster = await controlled();
    const web = await cluster.create(replicaSet(spec));
    await cluster.settle();
    await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'builder', namespace: 'default' } });
    await cluster.settle();
    expect(cluster.pods).toHaveLength(2);
    expect(cluster.get(web).status).not.toHaveProperty('conditions');
  });
});

it('a ReplicaSet of a thousand is made in two rounds, with ten Events', async () => {
  const cluster = await controlled();
  const web = await cluster.create(replicaSet({ replicas: 1000 }));
  expect(await cluster.settle()).toBeLessThanOrEqual(3);
  expect(cluster.pods).toHaveLength(1000);
  expect(cluster.get(web).status).toMatchObject({ replicas: 1000, fullyLabeledReplicas: 1000 });
  expect(cluster.messages(web)).toHaveLength(10);
});

it('a ReplicationController does the same by its plain selector', async () => {
  const cluster = await controlled();
  const controller = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'old', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { app: 'web' },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
    },
  };
  const created = await cluster.create(controller);
  await cluster.settle();
  expect(cluster.pods.map(({ metadata }) => metadata.ownerReferences![0]!.kind)).toEqual(['ReplicationController', 'ReplicationController']);
  expect(fieldsOf(cluster.get(created))['status']).toEqual({ replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 });
});
