import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Cluster, startCluster, startHost } from './cluster.ts';

/** What a user sees of a disk that fails: in the answers, in the health and on standard error. */

const post = (name: string, bytes = 10) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: incompressible(bytes) } }),
});
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const incompressible = (bytes: number) => Array.from({ length: Math.ceil(bytes / 10) }, () => Math.random().toString(36).slice(2, 12).padEnd(10, '0')).join('');

const dataOf = (cluster: Cluster, ...file: string[]) => path.join(cluster.dir, 'data', ...file);
const restarted = (cluster: Cluster, ...more: string[]) =>
  startHost(['--port', '0', '--data', dataOf(cluster), '--kubeconfig', cluster.kubeconfig, '--exit-when-ready', '--quiet', ...more]).ended;

/** No file of a running host may grow beyond so many bytes: a write that would is refused, as on a disk that is full. */
const limitFiles = (cluster: Cluster, bytes: string) => execFileSync('prlimit', ['--pid', String(cluster.host.process.pid), `--fsize=${bytes}:unlimited`]);

const names = async (cluster: Cluster) => {
  const { items } = (await cluster.fetch(CONFIG_MAPS)).json() as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
};

const failing = { status: 500, text: expect.stringMatching(/^\[\+\]ping ok\n\[-\]log failed: reason withheld\n[\s\S]*\nreadyz check failed\n$/) };

describe('a disk that is full', () => {
  it('is said at once, loses nothing that was acknowledged, and is over when there is room again', async () => {
    await using cluster = await startCluster({ durable: true });
    limitFiles(cluster, String(statSync(dataOf(cluster, 'log.sqlite-wal')).size + 200_000));
    const taken: string[] = [];
    let refusal = await cluster.fetch(CONFIG_MAPS, post('c-0', 30_000));
    for (let i = 1; refusal.status === 201; i++) {
      taken.push(`c-${i - 1}`);
      refusal = await cluster.fetch(CONFIG_MAPS, post(`c-${i}`, 30_000));
    }
    expect(taken.length).toBeGreaterThan(2);
    expect(refusal.json()).toMatchObject({
      kind: 'Status',
      reason: 'InternalError',
      code: 500,
      message: expect.stringMatching(/^Internal error occurred: the log's database failed: /),
    });
    await cluster.host.printed("logplane: nothing can be written: the log's database failed: ");
    expect(await cluster.fetch('/readyz')).toMatchObject(failing);
    expect(await cluster.fetch('/livez')).toMatchObject({ status: 200, text: 'ok' });
    expect(await names(cluster)).toEqual(expect.arrayContaining(taken));

    limitFiles(cluster, 'unlimited');
    await cluster.host.printed('logplane: the log takes writes again\n');
    expect(await cluster.fetch('/readyz')).toMatchObject({ status: 200, text: 'ok' });
    expect(await cluster.fetch(CONFIG_MAPS, post('after'))).toMatchObject({ status: 201 });
    const { text } = await cluster.host.stop('SIGKILL');
    expect(text.match(/nothing can be written/g)).toHaveLength(1);
    expect(text).not.toMatch(/\n\s+at /);
    await cluster.start();
    expect(await names(cluster)).toEqual(expect.arrayContaining([...taken, 'after']));
  });

  it('leaves no work undone', async () => {
    await using cluster = await startCluster({ durable: true });
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 3, selector: { matchLabels: labels }, template },
    };
    expect(await cluster.fetch('/apis/apps/v1/namespaces/default/deployments', { ...post(''), body: JSON.stringify(deployment) })).toMatchObject({
      status: 201,
    });
    // The controllers and the nodes find it full in the middle of their work.
    limitFiles(cluster, '1');
    await cluster.fetch(CONFIG_MAPS, post('refused'));
    await cluster.host.printed('logplane: nothing can be written: ');
    limitFiles(cluster, 'unlimited');
    await vi.waitFor(
      async () => {
        const { status } = (await cluster.fetch('/apis/apps/v1/namespaces/default/deployments/web')).json() as { status: { readyReplicas?: number } };
        expect(status.readyReplicas).toBe(3);
      },
      { timeout: 60_000 },
    );
  });
});

describe("the log's files removed under a running host", () => {
  it('take nothing any more, and the health and standard error say why', async () => {
    await using cluster = await startCluster({ durable: true });
    expect(await cluster.fetch(CONFIG_MAPS, post('before'))).toMatchObject({ status: 201 });
    for (const file of readdirSync(dataOf(cluster)).filter((name) => name.startsWith('log.sqlite'))) rmSync(dataOf(cluster, file));
    const refusal = await cluster.fetch(CONFIG_MAPS, post('after'));
    expect(refusal).toMatchObject({ status: 500, text: expect.stringContaining("the log's files are not in place: log.sqlite was removed") });
    expect(await cluster.fetch('/readyz')).toMatchObject(failing);
    await cluster.host.printed("logplane: nothing can be written: the log's files are not in place: log.sqlite was removed\n");
    expect(await names(cluster)).toContain('before');
  });

  it('are found by a health check, and may be put back', async () => {
    await using cluster = await startCluster({ durable: true });
    renameSync(dataOf(cluster), dataOf(cluster, '..', 'elsewhere'));
    expect(await cluster.fetch('/readyz')).toMatchObject(failing);
    renameSync(dataOf(cluster, '..', 'elsewhere'), dataOf(cluster));
    await cluster.host.printed('logplane: the log takes writes again\n');
    expect(await cluster.fetch(CONFIG_MAPS, post('after'))).toMatchObject({ status: 201 });
  });
});

describe('a start on less than was kept is refused in a line, with exit code 1', () => {
  const advice =
    'Put back log\\.sqlite, log\\.sqlite-wal and log\\.sqlite-end from one copy, or begin anew with another directory \\(--data\\), or go on with what is left \\(--accept-data-loss\\)';
  const faults: { name: string; fault: (cluster: Cluster) => void; want: RegExp }[] = [
    {
      name: 'the WAL',
      fault: (cluster) => rmSync(dataOf(cluster, 'log.sqlite-wal')),
      want: new RegExp(`^logplane: .*/log\\.sqlite .*cluster default came to resourceVersion \\d+.*\\. ${advice}\n$`),
    },
    {
      name: 'the database',
      fault: (cluster) => rmSync(dataOf(cluster, 'log.sqlite')),
      want: new RegExp(`^logplane: .*/log\\.sqlite is missing or empty: cluster default came to resourceVersion \\d+\\. ${advice}\n$`),
    },
    {
      name: 'the mark',
      fault: (cluster) => rmSync(dataOf(cluster, 'log.sqlite-end')),
      want: new RegExp(`^logplane: .*/log\\.sqlite-end is missing, which says what was acknowledged: .*\\. ${advice}\n$`),
    },
    ...['ca', 'cert', 'key'].flatMap((name) => [
      {
        name: `an empty ${name}.pem`,
        fault: (cluster: Cluster) => truncateSync(dataOf(cluster, 'pki', `${name}.pem`), 0),
        want: /^logplane: .*\/pki is damaged: remove it, and the next start makes new certificates and a kubeconfig that trusts them\n$/,
      },
    ]),
    {
      name: 'a key of another certificate',
      fault: (cluster) =>
        writeFileSync(dataOf(cluster, 'pki', 'key.pem'), execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'])),
      want: /^logplane: .*\/pki is damaged: /,
    },
    { name: 'an empty token', fault: (cluster) => truncateSync(dataOf(cluster, 'token'), 0), want: /^logplane: .*\/token is damaged: remove it, .*\n$/ },
    {
      name: 'a signing key that is a folder',
      fault: (cluster) => {
        rmSync(dataOf(cluster, 'signing-key'));
        mkdirSync(dataOf(cluster, 'signing-key'));
      },
      want: /^logplane: .*\/signing-key cannot be used: EISDIR: illegal operation on a directory\n$/,
    },
    {
      name: 'a pki that is a file',
      fault: (cluster) => {
        rmSync(dataOf(cluster, 'pki'), { recursive: true });
        writeFileSync(dataOf(cluster, 'pki'), '');
      },
      want: /^logplane: .*\/pki cannot be used: ENOTDIR: not a directory\n$/,
    },
    {
      name: 'a kubeconfig that cannot be written',
      fault: (cluster) => {
        rmSync(cluster.kubeconfig);
        mkdirSync(cluster.kubeconfig);
      },
      want: /^logplane: .*\/kubeconfig cannot be used: EISDIR: illegal operation on a directory\n$/,
    },
  ];
  it.each(faults)('$name', async ({ fault, want }) => {
    await using cluster = await startCluster({ durable: true });
    await cluster.host.stop('SIGKILL');
    fault(cluster);
    const { code, text } = await restarted(cluster);
    expect(text).toMatch(want);
    expect(code).toBe(1);
    // The next start says the same: nothing was begun anew.
    expect(await restarted(cluster)).toEqual({ code, text });
  });
});

describe('--accept-data-loss', () => {
  it('goes on with an older copy; no resourceVersion is given out twice, and a watch from before lists again', async () => {
    await using cluster = await startCluster({ durable: true });
    await cluster.fetch(CONFIG_MAPS, post('kept'));
    await cluster.host.stop();
    copyFileSync(dataOf(cluster, 'log.sqlite'), path.join(cluster.dir, 'copy'));
    await cluster.start();
    const lost = (await cluster.fetch(CONFIG_MAPS, post('lost'))).json() as { metadata: { resourceVersion: string } };
    await cluster.host.stop();
    copyFileSync(path.join(cluster.dir, 'copy'), dataOf(cluster, 'log.sqlite'));

    expect(await restarted(cluster)).toMatchObject({ code: 1, text: expect.stringContaining('does not hold what was acknowledged') });
    const told = await restarted(cluster, '--accept-data-loss');
    expect(told).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^logplane: cluster default goes on at resourceVersion \d+ with what was left of it at \d+\n$/),
    });
    await cluster.start();
    expect(await names(cluster)).toEqual(expect.arrayContaining(['kept']));
    expect(await names(cluster)).not.toContain('lost');
    const next = (await cluster.fetch(CONFIG_MAPS, post('next'))).json() as { metadata: { resourceVersion: string } };
    expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(lost.metadata.resourceVersion));
    const watch = await cluster.fetch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=1&resourceVersion=${lost.metadata.resourceVersion}`);
    expect(watch.text).toContain('"reason":"Expired"');
  });
});
