import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import {
  ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type Informer,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  type ObjectCache,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import { type Cluster, startCluster } from './cluster.ts';

describe('@kubernetes/client-node', () => {
  let cluster: Cluster;
  let config: KubeConfig;
  let core: CoreV1Api;

  beforeAll(async () => {
    cluster = await startCluster({ durable: true });
    config = configOf(cluster);
    core = config.makeApiClient(CoreV1Api);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  async function namespace(name: string): Promise<string> {
    await core.createNamespace({ body: { metadata: { name } } });
    return name;
  }

  it('creates, reads, changes and deletes typed objects', async () => {
    const ns = await namespace('typed');
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: 'web' };
    const made = await apps.createNamespacedDeployment({
      namespace: ns,
      body: {
        metadata: { name: 'web' },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } },
        },
      },
    });
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    expect(made.spec?.strategy?.type).toBe('RollingUpdate');

    const patched = await apps.patchNamespacedDeployment(
      { namespace: ns, name: 'web', body: [{ op: 'replace', path: '/spec/replicas', value: 2 }] },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
    );
    expect(patched.spec?.replicas).toBe(2);
    const merged = await apps.patchNamespacedDeployment(
      { namespace: ns, name: 'web', body: { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.30' }] } } } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    expect(merged.spec?.template.spec?.containers).toEqual([expect.objectContaining({ name: 'web', image: 'nginx:1.30', imagePullPolicy: 'IfNotPresent' })]);

    await vi.waitFor(
      async () => expect((await apps.readNamespacedDeployment({ namespace: ns, name: 'web' })).status).toMatchObject({ updatedReplicas: 2, readyReplicas: 2 }),
      PATIENCE,
    );
    // A controller may write the status in between: read again then, as clients do.
    await vi.waitFor(async () => {
      const scale = await apps.readNamespacedDeploymentScale({ namespace: ns, name: 'web' });
      expect(scale.status).toEqual({ replicas: 2, selector: 'app=web' });
      await apps.replaceNamespacedDeploymentScale({ namespace: ns, name: 'web', body: { ...scale, spec: { replicas: 0 } } });
    }, PATIENCE);

    const deleted = await apps.deleteNamespacedDeployment({ namespace: ns, name: 'web' });
    expect(deleted.status).toBe('Success');
    const refusal = await apps.readNamespacedDeployment({ namespace: ns, name: 'web' }).catch((error) => error);
    expect(refusal).toBeInstanceOf(ApiException);
    expect(refusal.code).toBe(404);
    expect(JSON.parse(refusal.body)).toMatchObject({ kind: 'Status', reason: 'NotFound', message: 'deployments.apps "web" not found' });
  });

  it('sees a conflict when another client was first', async () => {
    const ns = await namespace('conflict');
    const read = await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: 'shared' }, data: { by: 'nobody' } } });
    await core.replaceNamespacedConfigMap({ namespace: ns, name: 'shared', body: { ...read, data: { by: 'first' } } });
    const second = core.replaceNamespacedConfigMap({ namespace: ns, name: 'shared', body: { ...read, data: { by: 'second' } } });
    await expect(second).rejects.toMatchObject({ code: 409 });
    expect((await core.readNamespacedConfigMap({ namespace: ns, name: 'shared' })).data).toEqual({ by: 'first' });
  });

  it('works with objects whose kind it learns from discovery', async () => {
    const ns = await namespace('untyped');
    const client = KubernetesObjectApi.makeApiClient(config);
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web', namespace: ns },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    };
    await client.create(ingress);
    expect(await client.read(ingress)).toMatchObject({ kind: 'Ingress', spec: ingress.spec });
    const patch = { ...ingress, metadata: { ...ingress.metadata, labels: { tier: 'front' } } };
    expect(await client.patch(patch, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch)).toMatchObject({
      metadata: { labels: { tier: 'front' } },
    });
    const listed = await client.list('networking.k8s.io/v1', 'Ingress', ns, undefined, undefined, undefined, undefined, 'tier=front');
    expect(listed.items.map((item) => item.metadata?.name)).toEqual(['web']);
    await client.delete(ingress);
    await expect(client.read(ingress)).rejects.toMatchObject({ code: 404 });
  });

  it('lists in pages that all show one moment', async () => {
    const ns = await namespace('pages');
    for (const name of ['a', 'b', 'c']) await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name } } });
    const first = await core.listNamespacedConfigMap({ namespace: ns, limit: 2, fieldSelector: 'metadata.name!=kube-root-ca.crt' });
    await core.deleteNamespacedConfigMap({ namespace: ns, name: 'c' });
    const rest = await core.listNamespacedConfigMap({
      namespace: ns,
      limit: 2,
      fieldSelector: 'metadata.name!=kube-root-ca.crt',
      _continue: first.metadata?._continue,
    });
    expect([first, rest].map(({ items }) => items.map((item) => item.metadata?.name))).toEqual([['a', 'b'], ['c']]);
    expect(rest.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
    expect(rest.metadata?._continue).toBeUndefined();
  });

  it('watches from where a list ended', async () => {
    const ns = await namespace('watch');
    await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: 'before' } } });
    const { metadata } = await core.listNamespacedConfigMap({ namespace: ns });
    const seen: string[] = [];
    const ended = Promise.withResolvers<unknown>();
    const request = await new Watch(config).watch(
      `/api/v1/namespaces/${ns}/configmaps`,
      { resourceVersion: metadata?.resourceVersion, fieldSelector: 'metadata.name=after' },
      (type, object) => seen.push(`${type} ${object.metadata.name} ${object.data?.by ?? ''}`.trim()),
      ended.resolve,
    );
    await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: 'other' } } });
    await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: 'after' } } });
    await core.replaceNamespacedConfigMap({ namespace: ns, name: 'after', body: { metadata: { name: 'after' }, data: { by: 'me' } } });
    await core.deleteNamespacedConfigMap({ namespace: ns, name: 'after' });
    await vi.waitFor(() => expect(seen).toEqual(['ADDED after', 'MODIFIED after me', 'DELETED after me']), PATIENCE);
    request.abort();
    await ended.promise;
  });

  it('ends a watch when its time is over, without an error', async () => {
    const ended = Promise.withResolvers<unknown>();
    await new Watch(config).watch('/api/v1/namespaces/default/pods', { timeoutSeconds: 1 }, () => undefined, ended.resolve);
    expect(await ended.promise).toBeNull();
  });

  it('is told of a Job that fails', async () => {
    const ns = await namespace('failing');
    const batch = config.makeApiClient(BatchV1Api);
    await batch.createNamespacedJob({
      namespace: ns,
      body: {
        metadata: { name: 'failing' },
        spec: {
          backoffLimit: 0,
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'failing', image: 'busybox:1.37', command: ['sh', '-c', 'exit 3'] }] } },
        },
      },
    });
    await vi.waitFor(async () => {
      const { status } = await batch.readNamespacedJob({ namespace: ns, name: 'failing' });
      expect(status?.conditions?.map(({ type, reason }) => [type, reason])).toContainEqual(['Failed', 'BackoffLimitExceeded']);
    }, PATIENCE);
    const { items } = await core.listNamespacedPod({ namespace: ns });
    expect(items.map((pod) => pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode)).toEqual([3]);
  });

  describe('an informer', () => {
    it('follows pods through their lives', async () => {
      const ns = await namespace('informed');
      const informer = makeInformer<V1Pod>(config, `/api/v1/namespaces/${ns}/pods`, () => core.listNamespacedPod({ namespace: ns }));
      const phases: string[] = [];
      informer.on('update', (pod) => {
        const phase = pod.metadata?.deletionTimestamp ? 'Terminating' : pod.status!.phase!;
        if (phases.at(-1) !== phase) phases.push(phase);
      });
      informer.on('delete', () => phases.push('gone'));
      await informer.start();
      await core.createNamespacedPod({ namespace: ns, body: { metadata: { name: 'one' }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } } });
      await vi.waitFor(() => expect(phases).toContain('Running'), PATIENCE);
      await core.deleteNamespacedPod({ namespace: ns, name: 'one' });
      await vi.waitFor(() => expect(phases.slice(-3)).toEqual(['Running', 'Terminating', 'gone']), PATIENCE);
      await informer.stop();
    });

    it('misses nothing when its connection is cut', async () => {
      const ns = await namespace('cut');
      await using line = await openLine(Number(new URL(cluster.url).port));
      const throughLine = configOf(cluster, `https://127.0.0.1:${line.port}`);
      const client = throughLine.makeApiClient(CoreV1Api);
      const informer = makeInformer<V1ConfigMap>(throughLine, `/api/v1/namespaces/${ns}/configmaps`, () => client.listNamespacedConfigMap({ namespace: ns }));
      const { added, errors } = follow(informer);
      await informer.start();
      for (const round of [1, 2, 3]) {
        await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: `before-cut-${round}` } } });
        await vi.waitFor(() => expect(added).toContain(`before-cut-${round}`), PATIENCE);
        line.cut();
        await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: `after-cut-${round}` } } });
        await vi.waitFor(() => expect(added).toContain(`after-cut-${round}`), PATIENCE);
      }
      expect(errors.length).toBeGreaterThanOrEqual(3);
      expect(added.toSorted()).toEqual([...new Set(added)].toSorted());
      await informer.stop();
    });

    it('misses nothing when the host is killed and started again', async () => {
      const ns = await namespace('restarted');
      const informer = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${ns}/configmaps`, () => core.listNamespacedConfigMap({ namespace: ns }));
      const { added } = follow(informer);
      await informer.start();
      await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: 'first' } } });
      await vi.waitFor(() => expect(added).toContain('first'), PATIENCE);
      await cluster.host.stop('SIGKILL');
      await cluster.start();
      await core.createNamespacedConfigMap({ namespace: ns, body: { metadata: { name: 'second' } } });
      await vi.waitFor(() => expect(added).toContain('second'), PATIENCE);
      expect(added.filter((name) => name !== 'kube-root-ca.crt')).toEqual(['first', 'second']);
      await informer.stop();
    });
  });
});

const PATIENCE = { timeout: PATIENCE_MS, interval: 25 };

function configOf(cluster: Cluster, server = cluster.url): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  config.clusters = config.clusters.map((entry) => ({ ...entry, server }));
  return config;
}

/** Notes what an informer adds, and starts it again after an error as its documentation says. */
function follow(informer: Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>): { added: string[]; errors: unknown[] } {
  const added: string[] = [];
  const errors: unknown[] = [];
  informer.on('add', (object) => added.push(object.metadata!.name!));
  informer.on('error', (error) => {
    errors.push(error);
    setTimeout(() => void informer.start(), 50);
  });
  return { added, errors };
}

/** A line to a local port that can be cut. */
async function openLine(target: number): Promise<{ port: number; cut(): void } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
    },
  };
}
