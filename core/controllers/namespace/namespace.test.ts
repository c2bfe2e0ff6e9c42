import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { ControllerRevision, Namespace } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { ready, reap } from '../../testing/kubelet.ts';
import { ago, pod } from '../../testing/objects.ts';

const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };
const configMap = (name: string, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n', ...more } });
const podIn = (name: string, metadata: object = {}) => pod(name, { metadata: { namespace: 'n', ...metadata } });

async function setUp(...objects: KubeObject[]): Promise<Cluster> {
  const cluster = await controlled();
  await cluster.create(namespace);
  await cluster.settle();
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  return cluster;
}

const contents = (cluster: Cluster) =>
  [...cluster.state.entries()]
    .map(([key]) => key)
    .filter((key) => key.includes('/n/'))
    .map((key) => key.replace('/n/', '/'))
    .sort();

describe('a namespace that is deleted', () => {
  it('goes with all that is in it', async () => {
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'n' }, involvedObject: { kind: 'Pod', namespace: 'n', name: 'p' } };
    const cluster = await setUp(configMap('a'), podIn('p'), event);
    expect(contents(cluster)).toEqual(['configmaps/a', 'configmaps/kube-root-ca.crt', 'events/e', 'pods/p', 'serviceaccounts/default']);
    await cluster.delete(namespace);
    expect(cluster.get(namespace).status).toEqual({ phase: 'Terminating' });
    await cluster.settle();
    expect(contents(cluster)).toEqual([]);
    expect(cluster.state.get('namespaces', undefined, 'n')).toBeUndefined();
  });

  it('goes at once when nothing is in it, and leaves the others alone', async () => {
    const cluster = await setUp(pod('p'));
    await cluster.delete(namespace);
    await cluster.settle();
    expect(cluster.list('namespaces').map(({ metadata }) => metadata.name)).toEqual(['default']);
    expect(cluster.state.keys('namespace', 'default')).toContain('pods/default/p');
  });

  it('waits for its pods to stop before anything else goes, and says so', async () => {
    const cluster = await setUp(configMap('a'));
    await ready(cluster, await cluster.create(podIn('p')), await cluster.create(podIn('q', { finalizers: ['x/y'] })));
    await cluster.delete(namespace);
    await cluster.settle();
    expect(contents(cluster)).toEqual(['configmaps/a', 'configmaps/kube-root-ca.crt', 'pods/p', 'pods/q', 'serviceaccounts/default']);
    const at = { lastTransitionTime: ago(0) };
    expect(cluster.get(namespace).status).toEqual({
      phase: 'Terminating',
      conditions: [
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered', ...at },
        {
          type: 'NamespaceDeletionGroupVersionParsingFailure',
          status: 'False',
          reason: 'ParsedGroupVersions',
          message: 'All legacy kube types successfully parsed',
          ...at,
        },
        {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
          ...at,
        },
        {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: 'Some resources are remaining: pods. has 2 resource instances',
          ...at,
        },
        {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: 'Some content in the namespace has finalizers remaining: x/y in 1 resource instances',
          ...at,
        },
      ],
    });
    cluster.clock.advance(40_000);
    await reap(cluster);
    expect(contents(cluster)).toContain('pods/q');
    await cluster.release(podIn('q'));
    await cluster.settle();
    expect(cluster.state.get('namespaces', undefined, 'n')).toBeUndefined();
  });

  it('says what holds it back, and since when', async () => {
    const metadata = { name: 'r', namespace: 'n', finalizers: ['x/z'] };
    const revision: ControllerRevision = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision: 1, data: {} };
    const cluster = await setUp(configMap('a', { finalizers: ['x/y'] }), configMap('b', { finalizers: ['x/y', 'x/z'] }), revision);
    await cluster.delete(namespace);
    await cluster.settle();
    const messages = () =>
      cluster
        .get(namespace)
        .status!.conditions!.slice(3)
        .map(({ message }) => message);
    expect(messages()).toEqual([
      'Some resources are remaining: configmaps. has 2 resource instances, controllerrevisions.apps has 1 resource instances',
      'Some content in the namespace has finalizers remaining: x/y in 2 resource instances, x/z in 2 resource instances',
    ]);
    cluster.clock.advance(60_000);
    await cluster.release(configMap('a'));
    await cluster.settle();
    expect(messages()[0]).toBe('Some resources are remaining: configmaps. has 1 resource instances, controllerrevisions.apps has 1 resource instances');
    expect(cluster.get(namespace).status!.conditions![3]!.lastTransitionTime).toBe(ago(0));
  });

  it('that others finalize as well waits for them', async () => {
    const cluster = await setUp();
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'm' }, spec: { finalizers: ['x/y'] } });
    await cluster.settle();
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'm' } });
    await cluster.settle();
    expect(cluster.state.get('namespaces', undefined, 'm')).toMatchObject({ spec: { finalizers: ['x/y'] }, status: { phase: 'Terminating' } });
    expect(cluster.state.get('namespaces', undefined, 'm')!.status!.conditions!.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions',
      'NamespaceDeletionContentFailure False ContentDeleted',
      'NamespaceContentRemaining False ContentRemoved',
      'NamespaceFinalizersRemaining False ContentHasNoFinalizers',
    ]);
  });

  it('takes thousands of objects with it in a few rounds', async () => {
    const cluster = await setUp();
    for (let i = 0; i < 2_000; i++) await cluster.create(configMap(`c${i}`));
    await cluster.delete(namespace);
    expect(await cluster.settle()).toBeLessThan(5);
    expect(cluster.state.get('namespaces', undefined, 'n')).toBeUndefined();
  });
});
