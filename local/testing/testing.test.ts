import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TestCluster } from './test-cluster.ts';
import { startCluster } from './testing.ts';

const problems: unknown[] = [];
const problem = (...all: unknown[]) => problems.push(all);
const root = path.resolve(import.meta.dirname, '../..');

const deployment = (name: string, spec: object = {}, pod: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: 'nginx:1.29' }], ...pod } },
    ...spec,
  },
});
const configMap = (name: string, data: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

let base: TestCluster;
beforeAll(async () => {
  base = await startCluster({ nodes: 2, problem });
});
afterAll(async () => {
  await base.stop();
  expect(problems).toEqual([]);
});

describe('startCluster', () => {
  it('refuses what is no cluster', async () => {
    await expect(startCluster({ nodes: -1 })).rejects.toThrow('0 or more nodes, not -1');
    await expect(startCluster({ instanceType: 'm5.large' })).rejects.toThrow('with the profile eks alone');
    await expect(startCluster({ profile: 'eks', instanceType: 'no.such' })).rejects.toThrow('no EC2 instance type "no.such"');
  });

  it('keeps a cluster in a folder where it is told to', async () => {
    const data = mkdtempSync(path.join(tmpdir(), 'logplane-testing-'));
    {
      await using cluster = await startCluster({ data, nodes: 0, problem });
      await cluster.apply(configMap('kept'));
    }
    await using again = await startCluster({ data, problem });
    expect(await again.get('cm', 'kept')).toBeDefined();
    expect(await again.list('nodes')).toEqual([]);
    rmSync(data, { recursive: true });
  });

  it('runs several at once, and is stopped twice without harm', async () => {
    const clusters = await Promise.all([1, 2, 3].map((nodes) => startCluster({ nodes, problem })));
    expect(await Promise.all(clusters.map(async (cluster) => (await cluster.list('node')).length))).toEqual([1, 2, 3]);
    for (const cluster of clusters) await Promise.all([cluster.stop(), cluster.stop()]);
    await expect(clusters[0]!.list('pods')).rejects.toThrow('cluster default has been stopped');
    await expect(clusters[0]!.url).rejects.toThrow('cluster default has been stopped');
  });

  it('lets the process end by itself once it is stopped, and not with an error when it is not', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-testing-'));
    const module = pathToFileURL(path.join(import.meta.dirname, 'testing.ts'));
    writeFileSync(
      path.join(dir, 'suite.test.mjs'),
      `import assert from 'node:assert/strict';
      import test, { after, before } from 'node:test';
      import { startCluster } from '${module}';
      let cluster;
      before(async () => { cluster = await startCluster({ port: 0 }); });
      after(() => cluster.stop());
      test('a watch and a rollout', async () => {
        const watch = await cluster.fetch('/api/v1/pods?watch=1');
        await cluster.apply(${JSON.stringify(deployment('web', { replicas: 3 }))});
        await cluster.untilReady();
        const fork = await cluster.fork();
        assert.equal((await fork.list('pods')).length, 3);
        assert.match(await cluster.kubeconfig, /127/);
        assert.equal(watch.status, 200);
      });`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', path.join(dir, 'suite.test.mjs')], { cwd: root });
    expect(stdout).toMatch(/pass 1\n.*fail 0\n/s);
    rmSync(dir, { recursive: true });
  });
});

describe('a cluster', () => {
  it('takes manifests as text, as a path and as objects, and says what became of them', async () => {
    await using cluster = await base.fork();
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n`;
    expect(await cluster.apply(text)).toEqual([
      { apiVersion: 'v1', kind: 'Namespace', name: 'shop', outcome: 'created' },
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a', outcome: 'created' },
    ]);
    expect((await cluster.apply(text)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect((await cluster.apply([configMap('b'), configMap('c')])).length).toBe(2);
    expect((await cluster.apply(configMap('b', { x: '1' })))[0]).toMatchObject({ outcome: 'configured' });
    const guestbook = await cluster.apply(path.join(root, 'examples/guestbook.yaml'));
    expect(guestbook.length).toBeGreaterThan(3);
    expect((await cluster.apply(pathToFileURL(path.join(root, 'examples/guestbook.yaml')))).every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    await cluster.untilReady();
  });

  it('tells of all manifests that are refused, and applies the others', async () => {
    await using cluster = await base.fork();
    const wrong = { ...configMap('wrong'), data: { 'no/key': 'x' } };
    const refusal = await cluster.apply([wrong, configMap('good'), { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } }]).catch(String);
    expect(refusal).toMatch(/ConfigMap wrong: ConfigMap "wrong" is invalid: data\[no\/key\]/);
    expect(refusal).toMatch(/Widget w: no matches for kind "Widget" in version "example.com\/v1"/);
    expect(await cluster.get('configmap', 'good')).toBeDefined();
    await expect(cluster.apply('no/such/file.yaml')).rejects.toThrow('the path "no/such/file.yaml" does not exist');
    await expect(cluster.apply([configMap('before'), { kind: 'Nothing' }])).rejects.toThrow('apiVersion and kind are missing');
    expect(await cluster.get('configmap', 'before')).toBeUndefined();
  });

  it('takes a definition and an object of it together', async () => {
    await using cluster = await base.fork();
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'] },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
      },
    };
    await cluster.apply([{ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, size: 3 }, definition]);
    for (const kind of ['Widget', 'widgets', 'wd', 'widgets.example.com']) expect(await cluster.get(kind, 'w')).toMatchObject({ size: 3 });
    await expect(base.get('widget', 'w')).rejects.toThrow('the cluster serves no kind "widget"');
  });

  it('gives objects by kind and name, lists and deletes them', async () => {
    await using cluster = await base.fork();
    expect(await cluster.get('deploy', 'web')).toBeUndefined();
    await cluster.apply([deployment('web', { replicas: 2 }), configMap('a')]);
    await cluster.untilReady();
    expect((await cluster.get('deployments.apps', 'web'))?.['status'].readyReplicas).toBe(2);
    const pods = await cluster.list('po', { labelSelector: 'app=web' });
    expect(pods.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.namespace])).toEqual([
      ['v1', 'Pod', 'default'],
      ['v1', 'Pod', 'default'],
    ]);
    expect(await cluster.list('pods', { namespace: 'kube-system' })).toEqual([]);
    expect([await cluster.delete('cm', 'a'), await cluster.delete('cm', 'a')]).toEqual([true, false]);
    await expect(cluster.get('configmap', 'not/a-name')).rejects.toThrow('Name parameter invalid');
    await expect(cluster.list('pods', { labelSelector: '=' })).rejects.toMatchObject({ status: { reason: 'BadRequest' } });
  });

  it('answers requests without a network, below its own path', async () => {
    await using cluster = await base.fork({ name: 'asked' });
    await cluster.apply(configMap('own'));
    for (const input of ['/api/v1/configmaps', 'https://any.host:6443/api/v1/configmaps', new URL('http://x/clusters/asked/api/v1/configmaps')]) {
      const names = ((await (await cluster.fetch(input)).json()) as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
      expect(names).toContain('own');
    }
    const request = new Request('http://x/api/v1/pods', { headers: { authorization: 'Bearer wrong' } });
    expect((await cluster.fetch(request)).status).toBe(401);
    await expect(cluster.fetch('api/v1/pods')).rejects.toThrow('a path begins with "/"');
  });

  it('has a port once its kubeconfig is asked for, which client libraries take', async () => {
    await using cluster = await startCluster({ nodes: 1, problem });
    const fork = await cluster.fork();
    await fork.apply(configMap('of-the-fork'));
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-testing-'));
    const file = await fork.writeKubeconfig(path.join(dir, 'kubeconfig'));
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([0o600, await fork.kubeconfig]);
    const config = new KubeConfig();
    config.loadFromFile(file);
    const { items } = await config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace: 'default' });
    expect(items.map(({ metadata }) => metadata!.name)).toContain('of-the-fork');
    expect(await fork.url).toBe(`${await cluster.url}/clusters/fork-1`);
    rmSync(dir, { recursive: true });
  });

  it('says what is not ready, and why', async () => {
    await using cluster = await base.fork();
    await cluster.apply(deployment('large', { replicas: 2 }, { nodeSelector: { disk: 'none' } }));
    const why = await cluster.untilReady({ timeout: 200 }).catch((error: Error) => error.message);
    expect(why).toMatch(
      /^not true after 200 ms that all is ready:\n {2}Deployment default\/large: 0 of 2 ready\n {4}Unschedulable \(2 pods, such as large-.*0\/2 nodes are available/,
    );
    await cluster.apply(deployment('small'));
    await cluster.untilReady({ of: 'deployment/small' });
    await expect(cluster.untilReady({ of: 'deployment/none', timeout: 50 })).rejects.toThrow('Deployment default/none: there is none');
    await expect(cluster.untilReady({ of: 'small' })).rejects.toThrow('names no object');
  });

  it('says at once of what has failed that it cannot become ready', async () => {
    await using cluster = await base.fork();
    const failing = { containers: [{ name: 'a', image: 'a' }], restartPolicy: 'Never' };
    await cluster.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'late' },
      spec: { activeDeadlineSeconds: 60, template: { spec: { ...failing, nodeSelector: { disk: 'none' } } } },
    });
    await cluster.clock.advance('2m');
    await expect(cluster.untilReady()).rejects.toThrow(/cannot become ready:\n {2}Job default\/late: 0 of 1 ready\n {4}DeadlineExceeded/);
  });

  it('waits for a condition, whatever changes', async () => {
    await using cluster = await base.fork();
    const found = cluster.until(() => cluster.get('configmap', 'later'), { timeout: '20s' });
    await cluster.apply(configMap('later', { x: '1' }));
    expect(await found).toMatchObject({ data: { x: '1' } });
    await expect(cluster.until(() => false, { timeout: 20, what: 'pigs fly' })).rejects.toThrow('not true after 20 ms that pigs fly');
    await expect(cluster.until(() => Promise.reject(new Error('of the condition')))).rejects.toThrow('of the condition');
    await expect(cluster.until(() => true, { timeout: 'soon' })).rejects.toThrow('"soon" is no duration');
  });

  it('tells what has changed, by whom and why', async () => {
    await using cluster = await base.fork();
    const before = cluster.offset;
    await cluster.apply(deployment('web'));
    await cluster.untilReady();
    const changes = await cluster.changes({ fieldSelector: `from=${before + 1},resource=pods,type=ADDED` });
    expect(changes).toMatchObject([
      { kind: 'Change', type: 'ADDED', object: { resource: 'pods' }, actor: { username: expect.stringContaining('replicaset') } },
    ]);
    const [first] = await cluster.changes({ fieldSelector: `from=${before + 1}` });
    expect(first).toMatchObject({ object: { resource: 'deployments.apps', name: 'web' }, actor: { username: 'logplane-admin' } });
  });
});

describe('the clock of a cluster', () => {
  it('is put forward, and what is due by then is done', async () => {
    await using cluster = await base.fork();
    const template = { spec: { containers: [{ name: 'a', image: 'a' }], restartPolicy: 'Never' } };
    await cluster.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'daily' },
      spec: { schedule: '@daily', jobTemplate: { spec: { template } } },
    });
    await cluster.settled();
    const before = cluster.clock.now();
    await cluster.clock.advance('48h');
    expect(cluster.clock.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(48 * 3_600_000);
    expect(await cluster.list('jobs')).toHaveLength(2);
    await expect(cluster.clock.advance('-1s')).rejects.toThrow('"-1s" is no duration');
    expect(base.clock.now().getTime() - before.getTime()).toBeLessThan(3_600_000);
  });

  it('stands still, and goes on as before', async () => {
    await using cluster = await base.fork();
    await cluster.clock.rate(60);
    await cluster.clock.pause();
    const then = cluster.clock.now();
    await cluster.apply(deployment('web', { minReadySeconds: 5 }));
    await cluster.settled();
    await expect(cluster.untilReady({ timeout: 50 })).rejects.toThrow("the cluster's clock is paused");
    expect(cluster.clock.now()).toEqual(then);
    await cluster.clock.resume();
    await cluster.untilReady();
    await expect(cluster.clock.rate(-1)).rejects.toThrow('not -1');
  });
});

describe('a fork', () => {
  it('goes its own way from a moment of the other', async () => {
    await using one = await base.fork();
    await one.apply(configMap('a', { x: '1' }));
    const at = one.offset;
    await one.apply(configMap('a', { x: '2' }));
    await using old = await one.fork({ at });
    await using now = await one.fork();
    await now.apply(configMap('a', { x: '3' }));
    const values = await Promise.all([one, old, now].map(async (cluster) => (await cluster.get('cm', 'a'))?.['data'].x));
    expect(values).toEqual(['2', '1', '3']);
    await expect(one.fork({ at: at + 1_000_000 })).rejects.toThrow('must not be in the future');
    await expect(one.fork({ name: 'Not a name' })).rejects.toThrow('is invalid');
  });

  it('ends alone', async () => {
    const fork = await base.fork({ name: 'short' });
    await fork.stop();
    await expect(fork.list('pods')).rejects.toThrow('cluster short has been stopped');
    expect((await base.fetch('/clusters/short/api')).status).toBe(404);
    expect(await base.list('nodes')).toHaveLength(2);
  });

  it('goes on where the timers of the process are faked', async () => {
    vi.useFakeTimers();
    try {
      await using fork = await base.fork();
      await fork.apply(deployment('web'));
      await fork.untilReady({ timeout: '20s' });
    } finally {
      vi.useRealTimers();
    }
  });
});
