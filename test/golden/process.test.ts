import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { binaries } from '../support/binaries.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { Cluster, HostProcess, readKubeconfig, startCluster, startHost } from './cluster.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLES = path.join(ROOT, 'examples');
/** The other examples are suites that run against a cluster. */
const manifests = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));
const dir = mkdtempSync(path.join(tmpdir(), 'logplane-process-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Arguments of a host that shares nothing with any other. */
const alone = () => ['--port', '0', '--memory', '--kubeconfig', path.join(mkdtempSync(path.join(dir, 'alone-')), 'kubeconfig')];

function written(name: string, text: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, text);
  return file;
}

function deployment(name: string, replicas: number): string {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } };
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template } });
}

const post = (body: string) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body });

const configMap = (name: string) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

it('--memory keeps the kubeconfig, and nothing else, in the directory that is named', async () => {
  const data = path.join(dir, 'named');
  const { code } = await startHost(['--port', '0', '--memory', '--data', data, '--exit-when-ready', '-f', written('named.json', configMap('named'))]).ended;
  expect({ code, kept: readdirSync(data) }).toEqual({ code: 0, kept: ['kubeconfig'] });
});

describe('--exit-when-ready', () => {
  it.each(manifests)('ends with 0 when all of examples/%s is ready', async (file) => {
    const { code, text } = await startHost([...alone(), '-f', path.join(EXAMPLES, file), '--exit-when-ready']).ended;
    expect(text).toMatch(/All ready after \d+\.\d s\.\n$/);
    expect(code).toBe(0);
  });

  it('ends with 0 for a folder, and again on the same data without a change', async () => {
    const folder = path.join(dir, 'examples');
    mkdirSync(folder);
    for (const file of manifests) copyFileSync(path.join(EXAMPLES, file), path.join(folder, file));
    const args = [...alone().filter((arg) => arg !== '--memory'), '--data', path.join(dir, 'twice'), '-f', folder, '--exit-when-ready'];
    const first = await startHost(args).ended;
    expect(first).toMatchObject({ code: 0, text: expect.stringMatching(/Applied: \d+ created, 0 configured, 0 unchanged\./) });
    const second = await startHost(args).ended;
    expect(second).toMatchObject({ code: 0, text: expect.stringMatching(/Applied: 0 created, 0 configured, \d+ unchanged\./) });
  });

  it('ends with 1 when something failed', async () => {
    const spec = { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox', command: ['false'] }] } } };
    const file = written('failing.json', JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'failing' }, spec }));
    const { code, text } = await startHost([...alone(), '-f', file, '--exit-when-ready']).ended;
    expect(text).toContain('✘ default  0/1 ready  job/failing BackoffLimitExceeded\n');
    expect(code).toBe(1);
  });

  it('reads standard input, and prints nothing when told to be quiet', async () => {
    const host = startHost([...alone(), '-f', '-', '--exit-when-ready', '--quiet'], { stdin: 'pipe' });
    host.process.stdin!.end(`${configMap('a')}\n---\n${configMap('b')}\n`);
    expect(await host.ended).toEqual({ code: 0, text: '' });
  });
});

describe('what cannot be done is said in a line, with an exit code that is not 0', () => {
  const wrong = [
    { name: 'no YAML', text: 'a: [b\n', want: /: yaml: line \d: / },
    { name: 'no object', text: 'words\n', want: /: not a Kubernetes object: apiVersion and kind are missing\n$/ },
    { name: 'an unknown kind', text: '{"apiVersion":"x/v1","kind":"Y","metadata":{"name":"z"}}', want: /: Y z: no matches for kind "Y" in version "x\/v1"\n/ },
    {
      name: 'an unknown field',
      text: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"z"},"date":{}}',
      want: /: ConfigMap z: .*strict decoding error: unknown field "date"\n/,
    },
    { name: 'an invalid object', text: configMap('Z'), want: /: ConfigMap Z: ConfigMap "Z" is invalid: metadata\.name: Invalid value: "Z": / },
    {
      name: 'a namespace that is not there',
      text: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"z","namespace":"nowhere"}}',
      want: /: ConfigMap z: namespaces "nowhere" not found\n/,
    },
  ];
  it.each(wrong)('$name', async ({ name, text, want }) => {
    const file = written(`${name.replaceAll(' ', '-')}.yaml`, text);
    const { code, text: said } = await startHost([...alone(), '-f', file, '--exit-when-ready', '--quiet']).ended;
    expect(said).toMatch(want);
    expect(said.startsWith(`logplane: ${file}: `)).toBe(true);
    expect(said).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });

  it('a file that is not there', async () => {
    expect(await startHost([...alone(), '-f', '/nowhere.yaml']).ended).toEqual({ code: 1, text: 'logplane: the path "/nowhere.yaml" does not exist\n' });
  });

  it('an argument that is none', async () => {
    const { code, text } = await startHost([...alone(), '--nodes', 'many']).ended;
    expect(text).toContain("argument 'many' is invalid. a whole number from 0 to 5000 is needed.");
    expect(code).toBe(2);
  });

  it('a port, or a data directory, that another host has', async () => {
    await using cluster = await startCluster({ durable: true });
    const port = new URL(cluster.url).port;
    const [samePort, sameData] = await Promise.all([
      startHost([...alone(), '--port', port]).ended,
      startHost(['--port', '0', '--data', path.join(cluster.dir, 'data'), '--kubeconfig', path.join(dir, 'second')]).ended,
    ]);
    expect(samePort).toEqual({ code: 1, text: `logplane: port ${port} is taken: is a cluster running already? --port chooses another\n` });
    expect(sameData.text).toMatch(/^logplane: .*in use.*\n$/);
    expect(sameData.code).toBe(1);
    expect((await cluster.fetch('/readyz')).text).toBe('ok');
  });
});

describe('a start', () => {
  it('strips and compiles no source that one before it has', () => {
    const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...env } = process.env;
    const told = () =>
      spawnSync(process.execPath, [path.join(ROOT, 'local/cli.ts'), '--help'], {
        env: { ...env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
        encoding: 'utf8',
        maxBuffer: 16 * 1024 * 1024,
      }).stderr.split('\n');
    told();
    const sources = told().filter((line) => /for (StrippedTypeScript|ESM) \S*\/(core|local)\//.test(line));
    expect(sources.filter((line) => line.startsWith('[compile cache] retrieving transpile cache for') && line.endsWith('...success')).length).toBeGreaterThan(
      100,
    );
    expect(sources.filter((line) => line.includes(' was accepted, ')).length).toBeGreaterThan(100);
    expect(sources.filter((line) => /no transpile cache|was not initialized|was rejected/.test(line))).toEqual([]);
  });
});

describe('npm start', () => {
  /** npm, the host below it and where that serves. What is left of them ends with the process group. */
  async function npmStart() {
    const args = alone();
    const npm = spawn('npm', ['start', '--', ...args, '--nodes', '0'], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const host = new HostProcess(npm);
    await host.printed('Serving.');
    const { server } = readKubeconfig(args.at(-1)!);
    return {
      npm,
      port: Number(new URL(server).port),
      [Symbol.dispose]() {
        try {
          process.kill(-npm.pid!, 'SIGKILL');
        } catch {
          // Nothing is left.
        }
      },
    };
  }

  const refused = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
      socket.once('connect', () => socket.destroy());
    });

  // As a supervisor or an IDE sends them, to npm alone. SIGKILL: npm cannot pass it on.
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)('frees its port when npm gets %s', async (signal) => {
    using started = await npmStart();
    expect(await refused(started.port)).toBe(false);
    started.npm.kill(signal);
    await vi.waitFor(async () => expect(await refused(started.port)).toBe(true), { timeout: 30_000, interval: 50 });
  });

  it('frees its port when the process between npm and the host is killed', async () => {
    using started = await npmStart();
    const { pid } = started.npm;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), 'SIGKILL');
    await vi.waitFor(async () => expect(await refused(started.port)).toBe(true), { timeout: 30_000, interval: 50 });
  });

  it('closes its log once when Ctrl-C comes from the terminal and from npm', async () => {
    using started = await npmStart();
    const ended = once(started.npm, 'exit');
    // A terminal signals the whole group.
    process.kill(-started.npm.pid!, 'SIGINT');
    await ended;
    expect(started.npm.exitCode).toBe(0);
  });
});

describe('a command of the project', () => {
  const npm = (line: string) => spawnSync('npm', ['--silent', ...line.split(' ')], { cwd: ROOT, encoding: 'utf8' });

  it.each(['start -- --help', 'run sim -- --help', 'run bench -- --help', 'test -- --help'])('npm %s prints help', (line) => {
    const { status, stdout, stderr } = npm(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: /);
  });

  it.each([
    ['start -- --bogus', 2],
    ['run sim -- --bogus', 1],
    ['run sim -- --seeds many', 1],
    ['run sim -- --seed', 1],
    ['run bench -- --bogus', 1],
    ['run bench -- nothing', 1],
  ])('npm %s is an error in a line, with exit code %d', (line, code) => {
    const { status, stdout, stderr } = npm(line);
    expect({ status, stdout }).toEqual({ status: code, stdout: '' });
    expect(stderr).toMatch(/^error: .*\n(\(--help lists the options\)\n)?$/);
  });
});

describe('a host', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s while watches are open', async (signal) => {
    await using cluster = await startCluster();
    const watch = cluster.stream('/api/v1/namespaces/default/configmaps?watch=1&allowWatchBookmarks=true');
    await watch.seen('kube-root-ca.crt');
    const [ended] = await Promise.all([cluster.host.stop(signal), watch.ended]);
    expect(ended.code).toBe(0);
  });

  it('loses nothing that it acknowledged when it is killed, and goes on where it was', async () => {
    await using cluster = new Cluster({ durable: true });
    await cluster.start();
    expect((await cluster.fetch('/apis/apps/v1/namespaces/default/deployments', post(deployment('web', 50)))).status).toBe(201);
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let i = 0; ; i++) {
        const name = `c-${writer}-${i}`;
        const answer = await cluster.fetch('/api/v1/namespaces/default/configmaps', post(configMap(name))).catch(() => undefined);
        if (answer?.status !== 201) return;
        acknowledged.push(name);
      }
    });
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(200), { timeout: PATIENCE_MS, interval: 1 });
    await cluster.host.stop('SIGKILL');
    await Promise.all(writers);

    await cluster.start();
    const { items } = (await cluster.fetch('/api/v1/namespaces/default/configmaps')).json() as { items: { metadata: { name: string } }[] };
    const there = new Set(items.map(({ metadata }) => metadata.name));
    expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
    await vi.waitFor(
      async () => expect((await cluster.fetch('/apis/apps/v1/namespaces/default/deployments/web')).json()).toMatchObject({ status: { readyReplicas: 50 } }),
      { timeout: PATIENCE_MS, interval: 100 },
    );
  });

  it.skipIf(!binaries(35))('shows the past to a client whose server is NAME@OFFSET or NAME@TIME', async () => {
    await using cluster = await startCluster();
    const at = async (line: string) => (await cluster.run(line)).text.trim();
    await at('kubectl create configmap early');
    const offset = await at("kubectl get configmap early -o jsonpath='{.metadata.resourceVersion}'");
    const before = new Date(Date.now() - 60_000).toISOString();
    await at('kubectl create configmap late; kubectl delete configmap early');
    const names = (server: string) => at(`kubectl --server=${cluster.url}${server} get configmaps -o name --field-selector metadata.name!=kube-root-ca.crt`);
    expect(await names('')).toBe('configmap/late');
    expect(await names('/clusters/default')).toBe('configmap/late');
    expect(await names(`/clusters/default@${offset}`)).toBe('configmap/early');
    expect(await names(`/clusters/default@${new Date().toISOString()}`)).toBe('configmap/late');
    expect(await names(`/clusters/default@${before}`)).toBe('');
    expect(await at(`kubectl --server=${cluster.url}/clusters/default@${offset} delete configmap early`)).toBe(
      'Error from server (MethodNotAllowed): cluster default is shown as it was at another time: it can only be read',
    );
    expect((await cluster.fetch('/clusters/other/api/v1/pods')).json()).toMatchObject({
      kind: 'Status',
      code: 404,
      message: 'clusters.logplane.dev "other" not found',
    });
  });

  it.skipIf(!binaries(35))('shows nodes and pods of all namespaces', async () => {
    await using cluster = await startCluster({ args: ['--nodes', '2', '-f', path.join(EXAMPLES, 'guestbook.yaml')] });
    const { text } = await cluster.run('kubectl get nodes,pods -A -o wide --no-headers');
    const lines = text.trim().split('\n').filter(Boolean);
    expect(lines.filter((line) => /^ *node\/node-[12] +Ready +<none> +\d+s +v1\.36\.\d/.test(line))).toHaveLength(2);
    expect(lines.filter((line) => /^guestbook +pod\/\S+ +1\/1 +Running +0 +\d+s +10\.244\.\d+\.\d+ +node-[12] +<none> +<none>$/.test(line))).toHaveLength(7);
    expect(lines).toHaveLength(9);
  });
});
