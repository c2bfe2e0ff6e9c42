import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { TestCluster } from '../../local/testing/test-cluster.ts';
import { startCluster } from '../../local/testing/testing.ts';

/** What k9s, Headlamp and Lens ask of an API server, in their words, and what of the answers they need (docs/clients.md says in which versions that was found). */

let cluster: TestCluster;
const problems: unknown[] = [];
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, metricsServer: true, port: 0, problem: (...all) => problems.push(all) });
  await cluster.apply([deployment, helmRelease]);
  await cluster.untilReady();
});
afterAll(async () => {
  await cluster.stop();
  expect(problems).toEqual([]);
});

const labels = { app: 'web' };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } } },
};
const helmRelease = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'helm.sh/release.v1',
  metadata: { name: 'sh.helm.release.v1.shop.v1', labels: { owner: 'helm', name: 'shop', status: 'deployed' } },
};

const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/web';
const AGGREGATED = 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

// biome-ignore lint/suspicious/noExplicitAny: what is answered is looked at, whatever it is
type Json = any;

const ask = (path: string, init?: RequestInit): Promise<Response> => cluster.fetch(path, init);
const json = async (path: string, init?: RequestInit): Promise<Json> => (await ask(path, init)).json();
const send = (method: string, path: string, body: object, type = 'application/json') =>
  json(path, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
const aPod = async (): Promise<Json> => (await json(`${PODS}?labelSelector=app%3Dweb`)).items[0];
const mayI = (verb: string, at = '') =>
  send('POST', `${at}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec: { resourceAttributes: { name: 'web', namespace: 'default', verb, resource: 'deployments', group: 'apps', version: 'v1' } },
  });

describe('what says which server it is', () => {
  it('its version, which they read the minor release from', async () => {
    expect(await json('/version')).toMatchObject({ major: '1', minor: expect.stringMatching(/^\d+$/), gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/) });
  });

  it('its health, as text (Headlamp)', async () => {
    expect(await (await ask('/healthz')).text()).toBe('ok');
  });

  it.each(['', '/'])('its paths, at its URL with "%s" behind it (Lens)', async (end) => {
    for (const path of [`/clusters/default${end}`, `/clusters/default@${cluster.offset}${end}`]) {
      expect((await json(path)).paths).toEqual(expect.arrayContaining(['/apis/apps/v1', '/apis/metrics.k8s.io/v1beta1']));
    }
  });

  it('the uid of its namespace, which Lens takes for its own: a fork has the same', async () => {
    const fork = await cluster.fork({ name: 'known' });
    const uid = (await json('/api/v1/namespaces/default')).metadata.uid;
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(((await (await fork.fetch('/api/v1/namespaces/default')).json()) as Json).metadata.uid).toBe(uid);
    await fork.stop();
  });
});

describe('what says which resources there are', () => {
  it('aggregated discovery (Headlamp, k9s)', async () => {
    const [core, groups] = await Promise.all(['/api', '/apis'].map((path) => json(path, { headers: { accept: AGGREGATED } })));
    for (const item of [...core.items, ...groups.items]) {
      for (const version of item.versions) expect(version).toMatchObject({ version: expect.any(String), resources: expect.any(Array) });
    }
    const apps = groups.items.find((group: Json) => group.metadata.name === 'apps').versions[0].resources;
    const web = apps.find(({ resource }: Json) => resource === 'deployments');
    expect(web).toMatchObject({ singularResource: 'deployment', scope: 'Namespaced', responseKind: { kind: 'Deployment' }, shortNames: ['deploy'] });
  });

  it('discovery group by group (Lens)', async () => {
    const { versions } = await json('/api');
    const { groups } = await json('/apis');
    expect(versions).toEqual(['v1']);
    for (const { name, preferredVersion } of groups) {
      expect((await json(`/apis/${name}`)).preferredVersion).toEqual(preferredVersion);
      expect((await json(`/apis/${preferredVersion.groupVersion}`)).groupVersion).toBe(preferredVersion.groupVersion);
    }
  });

  it('404 for a group that is not installed, which they leave out', async () => {
    for (const group of ['gateway.networking.k8s.io/v1/gateways', 'autoscaling.k8s.io/v1/verticalpodautoscalers', 'policy/v1beta1/poddisruptionbudgets'])
      expect((await ask(`/apis/${group}`)).status).toBe(404);
  });
});

describe('what is shown', () => {
  it('each list names its kind, from which Headlamp and Lens take that of its objects', async () => {
    for (const base of ['/api/v1', '/apis/apps/v1', '/apis/batch/v1', '/apis/metrics.k8s.io/v1beta1']) {
      for (const { name, kind, verbs } of (await json(base)).resources) {
        if (name.includes('/') || !verbs.includes('list')) continue;
        const { items, ...list } = await json(`${base}/${name}?limit=1`);
        expect(list).toMatchObject({ kind: `${kind}List`, apiVersion: base.replace(/^\/apis?\//, ''), metadata: {} });
        expect(items).toBeInstanceOf(Array);
      }
    }
  });

  it('rows with their objects (k9s)', async () => {
    const { kind, columnDefinitions, rows } = await json(`/apis/apps/v1/deployments?includeObject=Object`, { headers: { accept: TABLE } });
    expect({ kind, first: columnDefinitions[0].name }).toEqual({ kind: 'Table', first: 'Name' });
    const web = rows.find(({ object }: Json) => object.metadata.name === 'web');
    expect(web).toMatchObject({ cells: expect.arrayContaining(['web', '2/2']), object: { kind: 'Deployment', spec: { replicas: 2 } } });
  });

  it('who owns what, up to the Deployment (xray, maps)', async () => {
    const [ofPod] = (await aPod()).metadata.ownerReferences;
    const replicaSet = await json(`/apis/apps/v1/namespaces/default/replicasets/${ofPod.name}`);
    expect(replicaSet.metadata).toMatchObject({ uid: ofPod.uid, ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }] });
  });

  it('the events of an object', async () => {
    const { name, namespace } = (await aPod()).metadata;
    const query = (fields: object) =>
      new URLSearchParams({
        fieldSelector: Object.entries(fields)
          .map((field) => field.join('='))
          .join(','),
        limit: '2000',
      });
    const headlamp = { 'involvedObject.kind': 'Pod', 'involvedObject.name': name, 'involvedObject.namespace': namespace };
    const { items } = await json(`/api/v1/namespaces/${namespace}/events?${query(headlamp)}`);
    expect(items.map(({ reason }: Json) => reason)).toEqual(expect.arrayContaining(['Scheduled', 'Started']));
    expect((await json(`/api/v1/events?${query({ ...headlamp, 'involvedObject.kind': 'Node' })}`)).items).toEqual([]);
  });

  it('what pods and nodes use', async () => {
    const { items: pods } = await json('/apis/metrics.k8s.io/v1beta1/pods');
    expect(pods[0].containers[0].usage).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    expect((await json('/apis/metrics.k8s.io/v1beta1/nodes')).items).toHaveLength(2);
  });

  it.each(['fieldSelector=type%3Dhelm.sh%2Frelease.v1', 'labelSelector=owner%3Dhelm'])('the releases of helm, by %s', async (selector) => {
    expect((await json(`/api/v1/secrets?${selector}`)).items.map(({ metadata }: Json) => metadata.name)).toEqual([helmRelease.metadata.name]);
  });
});

describe('what is watched', () => {
  it.each([
    { name: 'as a browser does, through its proxy', protocols: ['base64.binary.k8s.io'] },
    { name: 'with a user of its own', protocols: ['base64.binary.k8s.io', 'base64url.headlamp.authorization.k8s.io.user'] },
  ])('over a WebSocket, $name (Headlamp)', async ({ protocols }) => {
    const { metadata } = await json('/api/v1/namespaces/default/configmaps');
    const url = `${(await cluster.url).replace('https', 'wss')}/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=${metadata.resourceVersion}`;
    const socket = new WebSocket(url, protocols, { ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}`, origin: 'http://localhost:4466' } });
    const told = new Promise<Json>((resolve) => socket.once('message', (message, binary) => resolve({ binary, ...JSON.parse(message.toString()) })));
    await new Promise((resolve) => socket.once('open', resolve));
    const name = `watched-${protocols.length}`;
    await send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name } });
    expect(await told).toMatchObject({ binary: false, type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name, uid: expect.any(String) } } });
    expect(socket.protocol).toBe(protocols[0]);
    socket.close();
  });

  it.each(['&resourceVersion=', ''])('a line an event, from the beginning with "%s" (Lens)', async (from) => {
    const { body, status } = await ask(`${PODS}?watch=1${from}&timeoutSeconds=600`);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    expect(status).toBe(200);
    const [line] = (await reader.read()).value!.split('\n');
    expect(JSON.parse(line!)).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Pod', metadata: { namespace: 'default', resourceVersion: expect.any(String) } },
    });
    await reader.cancel();
  });
});

describe('what is done', () => {
  it('may be done, for their buttons', async () => {
    expect((await mayI('delete')).status).toEqual({ allowed: true });
  });

  it('may not be done in a cluster that is shown as it was', async () => {
    const past = `/clusters/default@${cluster.offset}`;
    expect((await mayI('delete', past)).status).toMatchObject({ allowed: false, denied: true, reason: expect.stringContaining('can only be read') });
    expect((await mayI('get', past)).status).toEqual({ allowed: true });
  });

  it('what a user may list in a namespace, complete (Lens)', async () => {
    const { status } = await send('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'default' } });
    expect(status).toMatchObject({ incomplete: false, resourceRules: expect.arrayContaining([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]) });
  });

  it('scale, restart, change, evict, delete', async () => {
    const MERGE = 'application/merge-patch+json';
    expect(await send('PATCH', `${DEPLOYMENT}/scale`, { spec: { replicas: 3 } }, MERGE)).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
    const restart = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } } } } };
    expect((await send('PATCH', DEPLOYMENT, restart, 'application/strategic-merge-patch+json')).metadata.generation).toBe(3);
    const edit = [{ op: 'replace', path: '/spec/replicas', value: 2 }];
    expect((await send('PATCH', DEPLOYMENT, edit, 'application/json-patch+json')).spec.replicas).toBe(2);
    await cluster.untilReady();
    const { name } = (await aPod()).metadata;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
    expect(await send('POST', `${PODS}/${name}/eviction`, eviction)).toMatchObject({ status: 'Success' });
    const cordon = { spec: { unschedulable: true } };
    expect((await send('PATCH', '/api/v1/nodes/node-1', cordon, 'application/strategic-merge-patch+json')).spec.unschedulable).toBe(true);
    const options = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 };
    expect(await send('DELETE', `${DEPLOYMENT}?propagationPolicy=Background`, options)).toMatchObject({ status: 'Success', details: { name: 'web' } });
  });
});

it('what leads to a container says that it is simulated', async () => {
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'web', image: 'nginx' }] } });
  for (const what of ['log?container=web&tailLines=100&follow=true', 'exec?container=web&command=sh', 'attach', 'portforward', 'proxy/']) {
    const response = await ask(`${PODS}/p/${what}`);
    expect({ status: response.status, message: ((await response.json()) as Json).message }).toEqual({
      status: 501,
      message: `${/^\w+/.exec(what)![0]} of pods is not supported by this cluster's nodes: containers are simulated, and nothing is executed`,
    });
  }
});
