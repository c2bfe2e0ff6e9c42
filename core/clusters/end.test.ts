import { describe, expect, it } from 'vitest';
import type { StatusError } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import { branchLog } from '../log/branch-log.ts';
import { newLogName } from '../log/branches.ts';
import { lastOffset } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Runner } from '../reconcile/runner.ts';
import { seededEnv } from '../testing/env.ts';
import { configMap } from '../testing/objects.ts';
import { testServer } from '../testing/server.ts';
import { openOn, write, written } from '../testing/written-log.ts';
import { endCluster } from './end.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: StatusError) => error.code,
  );

describe.each([{ exclusive: true }, { exclusive: false }])('a cluster that has ended ($exclusive: written by one process)', ({ exclusive }) => {
  it('takes no writes, and can be ended again', async () => {
    const log = memoryLog();
    const replica = await openOn(log, { exclusive });
    await write(replica, 'a');
    const together = [write(replica, 'b'), endCluster(replica), write(replica, 'c')];
    expect(await Promise.all(together.map(codeOf))).toEqual([200, 200, 404]);
    expect(await codeOf(write(replica, 'd'))).toBe(404);
    expect([replica.isOver, replica.state.offset, written(replica.state)]).toEqual([true, 3, 'a=1@1 b=1@2']);
    await endCluster(replica);
    expect(replica.state.offset).toBe(3);
    expect((await openOn(log, { exclusive })).isOver).toBe(true);
  });

  it('tells those that wait for its changes', async () => {
    const replica = await openOn(memoryLog(), { exclusive });
    const offset = await write(replica, 'a');
    const { signal } = new AbortController();
    const scope = { resource: 'configmaps', namespace: 'default' } as const;
    const waiting = [codeOf(replica.changesAfter(offset, { signal, scope })), codeOf(replica.changesAfter(offset + 1, { signal }))];
    await endCluster(replica);
    expect(await Promise.all(waiting)).toEqual([404, 404]);
  });
});

describe('a cluster that another process has ended', () => {
  it.each([1, 2, 5])('takes none of the writes that race with its end (%d writers), and acknowledges those before it alone', async (writers) => {
    const log = memoryLog();
    const replicas = await Promise.all(Array.from({ length: writers + 1 }, () => openOn(log)));
    await write(replicas[0]!, 'a');
    const writes = replicas.slice(1).flatMap((replica, i) => Array.from({ length: 5 }, (_, n) => codeOf(write(replica, `w${i}-${n % 2}`))));
    await endCluster(replicas[0]!);
    const codes = await Promise.all(writes);
    expect(codes.filter((code) => code !== 200 && code !== 404)).toEqual([]);
    const entries = [];
    for await (const entry of log.read('c', { after: 0 })) entries.push(entry);
    const { state } = await openOn(log);
    expect(entries.at(-1)!.events.at(-1)!.key).toBe('clusterends//cluster');
    expect(lastOffset(entries.at(-1)!)).toBe(state.offset);
    const counted = state.list('configmaps').reduce((sum, { data }) => sum + Number(data!['n']), 0);
    expect(counted).toBe(1 + codes.filter((code) => code === 200).length);
  });

  it('is over for one that slept until its log was removed', async () => {
    const log = memoryLog();
    let now = 0;
    const { clock, ...env } = seededEnv();
    const branch = { cluster: 'c', log: newLogName('c', 'x'), base: [] };
    await log.branches.begin(branch);
    const own = branchLog(log, branch);
    const sleeper = await openOn(own, { env: { ...env, clock: { ...clock, elapsed: () => now as never, turn: async () => undefined } } });
    await write(sleeper, 'a');
    const other = await openOn(own);
    await endCluster(other);
    await log.branches.end('c', branch.log);
    await log.remove(branch.log);
    await log.branches.begin({ ...branch, log: newLogName('c', 'y') });
    now += 3_600_000;
    expect(await codeOf(write(sleeper, 'b'))).toBe(404);
    await sleeper.catchUp();
    expect(sleeper.isOver).toBe(true);
    expect(await log.lastEntry(branch.log, { atMost: 100 })).toBeUndefined();
  });

  it('is of no concern to its reconcilers', async () => {
    const replica = await openOn(memoryLog());
    await write(replica, 'a');
    let runs = 0;
    const reconcile = () => {
      runs++;
      return { mutations: [] };
    };
    const reconciler = { name: 'test', actor: userNamed('test'), keys: () => ['k'], reconcile } as never;
    const runner = new Runner({ replica, reconciler, env: seededEnv(), admissionPlugins: [] });
    await endCluster(replica);
    expect(await runner.run()).toBeUndefined();
    expect(runs).toBe(0);
  });
});

describe('a client', () => {
  it('is told of a cluster that has ended as of one that never was', async () => {
    const server = await testServer();
    await server.create(configMap('a'));
    const path = '/api/v1/namespaces/default/configmaps';
    const { resourceVersion } = (await server.request(`GET ${path}`)).json.metadata;
    const watch = (await server.response(`GET ${path}?watch=1&resourceVersion=${resourceVersion}`)).text();
    await endCluster(server.replica);
    const none = (await server.request('GET /clusters/none/api')).json;
    const gone = { ...none, message: none.message.replace('none', 'main'), details: { ...none.details, name: 'main' } };
    expect(JSON.parse(await watch)).toEqual({ type: 'ERROR', object: gone });
    for (const line of [
      `GET ${path}`,
      `GET ${path}/a`,
      `GET ${path}?watch=1`,
      `GET ${path}?resourceVersion=0`,
      `DELETE ${path}/a`,
      'GET /api',
      `GET /clusters/main@1${path}`,
    ])
      expect((await server.request(line)).json, line).toEqual(gone);
    expect((await server.request(`POST ${path}`, { body: configMap('b') })).json).toEqual(gone);
    expect(server.problems).toEqual([]);
  });
});
