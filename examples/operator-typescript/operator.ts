import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type KubernetesObject,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  type V1ObjectMeta,
} from '@kubernetes/client-node';

/** A site that is served by some replicas of an image, until it is too old. */
export interface Website extends KubernetesObject {
  readonly metadata: V1ObjectMeta;
  readonly spec: { readonly image: string; readonly replicas: number; readonly lifetimeSeconds?: number };
  readonly status?: { readonly ready?: string };
}

interface Options {
  readonly kubeConfig: KubeConfig;
  /** What time it is: the cluster's, where that is not the machine's. */
  readonly now?: () => Date;
  /** How often all sites are looked at, changed or not, in ms: lifetimes end without a change. */
  readonly resyncMs?: number;
}

/** Gives each Website a Deployment and a Service, says in its status how many replicas are ready, and deletes it once its lifetime is over. Resolves to what stops it. */
export async function startOperator({ kubeConfig, now = () => new Date(), resyncMs = 60_000 }: Options): Promise<() => Promise<void>> {
  const [apps, core, custom] = [kubeConfig.makeApiClient(AppsV1Api), kubeConfig.makeApiClient(CoreV1Api), kubeConfig.makeApiClient(CustomObjectsApi)];
  const all = { group: 'example.com', version: 'v1', plural: 'websites' };
  const sites = makeInformer<Website>(
    kubeConfig,
    '/apis/example.com/v1/websites',
    async () => (await custom.listCustomObjectForAllNamespaces({ ...all, resourcePlural: all.plural })) as never,
  );
  const deployments = makeInformer<V1Deployment>(kubeConfig, '/apis/apps/v1/deployments', () => apps.listDeploymentForAllNamespaces());

  const queue = new Set<string>();
  let running: Promise<void> | undefined;
  const enqueue = ({ namespace, name }: { namespace?: string; name?: string } = {}) => {
    queue.add(`${namespace}/${name}`);
    running ??= work().finally(() => {
      running = undefined;
    });
  };
  async function work(): Promise<void> {
    for (const key of queue) {
      queue.delete(key);
      const [namespace, name] = key.split('/') as [string, string];
      await reconcile(namespace, name).catch((error) => retry(error, { namespace, name }));
    }
  }
  const retries = new Set<NodeJS.Timeout>();
  function retry(error: unknown, key: { namespace: string; name: string }): void {
    // Another writer was first, or the object is gone: what is there now is looked at again.
    if (!(error instanceof ApiException && [404, 409].includes(error.code))) console.error(error);
    const timer = setTimeout(() => {
      retries.delete(timer);
      enqueue(key);
    }, RETRY_MS);
    retries.add(timer);
  }

  async function reconcile(namespace: string, name: string): Promise<void> {
    const site = sites.get(name, namespace);
    if (!site || site.metadata.deletionTimestamp) return;
    if (isOver(site, now())) {
      await custom.deleteNamespacedCustomObject({ ...all, namespace, name });
      return;
    }
    const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
    const by = { namespace, name, fieldManager: 'website-operator', force: true };
    await apps.patchNamespacedDeployment({ ...by, body: deploymentOf(site) }, apply);
    await core.patchNamespacedService({ ...by, body: serviceOf(site) }, apply);
    const ready = `${deployments.get(name, namespace)?.status?.readyReplicas ?? 0}/${site.spec.replicas}`;
    if (site.status?.ready === ready) return;
    const body = { ...site, status: { ready } };
    await custom.replaceNamespacedCustomObjectStatus({ ...all, namespace, name, body });
  }

  for (const event of ['add', 'update'] as const) sites.on(event, ({ metadata }) => enqueue(metadata));
  for (const event of ['add', 'update', 'delete'] as const) {
    deployments.on(event, ({ metadata }) => {
      const owner = metadata?.ownerReferences?.find(({ kind }) => kind === 'Website');
      if (owner) enqueue({ namespace: metadata!.namespace!, name: owner.name });
    });
  }
  let stopped = false;
  for (const informer of [sites, deployments]) informer.on('error', () => stopped || setTimeout(() => stopped || informer.start(), RETRY_MS));
  await Promise.all([sites.start(), deployments.start()]);
  const resync = setInterval(() => {
    for (const { metadata } of sites.list()) enqueue(metadata);
  }, resyncMs);

  return async () => {
    stopped = true;
    clearInterval(resync);
    for (const timer of retries) clearTimeout(timer);
    queue.clear();
    await running;
    await Promise.all([sites.stop(), deployments.stop()]);
  };
}

const RETRY_MS = 200;

const isOver = ({ metadata, spec }: Website, now: Date): boolean =>
  spec.lifetimeSeconds !== undefined && now.getTime() - new Date(metadata.creationTimestamp!).getTime() >= spec.lifetimeSeconds * 1000;

function metadataOf({ apiVersion, kind, metadata: { namespace, name, uid } }: Website): V1ObjectMeta {
  const owner = { apiVersion: apiVersion!, kind: kind!, name: name!, uid: uid!, controller: true, blockOwnerDeletion: true };
  return { namespace: namespace!, name: name!, ownerReferences: [owner] };
}

function deploymentOf(site: Website): V1Deployment {
  const labels = { website: site.metadata.name! };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(site),
    spec: {
      replicas: site.spec.replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: site.spec.image, ports: [{ containerPort: 80 }] }] } },
    },
  };
}

function serviceOf(site: Website): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: metadataOf(site), spec: { selector: { website: site.metadata.name }, ports: [{ port: 80 }] } };
}
