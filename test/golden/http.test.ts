import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaries } from '../support/binaries.ts';
import { Arrivals, type Cluster, startCluster } from './cluster.ts';

/** What an HTTP client with a token sees, as one behind API Gateway would. */
describe('over HTTPS', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
  const json = (body: unknown) => ({ headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('an object is made, read, patched and deleted', async () => {
    const made = await cluster.fetch(CONFIGMAPS, { method: 'POST', ...json({ metadata: { name: 'http' }, data: { a: '1' } }) });
    expect(made.status).toBe(201);
    expect(made.json()).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'http', namespace: 'default', uid: expect.any(String) } });
    const patched = await cluster.fetch(`${CONFIGMAPS}/http`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{"data":{"a":null,"b":"2"}}',
    });
    expect(patched.json()).toMatchObject({ data: { b: '2' } });
    expect((await cluster.fetch(`${CONFIGMAPS}/http`)).text).toBe(patched.text);
    const yaml = await cluster.fetch(`${CONFIGMAPS}/http`, { headers: { accept: 'application/yaml' } });
    expect(yaml.text).toMatch(/^apiVersion: v1\ndata:\n {2}b: "2"\nkind: ConfigMap\n/);
    const deleted = await cluster.fetch(`${CONFIGMAPS}/http`, { method: 'DELETE' });
    expect(deleted.json()).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'http', kind: 'configmaps' } });
    expect((await cluster.fetch(`${CONFIGMAPS}/http`)).status).toBe(404);
  });

  const wrong = [
    { name: 'no token', send: { headers: { authorization: '' } }, code: 403, reason: 'Forbidden' },
    { name: 'another token', send: { headers: { authorization: 'Bearer wrong' } }, code: 401, reason: 'Unauthorized' },
    { name: 'malformed JSON', send: { method: 'POST', ...json('{"metadata":') }, code: 400, reason: 'BadRequest' },
    { name: 'no JSON at all', send: { method: 'POST', ...json('words') }, code: 400, reason: 'BadRequest' },
    {
      name: 'another type of content',
      send: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'words' },
      code: 415,
      reason: 'UnsupportedMediaType',
    },
    { name: 'a body over the limit', send: { method: 'POST', ...json(`{"data":"${'x'.repeat(4_000_000)}"}`) }, code: 413, reason: 'RequestEntityTooLarge' },
    { name: 'a resource that is none', path: '/api/v1/namespaces/default/unicorns', send: {}, code: 404, reason: 'NotFound' },
    { name: 'a bad selector', path: `${CONFIGMAPS}?labelSelector=a%20b%20c`, send: {}, code: 400, reason: 'BadRequest' },
    { name: 'a verb that is none', send: { method: 'PUT', ...json({}) }, code: 405, reason: 'MethodNotAllowed' },
  ];
  it.each(wrong)('$name is answered with a Status, and nothing changes', async ({ path: target = CONFIGMAPS, send, code, reason }) => {
    const versionOf = async () => (await cluster.fetch(CONFIGMAPS)).json() as { items: unknown[] };
    const before = await versionOf();
    const answer = await cluster.fetch(target, send);
    expect(answer.json()).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
    expect(answer.status).toBe(code);
    expect((await versionOf()).items).toEqual(before.items);
  });

  it('the health of the server is there without a token', async () => {
    const anonymous = { headers: { authorization: '' } };
    for (const target of ['/healthz', '/livez', '/readyz']) expect(await cluster.fetch(target, anonymous)).toMatchObject({ status: 200, text: 'ok' });
    expect((await cluster.fetch('/version', anonymous)).json()).toMatchObject({ major: '1', minor: '36' });
  });

  it('a watch goes on from an offset, line by line', async () => {
    const { metadata } = (await cluster.fetch(CONFIGMAPS)).json() as { metadata: { resourceVersion: string } };
    const watch = cluster.stream(`${CONFIGMAPS}?watch=true&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=20`);
    await cluster.fetch(CONFIGMAPS, { method: 'POST', ...json({ metadata: { name: 'seen' } }) });
    await watch.seen('"type":"ADDED"');
    await cluster.fetch(`${CONFIGMAPS}/seen`, { method: 'DELETE' });
    await watch.seen('"type":"DELETED"');
  });

  it.skipIf(!binaries(35))('kubectl get --watch shows what happens', async () => {
    const kubectl = spawn('kubectl', ['get', 'configmaps', '--watch', '--output-watch-events', '--selector=watched', '--no-headers'], {
      env: { ...process.env, ...cluster.clientEnv },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const shown = new Arrivals();
    kubectl.stdout.setEncoding('utf8').on('data', (part) => shown.add(part));
    const step = async (line: string, event: RegExp) => {
      expect((await cluster.run(line)).code).toBe(0);
      await shown.match(event);
    };
    const create = (name: string) =>
      `kubectl create configmap ${name} --from-literal=a=1 -o yaml --dry-run=client | kubectl label --local -f - watched=yes -o yaml | kubectl create -f -`;
    await step(create('one'), /^ADDED +one +1 +\d+s$/m);
    await step('kubectl patch configmap one -p \'{"data":{"b":"2"}}\'', /^MODIFIED +one +2 +\d+s$/m);
    // To a watch with a selector, what does not match any more is gone, and what comes to match is new.
    await step('kubectl label configmap one watched-', /^DELETED +one +2 +\d+s$/m);
    await step(create('two'), /^ADDED +two +1 +\d+s$/m);
    kubectl.kill();
  });
});
