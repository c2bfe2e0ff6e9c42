import { describe, expect, it } from 'vitest';
import type { StatusError } from '../kube/status.ts';
import { branchLog } from '../log/branch-log.ts';
import { baseAt, newLogName } from '../log/branches.ts';
import type { Offset } from '../log/event.ts';
import { type EventLog, LogUnavailable } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { clusterClock } from '../replica/cluster-clock.ts';
import type { Replica } from '../replica/replica.ts';
import { saveSnapshot } from '../state/snapshot.ts';
import { configMap } from '../testing/objects.ts';
import { testServer } from '../testing/server.ts';
import { HOUR, start } from '../testing/timed-cluster.ts';
import { openOn, write, written } from '../testing/written-log.ts';
import { advance, setRate } from './clock.ts';
import { resetTo } from './reset.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: StatusError) => error.code,
  );

/** What every process that looks at a log sees at each of its offsets, from the beginning or from a snapshot on. */
async function everywhere(log: EventLog, end: Offset): Promise<string[]> {
  const states: string[] = [];
  for (let offset = 1; offset <= end; offset++) states.push(written(await (await openOn(log, { history: { limit: 1 } })).at(offset)));
  return states;
}

describe.each([{ exclusive: true }, { exclusive: false }])('a reset of a cluster ($exclusive: written by one process)', ({ exclusive }) => {
  /** The states of a cluster that was reset in the middle and twice more, as they were seen when they were the newest. */
  async function grown(log: EventLog): Promise<{ replica: Replica; states: string[] }> {
    const replica = await openOn(log, { exclusive });
    const states: string[] = [];
    const saw = () => {
      while (states.length < replica.state.offset) states.push(written(replica.state));
    };
    for (const step of ['a', 'b', 'a', 2, 'c', 'a', 6, 4, 'b', 'd', 3, 8, 'e']) {
      if (typeof step === 'string') await write(replica, step);
      else await resetTo(replica, step);
      saw();
    }
    return { replica, states };
  }

  it('leads to what was right after an offset, at a new one', async () => {
    const replica = await openOn(memoryLog(), { exclusive });
    await write(replica, 'a', 'b');
    await write(replica, 'a', 'c');
    const before = written(await replica.at(2));
    expect(await resetTo(replica, 2)).toBe(5);
    expect([replica.state.offset, written(replica.state)]).toEqual([5, before]);
    expect(await write(replica, 'a')).toBe(6);
    expect(written(replica.state)).toBe('a=2@6 b=1@2');
    expect(written(await replica.at(4))).toBe('a=2@3 b=1@2 c=1@4');
  });

  it('leads to what was in the middle of an entry', async () => {
    const replica = await openOn(memoryLog(), { exclusive });
    await write(replica, 'a', 'b', 'c');
    await resetTo(replica, 2);
    expect(written(replica.state)).toBe('a=1@1 b=1@2');
  });

  it('of what was reset before, and to before that, is the same for every process and every offset', async () => {
    const log = memoryLog();
    const { states } = await grown(log);
    expect(await everywhere(log, states.length)).toEqual(states);
    const cold = await openOn(log, { exclusive });
    expect(written(cold.state)).toBe(states.at(-1));
    for (let offset = states.length; offset > 0; offset--) expect(written(await cold.at(offset)), `at ${offset}`).toBe(states[offset - 1]);
  });

  it.each([1, 3, 5, 7, 9, 12])('is found by a start from a snapshot at %d', async (offset) => {
    const log = memoryLog();
    const unsaved: EventLog = { ...log, saveSnapshot: async () => undefined };
    const { replica, states } = await grown(unsaved);
    await saveSnapshot({ log, cluster: 'c', env: { clock: { turn: async () => undefined } } }, await replica.at(offset));
    expect(written((await openOn(unsaved, { exclusive })).state)).toBe(states.at(-1));
    expect(await everywhere(unsaved, states.length)).toEqual(states);
  });

  it('takes a snapshot at once, with which the next start begins', async () => {
    const log = memoryLog();
    const replica = await openOn(log, { exclusive });
    await write(replica, 'a');
    await write(replica, 'b');
    const end = await resetTo(replica, 1);
    expect((await log.snapshots('c')).at(-1)?.offset).toBe(end);
    await expect(openOn({ ...log, read: (name, { after }) => (after < end ? never() : log.read(name, { after })) })).resolves.toBeDefined();
  });

  it('is done where no snapshot can be taken, and that stays due', async () => {
    const log = memoryLog();
    let isFull = true;
    const saveSnapshot: EventLog['saveSnapshot'] = async (...given) => {
      if (isFull) throw new LogUnavailable('full');
      await log.saveSnapshot(...given);
    };
    const replica = await openOn({ ...log, saveSnapshot }, { exclusive });
    await write(replica, 'a');
    await write(replica, 'b');
    const end = await resetTo(replica, 1);
    expect(written(replica.state)).toBe('a=1@1');
    expect(written((await openOn(log)).state)).toBe('a=1@1');
    isFull = false;
    expect(await replica.snapshotIfDue()).toBe(true);
    expect((await log.snapshots('c')).map(({ offset }) => offset)).toEqual([end]);
  });

  it('ends what was known: a reader of changes is told so, and one behind it too', async () => {
    const replica = await openOn(memoryLog(), { exclusive });
    await write(replica, 'a');
    await write(replica, 'b');
    const { signal } = new AbortController();
    const waiting = codeOf(replica.changesAfter(2, { signal }));
    const { restores } = replica;
    const end = await resetTo(replica, 1);
    expect(await waiting).toBe(410);
    expect(replica.restores).toBeGreaterThan(restores);
    expect(await codeOf(replica.changesAfter(2, { signal }))).toBe(410);
    expect((await replica.changesAfter(1, { signal, limit: 1 })).changes.map(({ offset }) => offset)).toEqual([2]);
    await write(replica, 'c');
    expect((await replica.changesAfter(end, { signal })).changes.map(({ offset }) => offset)).toEqual([4]);
    expect(await codeOf(replica.changesAfter(2, { signal }))).toBe(410);
  });

  it('to what is not there, or not any more, is refused, and nothing is written', async () => {
    const log = memoryLog();
    const replica = await openOn(log, { exclusive });
    await write(replica, 'a');
    for (const offset of [0, -1, 1.5, Number.NaN]) expect(await codeOf(resetTo(replica, offset))).toBe(400);
    expect(await codeOf(resetTo(replica, 7))).toBe(504);
    expect(replica.state.offset).toBe(1);
    expect(await resetTo(replica, 1)).toBe(1);
    for (const name of ['b', 'c', 'd']) await write(replica, name);
    await saveSnapshot({ log, cluster: 'c', env: { clock: { turn: async () => undefined } } }, await replica.at(3));
    await log.truncate('c', { snapshot: 3 });
    expect(await codeOf(resetTo(await openOn(log, { exclusive }), 2))).toBe(410);
  });

  it('is known to a fork that was made behind it, and not to one before it', async () => {
    const log = memoryLog();
    const { states } = await grown(log);
    for (let offset = 1; offset <= states.length; offset++) {
      const branch = { cluster: `f${offset}`, log: newLogName(`f${offset}`, 'x'), base: baseAt({ cluster: 'c', log: 'c', base: [] }, offset) };
      await log.branches.begin(branch);
      const fork = await openOn(branchLog(log, branch), { cluster: branch.cluster, exclusive });
      expect(written(fork.state)).toBe(states[offset - 1]);
      await write(fork, 'z');
      if (offset > 1) {
        await resetTo(fork, offset - 1);
        expect(written(fork.state)).toBe(states[offset - 2]);
      }
    }
  });
});

describe('a reset among several processes', () => {
  it('is taken in by those that read, and by those that follow', async () => {
    const log = memoryLog();
    const [one, two] = [await openOn(log), await openOn(log)];
    await write(one, 'a');
    await write(one, 'b');
    const release = two.follow();
    await two.catchUp();
    const waiting = codeOf(two.changesAfter(2, { signal: new AbortController().signal }));
    await resetTo(one, 1);
    expect(await waiting).toBe(410);
    await two.catchUp();
    expect(written(two.state)).toBe('a=1@1');
    release();
  });

  it('is decided again when another writer is first, and what others decide meanwhile is decided on what it led to', async () => {
    const log = memoryLog();
    const [one, two] = [await openOn(log), await openOn(log)];
    await write(one, 'a');
    await write(one, 'a');
    await two.catchUp();
    const results = await Promise.all([write(two, 'a'), resetTo(one, 1), write(one, 'a'), write(two, 'a'), write(two, 'b')]);
    await Promise.all([one.catchUp(), two.catchUp()]);
    expect(written(one.state)).toBe(written(two.state));
    expect(written((await openOn(log)).state)).toBe(written(one.state));
    expect(new Set(results).size).toBe(results.length);
    const reset = results[1];
    const after = results.filter((offset, i) => i !== 1 && i !== 4 && offset > reset).length;
    expect(one.state.get('configmaps', 'default', 'a')?.data?.['n']).toBe(String(1 + after));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('that race is told of by all of them as it was (%d writers)', async (writers) => {
    const log = memoryLog();
    const replicas = await Promise.all(Array.from({ length: writers + 1 }, () => openOn(log)));
    await write(replicas[0]!, 'a');
    await write(replicas[0]!, 'a');
    for (const replica of replicas) await replica.catchUp();
    const writes = replicas.slice(1).flatMap((replica) => Array.from({ length: 5 }, () => write(replica, 'a')));
    const resets = [resetTo(replicas[0]!, 1), resetTo(replicas[0]!, 2)];
    const ends = await Promise.all([...writes, ...resets]);
    const cold = await openOn(log);
    const last = Math.max(ends.at(-1)!, ends.at(-2)!);
    const from = last === ends.at(-1) ? 2 : 1;
    const after = ends.slice(0, -2).filter((offset) => offset > last).length;
    expect(cold.state.get('configmaps', 'default', 'a')?.data?.['n']).toBe(String(from + after));
    for (const replica of replicas) {
      await replica.catchUp();
      expect(written(replica.state)).toBe(written(cold.state));
    }
  });
});

describe('what a reset does not take back', () => {
  it('is how the clock is set, and that time has passed', async () => {
    const replica = await openOn(memoryLog());
    await write(replica, 'a');
    await setRate(replica, 60);
    await advance(replica, HOUR);
    const { time } = replica.state;
    await resetTo(replica, 1);
    expect(replica.state.view(clusterClock).rate).toBe(60);
    expect(replica.state.time).toBeGreaterThanOrEqual(time);
    const now = replica.now();
    expect(now).toBeGreaterThanOrEqual(time);
    await setRate(replica, 0);
    expect(replica.now()).toBeGreaterThanOrEqual(now);
  });

  it('is the time of a cluster with reconcilers, in which all goes on', async () => {
    const cluster = await start();
    const { offset } = cluster.state();
    await cluster.advance(3 * HOUR);
    const before = cluster.now();
    await cluster.resetTo(offset);
    await cluster.pass(60_000);
    expect(cluster.now() - before).toBeGreaterThanOrEqual(60_000);
  });
});

describe('a client', () => {
  it('whose watch a reset ends gets 410, lists again, and reads what was before where it was', async () => {
    const server = await testServer();
    await server.create(configMap('a'));
    const { offset } = server.replica.state;
    await server.create(configMap('b'));
    const path = '/api/v1/namespaces/default/configmaps';
    const listed = await server.request(`GET ${path}`);
    const { resourceVersion } = listed.json.metadata;
    const watch = await server.response(`GET ${path}?watch=1&resourceVersion=${resourceVersion}`);
    const told = watch.text();
    await resetTo(server.replica, offset);
    expect(JSON.parse(await told)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    const again = await server.response(`GET ${path}?watch=1&resourceVersion=${resourceVersion}`);
    expect(JSON.parse(await again.text())).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    const names = async (where: string) =>
      (await server.request(`GET ${where}`)).json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    expect(await names(path)).not.toContain('b');
    expect(await names(`/clusters/main@${resourceVersion}${path}`)).toContain('b');
    expect((await server.request(`GET /clusters/main${path}/b`)).code).toBe(404);
    await server.create(configMap('b'));
    expect(server.problems).toEqual([]);
  });
});

const never = (): never => {
  throw new Error('never');
};
