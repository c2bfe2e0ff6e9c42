import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommandLineHost } from '../test/support/command-line.ts';
import { configOf as config } from '../test/support/manifests.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { Interrupted } from './terminal.ts';

const CLI = path.join(import.meta.dirname, 'cli.ts');

let at: CommandLineHost;
/** Passes on so many requests that write, and is gone then. */
let wire: http.Server;
let writesLeft = 0;
const written = new Set<() => void>();
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 1 });
  await at.host.settled('default');
  wire = http.createServer(async (request, response) => {
    const { method = '', url: target = '', headers } = request;
    const body = await text(request);
    const isWrite = method !== 'GET' && !target.includes('dryRun');
    if (isWrite && writesLeft-- <= 0) return request.socket.destroy();
    const init = {
      method,
      headers: { authorization: headers.authorization ?? '', accept: headers.accept ?? '', 'content-type': headers['content-type'] ?? '' },
    };
    const answer = await at.host.fetch(new Request(at.host.url, { ...init, ...(body && { body }) }), { target });
    response.writeHead(answer.status).end(await answer.text());
    if (isWrite) for (const tell of written) tell();
    return undefined;
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', () => resolve()));
  const { port } = wire.address() as AddressInfo;
  writeKubeconfig(path.join(at.dir, 'wire'), { server: `http://127.0.0.1:${port}`, ca: at.host.ca, token: at.host.token, cluster: 'default' });
});
afterEach(() => written.clear());
afterAll(async () => {
  wire.closeAllConnections();
  wire.close();
  await at.close();
});

const configMaps = async (cluster = 'default') =>
  (await at.host.replica(cluster))!.state
    .list('configmaps', 'default')
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt');
const logplane = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: at.dir, encoding: 'utf8', env: { ...process.env, HOME: at.dir } });
  return { status, stdout, stderr };
};

describe('what is no input says so, and changes nothing', () => {
  const inputs = [
    { name: 'nothing', content: '', want: /no objects in ".*nothing\.yaml"\n$/ },
    { name: 'comments', content: '# nothing\n---\n', want: /no objects in/ },
    { name: 'words', content: 'just words', want: /apiVersion and kind are missing/ },
    { name: 'brackets', content: '[', want: /brackets\.yaml: yaml: / },
    {
      name: 'too much',
      content: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: ${'x'.repeat(3_500_000)}}`,
      want: /larger than 3145728 characters/,
    },
  ];
  const verbs = [['apply'], ['apply', '--atomic'], ['plan'], ['test'], ['import', '--yes']];
  it.each(inputs)('$name', async ({ name, content, want }) => {
    const file = path.join(at.dir, `${name}.yaml`);
    writeFileSync(file, content);
    const { offset } = (await at.host.replica('default'))!.state;
    for (const verb of verbs) {
      const { code, out, err } = await at.run([...verb, '-f', file]);
      expect({ verb, code, out, err }).toEqual({ verb, code: verb[0] === 'plan' ? 2 : 1, out: '', err: expect.stringMatching(want) });
    }
    expect((await at.host.replica('default'))!.state.offset).toBe(offset);
  });
});

describe('a kubeconfig', () => {
  it('that is not there is none', async () =>
    expect(await at.run(['history', 'cm/a', '--kubeconfig', path.join(at.dir, 'absent')])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/there is no kubeconfig \(.*absent\): start a cluster/),
    }));

  it.each([
    { name: 'is read-only', content: 'apiVersion: v1\n', mode: 0o444, want: 'is read-only, and stays as it is' },
    { name: 'is no YAML', content: '{{', mode: 0o600, want: 'is no kubeconfig, and stays as it is' },
    { name: 'has no lists', content: 'clusters: 5\n', mode: 0o600, want: 'clusters is no list' },
  ])('that $name is left as it is, without a lock or a backup', async ({ name, content, mode, want }) => {
    const file = path.join(at.dir, name.replaceAll(' ', '-'));
    writeFileSync(file, content);
    chmodSync(file, mode);
    expect(await at.run(['kubeconfig', '--merge', '--file', file])).toMatchObject({ code: 1, out: '', err: expect.stringContaining(want) });
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(readdirSync(at.dir).filter((other) => other.startsWith(path.basename(file)))).toEqual([path.basename(file)]);
  });
});

describe('up', () => {
  it('says where it cannot be, and what to do', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
    const { port } = taken.address() as AddressInfo;
    expect(logplane('up', '--memory', '--port', String(port))).toEqual({
      status: 1,
      stdout: '',
      stderr: `logplane: port ${port} is taken: is a cluster running already? --port chooses another\n`,
    });
    taken.close();
    writeFileSync(path.join(at.dir, 'file'), '');
    expect(logplane('up', '--port', '0', '--data', 'file')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/file cannot be used: it is a file\. --data names another/),
    });
  });

  it('tells programs what happens, a line of JSON each, and is served on when nobody reads it', async () => {
    const good = at.write('good.json', config('good'));
    const bad = at.write('bad.json', { ...config('bad'), data: { a: 5 } });
    const args = ['up', '--memory', '--port', '0', '--nodes', '0', '--exit-when-ready', '-o', 'json'];
    const { status, stdout } = logplane(...args, '-f', good);
    expect({
      status,
      events: stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    }).toEqual({
      status: 0,
      events: [
        {
          event: 'serving',
          url: expect.stringMatching(/^https:/),
          link: expect.stringMatching(/\/ui\/\?code=/),
          kubeconfig: expect.stringMatching(/kubeconfig$/),
        },
        { event: 'applied', created: 1, configured: 0, unchanged: 0 },
        { event: 'ready', seconds: expect.any(Number) },
        { event: 'stopped' },
      ],
    });
    const refused = logplane(...args, '-f', bad);
    expect(refused).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`{"event":"refused","source":${JSON.stringify(bad)},"object":"ConfigMap bad"`),
    });
    const unread = spawn(process.execPath, [CLI, ...args, '-f', good], { cwd: at.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    unread.stdout.destroy();
    const [said, [code]] = await Promise.all([text(unread.stderr), once(unread, 'close')]);
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });
});

describe('a cluster that is gone in the middle', () => {
  const three = () => at.write('three.json', config('one'), config('two'), config('three'));

  it('of apply: tells what was applied', async () => {
    writesLeft = 2;
    const { code, out, err } = await at.run(['apply', '-f', three(), '-k', path.join(at.dir, 'wire')]);
    expect({ code, out }).toEqual({ code: 3, out: 'configmap/one serverside-applied\nconfigmap/two serverside-applied\n' });
    expect(err).toMatch(/^logplane: 2 of 3 were applied before this: the same command goes on from there\nlogplane: http.* does not answer/);
  });

  it('of import: says what is not known, and where a new cluster may be left', async () => {
    const many = at.write('many.json', ...Array.from({ length: 12 }, (_, i) => config(`many-${i}`, { a: 'x'.repeat(250_000) })));
    const from = ['import', '-f', many, '--yes', '-k', path.join(at.dir, 'wire')];
    writesLeft = 1;
    const half = await at.run(from);
    expect(half).toMatchObject({
      code: 3,
      err: expect.stringMatching(
        /9 of 12 objects are imported, and of the next 3, one transaction, it is not known whether they are: the same command goes on from there/,
      ),
    });
    writesLeft = 1;
    expect(await at.run([...from, '--into', 'half'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('Cluster half may hold a part of it: logplane clusters delete half removes it'),
    });
    writesLeft = 9;
    expect(await at.run(from)).toMatchObject({ code: 0 });
  });

  it('of an import that a quota refuses: nothing is there of it', async () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'tight' }, spec: { hard: { 'count/configmaps': '2' } } };
    at.write('quota.json', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tight' } }, quota);
    expect(await at.run(['apply', '-f', path.join(at.dir, 'quota.json')])).toMatchObject({ code: 0 });
    const over = at.write('over.json', ...['a', 'b', 'c'].map((name) => ({ ...config(name), metadata: { name, namespace: 'tight' } })));
    const { code, err } = await at.run(['import', '-f', over, '--yes']);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^logplane: configmap\/\w -n tight: .*exceeded quota: q/) });
    expect((await at.host.replica('default'))!.state.list('configmaps', 'tight').map(({ metadata }) => metadata.name)).not.toContain('a');
  });
});

describe('Ctrl-C', () => {
  it('ends an apply between two objects, which tells what was applied', async () => {
    const abort = new AbortController();
    written.add(() => abort.abort(new Interrupted()));
    writesLeft = 9;
    const manifests = at.write('fresh.json', config('fresh-1'), config('fresh-2'));
    const { code, out, err } = await at.run(['apply', '-f', manifests, '-k', path.join(at.dir, 'wire')], {
      env: {},
      interrupted: () => abort.signal,
    });
    expect({ code, out, err }).toMatchObject({ code: 130, out: 'configmap/fresh-1 serverside-applied\n', err: expect.stringContaining('1 of 2 were applied') });
    expect(await configMaps()).not.toContain('fresh-2');
  });

  it('ends a test, which takes its fork away', async () => {
    const test = spawn(process.execPath, [CLI, 'test', '--fork', '--kubeconfig', at.kubeconfig, '--for', 'cm/never:create'], { cwd: at.dir });
    const said = text(test.stderr);
    const forks = async () => (await at.host.replica('root'))!.state.list('clusters.logplane.dev').filter(({ metadata }) => metadata.name.startsWith('test-'));
    await vi.waitFor(async () => expect(await forks()).toMatchObject([{ status: { phase: 'Ready' } }]), { timeout: 20_000 });
    test.kill('SIGINT');
    expect(await once(test, 'close')).toEqual([130, null]);
    expect(await said).toBe('logplane: interrupted\n');
    expect(await forks()).toEqual([]);
  });
});

it('a file that cannot be written is named, once what it was for is told', async () => {
  const { code, out, err } = await at.run([
    'test',
    '--context',
    'logplane-default',
    '--for',
    'ns/default:create',
    '--junit',
    path.join(at.dir, 'no/such/file'),
  ]);
  expect({ code, out, err }).toEqual({
    code: 1,
    out: expect.stringContaining('All 1 are'),
    err: expect.stringMatching(/^logplane: .*no\/such\/file cannot be used: /),
  });
  expect(existsSync(path.join(at.dir, 'no'))).toBe(false);
});

it('a Node that is too old is told so', () => {
  const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.20.8"})';
  const { status, stderr } = spawnSync(process.execPath, ['--import', older, CLI, '--version'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'logplane: it needs Node 20 or newer, and this is 18.20.8: put a newer one first on the PATH\n' });
});
