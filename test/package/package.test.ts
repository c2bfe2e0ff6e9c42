import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { binaries } from '../support/binaries.ts';
import { node20 } from '../support/node-20.ts';

const root = path.resolve(import.meta.dirname, '../..');
const MEGABYTE = 1024 * 1024;

/** The folder of somebody who has Node and npm, and nothing of ours but the packed package. */
const folder = mkdtempSync(path.join(tmpdir(), 'logplane-package-'));
const installed = path.join(folder, 'node_modules/logplane');
const running = new Set<ChildProcess>();

beforeAll(() => {
  execFileSync(process.execPath, [path.join(root, 'scripts/build-package.ts'), path.join(folder, 'built')], { stdio: 'pipe' });
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  const tarballs = ['logplane', '@logplane/testing'].map((name) => npm('pack', '--silent', path.join(folder, 'built', name)).trim());
  npm('install', '--offline', '--no-audit', '--no-fund', ...tarballs.map((tarball) => `./${tarball}`));
  rmSync(path.join(folder, 'built'), { recursive: true });
  cpSync(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
});
afterEach(async () => {
  await Promise.all([...running].map((host) => stop(host)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** With that Node alone on the PATH, besides what the system has. */
function environment(node: string): NodeJS.ProcessEnv {
  const bin = path.join(folder, `bin-${path.basename(path.dirname(path.dirname(node)))}`);
  mkdirSync(bin, { recursive: true });
  rmSync(path.join(bin, 'node'), { force: true });
  symlinkSync(node, path.join(bin, 'node'));
  const PATH = [bin, path.join(folder, 'node_modules/.bin'), process.env['PATH']].join(path.delimiter);
  return { PATH, HOME: folder, NO_COLOR: '1', npm_config_offline: 'true' };
}

async function up(env: NodeJS.ProcessEnv, ...args: string[]): Promise<ChildProcess> {
  const host = spawn('logplane', ['up', '--port', '0', ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(host);
  let said = '';
  host.stderr.on('data', (text) => (said += text));
  await new Promise<void>((resolve, reject) => {
    host.stdout.on('data', (text) => {
      said += text;
      if (said.includes('Serving.')) resolve();
    });
    host.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
  return host;
}

async function stop(host: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
  running.delete(host);
  if (host.exitCode !== null || host.signalCode !== null) return host.exitCode;
  const ended = once(host, 'exit');
  host.kill(signal);
  return (await ended)[0];
}

const tools = binaries(35);
const kubectl = (env: NodeJS.ProcessEnv, data: string, ...args: string[]) =>
  spawnSync(tools!.kubectl, args, { env: { ...env, KUBECONFIG: path.join(folder, data, 'kubeconfig') }, encoding: 'utf8' });

it('has no dependencies, no scripts, no TypeScript, and is small', () => {
  const { dependencies, scripts, bin } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
  expect({ dependencies, scripts }).toEqual({});
  expect(bin).toEqual({ logplane: 'cli.mjs', 'kubectl-logplane': 'cli.mjs', 'kubectl_complete-logplane': 'cli.mjs' });
  const files = (readdirSync(installed, { recursive: true }) as string[]).map((name) => path.join(installed, name)).filter((file) => statSync(file).isFile());
  expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  // The page and the server for agents are part of it.
  expect(files.map((file) => path.relative(installed, file))).toEqual(
    expect.arrayContaining(['ui/index.html', expect.stringMatching(/^lib\/serve-\w+\.mjs$/)]),
  );
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(12 * MEGABYTE);
  expect(readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@logplane', 'logplane']);
});

it('says what is wrong in one line, as the sources do', () => {
  const env = environment(process.execPath);
  mkdirSync(path.join(folder, 'damaged'));
  writeFileSync(path.join(folder, 'damaged/log.sqlite'), 'something else'.repeat(1000));
  const { status, stderr } = spawnSync('logplane', ['up', '--port', '0', '--data', 'damaged'], { cwd: folder, env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^logplane: .*log.sqlite is not a log of Logplane.*\n$/) });
});

it('is a cluster in tests of node:test', () => {
  writeFileSync(
    path.join(folder, 'suite.test.mjs'),
    `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '@logplane/testing';

test('a deployment gets ready', async () => {
  const cluster = await startCluster({ nodes: 1 });
  await cluster.apply('examples/guestbook.yaml');
  await cluster.untilReady({ timeout: '60s' });
  assert.equal((await cluster.get('deployment', 'frontend', { namespace: 'guestbook' })).status.readyReplicas, 3);
  await cluster.stop();
});
`,
  );
  const { status, stdout } = spawnSync(node20() ?? process.execPath, ['--test', '--test-reporter=tap', 'suite.test.mjs'], {
    cwd: folder,
    // What a runner says to its own tests is not for this one.
    env: { HOME: folder, PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^# pass 1$/m) });
});

it('serves agents over standard input and output', async () => {
  const env = environment(node20() ?? process.execPath);
  const host = await up(env, '--data', 'agents', '--profile', 'plain');
  const transport = new StdioClientTransport({
    command: 'logplane',
    args: ['mcp', '--kubeconfig', path.join(folder, 'agents/kubeconfig')],
    env: env as Record<string, string>,
    cwd: folder,
    stderr: 'pipe',
  });
  const client = new Client({ name: 'agent', version: '0.0.0' });
  await client.connect(transport);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('why');
  expect(await client.callTool({ name: 'list', arguments: { kind: 'nodes' } })).toMatchObject({ structuredContent: { kind: 'nodes' } });
  await client.close();
  await stop(host);
});

const nodes = [
  { name: 'the Node of the sources', node: process.execPath },
  { name: 'Node 20', node: node20() },
];

describe.each(nodes)('with $name', ({ name, node }) => {
  const test = node ? it : it.skip;

  test(`npx starts a cluster that comes to ready, and nothing is lost by Ctrl-C or kill -9${node ? '' : ' (there is no such Node here)'}`, async () => {
    const env = environment(node!);
    const data = name.replaceAll(' ', '-');
    const arguments_ = ['--data', data, '--profile', 'plain'];
    const { status, stdout, stderr } = spawnSync(
      'npx',
      ['logplane', 'up', '--port', '0', ...arguments_, '-f', 'examples/guestbook.yaml', '--exit-when-ready'],
      { cwd: folder, env, encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('All ready after') });

    const host = await up(env, ...arguments_);
    const second = spawnSync('logplane', ['up', '--port', '0', ...arguments_], { cwd: folder, env, encoding: 'utf8' });
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining(`log.sqlite is in use by another process (${host.pid})`) });
    if (tools) expect(kubectl(env, data, 'create', 'configmap', 'kept', '--from-literal=a=b')).toMatchObject({ status: 0, stdout: 'configmap/kept created\n' });
    await stop(host, 'SIGKILL');

    const again = await up(env, ...arguments_);
    if (tools) {
      expect(kubectl(env, data, 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).toMatchObject({ status: 0, stdout: 'b' });
      expect(kubectl(env, data, '-n', 'guestbook', 'get', 'deployment', 'frontend', '-o', 'name').stdout).toBe('deployment.apps/frontend\n');
    }
    expect(await stop(again)).toBe(0);
  });
});

it.skipIf(!tools)('is a plugin of kubectl', async () => {
  const env = environment(process.execPath);
  const host = await up(env, '--data', 'plugin', '--profile', 'plain');
  const { status, stdout, stderr } = kubectl(env, 'plugin', 'logplane', '--help');
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: expect.stringContaining('A Kubernetes control plane with no servers') });
  const completed = (...words: string[]) => kubectl(env, 'plugin', '__complete', 'logplane', ...words).stdout;
  expect(completed('bla')).toBe('blame\n:4\n');
  expect(completed('why', 'node/node-1')).toBe('node/node-1\n:4\n');
  expect(completed('apply', '-f', '')).toBe(':0\n');
  await stop(host);
});
