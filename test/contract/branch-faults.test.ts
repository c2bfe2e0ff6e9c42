import { beforeEach, describe, expect, it } from 'vitest';
import { branchLog } from '../../core/log/branch-log.ts';
import { type Branch, baseAt, newLogName } from '../../core/log/branches.ts';
import type { DynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { removeEnded } from '../../core/log/ended-logs.ts';
import { type EventLog, LogUnavailable } from '../../core/log/log.ts';
import { all, appended, newCluster, noise, save, snapshot } from './entries.ts';
import { type Life, TableInProcess } from './table-in-process.ts';

/**
 * Forks, ends, removals and truncations by processes that die at any of their requests, or stop there while another process does all that it has to do: a branch that was begun can be
 * read for ever, and of what has ended nothing stays.
 */
const table = new TableInProcess();
const HOUR = 3_600_000;
let parent: Branch;
let good: DynamodbLog;

beforeEach(async () => {
  good = logOf();
  const cluster = newCluster();
  parent = { cluster, log: newLogName(cluster, 'p'), base: [] };
  await good.branches.begin(parent);
  for (let i = 0; i < 4; i++) await appended(branchLog(good, parent), cluster, 3 * i, 3);
  for (const offset of [3, 9]) await save(good, parent.log, snapshot(offset, offset));
});

const logOf = (life: Life = {}) => table.logOf({ settledMs: 0, hurry: 50, ...life });

/** Does something before one of the requests. */
const at = (request: number, work: () => Promise<unknown>) => async (n: number) => {
  if (n === request) await work();
};

const newFork = (offset = 8): Branch => {
  const cluster = newCluster();
  return { cluster, log: newLogName(cluster, 'f'), base: baseAt(parent, offset) };
};
/** What a function comes to, also when it is not certain. */
const outcome = <T>(work: Promise<T>): Promise<T | 'unknown'> =>
  work.catch((error: unknown) => {
    if (error instanceof LogUnavailable || (error as Error).message.includes('has ended')) return 'unknown';
    throw error;
  });
async function isWhole(log: EventLog, branch: Branch): Promise<boolean> {
  const read = await all(branchLog(log, branch), branch.cluster);
  return read.flatMap(({ events }) => events).length === branch.base[0]!.upTo;
}
async function removed(log: EventLog, name: string): Promise<void> {
  for (let calls = 0; !(await log.remove(name)).done; calls++) expect(calls).toBeLessThan(100);
}
/** All that can be removed now goes. */
const pass = async (log: EventLog) =>
  removeEnded(log, await log.branches.ended(), (_, error) => {
    throw error;
  });
async function endParent(log: EventLog): Promise<void> {
  await log.branches.end(parent.cluster, parent.log);
  if ((await log.branches.ended()).includes(parent.log)) await removed(log, parent.log);
}
/** The records of logs of these clusters. */
const recordsOf = (...branches: readonly Branch[]): string[] =>
  table.records().flatMap((item) => {
    const texts = [item['cluster']!.S!, item['name']?.S ?? '', item['log']?.S ?? ''];
    return branches.some(({ cluster }) => texts.some((text) => text === cluster || text.startsWith(`${cluster}~`))) ? [texts[0]!] : [];
  });
/** How many requests something takes when nothing comes in between. */
async function requestsOf(work: (log: DynamodbLog) => Promise<unknown>): Promise<number> {
  const log = logOf();
  await work(log);
  return log.requests;
}

describe('a fork', () => {
  it('takes one write, whatever the size of its parent, and so does a branch without a base', async () => {
    const log = logOf();
    const fork = newFork();
    expect(await log.branches.begin(fork)).toBe('begun');
    expect(await log.branches.get(fork.cluster)).toEqual(fork);
    expect(log.writes).toBe(1);
    const cluster = newCluster();
    expect(await log.branches.begin({ cluster, log: newLogName(cluster, 'a'), base: [] })).toBe('begun');
    expect(log.writes).toBe(2);
  });

  it('whose process dies at any request is there wholly or not at all, and can be begun again', async () => {
    const requests = await requestsOf((log) => log.branches.begin(newFork()));
    expect(requests).toBeGreaterThan(4);
    for (let diesAfter = 0; diesAfter < requests; diesAfter++) {
      const fork = newFork();
      expect(await outcome(logOf({ diesAfter }).branches.begin(fork))).toBe('unknown');
      const there = await good.branches.get(fork.cluster);
      if (there) expect([there, await isWhole(good, there)]).toEqual([fork, true]);
      expect(await good.branches.begin(fork)).toBe('begun');
      expect(await isWhole(good, fork)).toBe(true);
    }
  });

  it('is begun whichever answer is lost', async () => {
    const requests = await requestsOf((log) => log.branches.begin(newFork()));
    for (let loses = 0; loses < requests; loses++) {
      const fork = newFork();
      expect(await logOf({ loses }).branches.begin(fork), `request ${loses}`).toBe('begun');
      expect(await good.branches.get(fork.cluster)).toEqual(fork);
    }
  });

  it('whose process dies is not there where its parent is gone meanwhile', async () => {
    const requests = await requestsOf((log) => log.branches.begin(newFork()));
    for (let diesAfter = 0; diesAfter < requests; diesAfter++) {
      const cluster = newCluster();
      const own: Branch = { cluster, log: newLogName(cluster, 'p'), base: [] };
      await good.branches.begin(own);
      await appended(branchLog(good, own), cluster, 0, 3);
      const name = newCluster();
      const fork: Branch = { cluster: name, log: newLogName(name, 'f'), base: baseAt(own, 2) };
      await outcome(logOf({ diesAfter }).branches.begin(fork));
      await good.branches.end(cluster, own.log);
      const { heldBy } = await good.remove(own.log);
      const there = await good.branches.get(name);
      expect(there !== undefined, `died after ${diesAfter}`).toBe(heldBy !== undefined);
      if (there) expect(await isWhole(good, there)).toBe(true);
    }
  });
});

describe('a fork and the removal of its parent', () => {
  /** Whatever came of both: a fork that is there is whole, also when all is removed that can be. */
  async function check(fork: Branch, begun: string): Promise<void> {
    const there = await good.branches.get(fork.cluster);
    if (begun === 'begun') expect(there).toEqual(fork);
    if (begun === 'gone') expect(there).toBeUndefined();
    await outcome(endParent(good));
    if (there) expect(await isWhole(good, there)).toBe(true);
    expect(await good.branches.begin({ ...fork, log: newLogName(fork.cluster, 'again') })).toBe(there ? 'taken' : 'gone');
    if (there) await good.branches.end(fork.cluster, fork.log);
    for (let calls = 0; calls < 10; calls++) await pass(logOf({ later: 2 * HOUR }));
    expect(recordsOf(parent, fork)).toEqual([]);
  }

  it.each(Array.from({ length: 8 }, (_, request) => request))(
    'come to one of two ends when the fork stops before request %d until the parent is gone',
    async (request) => {
      const fork = newFork();
      const log = logOf({ before: at(request, () => outcome(endParent(good))) });
      await check(fork, await outcome(log.branches.begin(fork)));
    },
  );

  it.each(Array.from({ length: 16 }, (_, request) => request))(
    'come to one of two ends when the removal stops before request %d until the fork is begun',
    async (request) => {
      const fork = newFork();
      let begun = 'unknown';
      const log = logOf({
        before: at(request, async () => {
          begun = await outcome(good.branches.begin(fork));
        }),
      });
      await outcome(endParent(log));
      await check(fork, begun);
    },
  );

  it.each(Array.from({ length: 16 }, (_, request) => request))('come to one of two ends when the removal dies at request %d', async (request) => {
    await outcome(endParent(logOf({ diesAfter: request })));
    const fork = newFork();
    await check(fork, await outcome(good.branches.begin(fork)));
  });

  it.each(Array.from({ length: 10 }, (_, request) => request))('and that of another process come to one of two ends (request %d)', async (request) => {
    const fork = newFork();
    await good.branches.end(parent.cluster, parent.log);
    let begun = 'unknown';
    const second = logOf({
      before: at(3, async () => {
        begun = await outcome(good.branches.begin(fork));
      }),
    });
    const first = logOf({ before: at(request, () => outcome(second.remove(parent.log))) });
    await outcome(first.remove(parent.log));
    await check(fork, begun);
  });
});

describe('a fork and the truncation of its parent', () => {
  async function check(fork: Branch, begun: string): Promise<void> {
    const there = await good.branches.get(fork.cluster);
    if (begun === 'begun') expect(there).toEqual(fork);
    if (begun === 'gone') expect(there).toBeUndefined();
    if (!there) return;
    const read = await all(branchLog(good, there), there.cluster, 3);
    expect(read.flatMap(({ events }) => events)).toHaveLength(fork.base[0]!.upTo - 3);
    expect((await branchLog(good, there).loadSnapshot(there.cluster))?.offset).toBe(3);
  }

  it.each(Array.from({ length: 8 }, (_, request) => request))(
    'come to one of two ends when the fork stops before request %d until that is done',
    async (request) => {
      await good.truncate(parent.log, { snapshot: 3 });
      const fork = newFork();
      const log = logOf({ before: at(request, () => outcome(good.truncate(parent.log, { snapshot: 9 }))) });
      await check(fork, await outcome(log.branches.begin(fork)));
    },
  );

  it.each(Array.from({ length: 10 }, (_, request) => request))(
    'come to one of two ends when that stops before request %d until the fork is begun',
    async (request) => {
      await good.truncate(parent.log, { snapshot: 3 });
      const fork = newFork();
      let begun = 'unknown';
      const log = logOf({
        before: at(request, async () => {
          begun = await outcome(good.branches.begin(fork));
        }),
      });
      await outcome(log.truncate(parent.log, { snapshot: 9 }));
      await check(fork, begun);
      if (begun === 'begun') expect(await good.truncate(parent.log, { snapshot: 9 })).toMatchObject({ held: [8] });
    },
  );

  it.each(Array.from({ length: 10 }, (_, request) => request))('leave a fork that is read when that stops before request %d', async (request) => {
    await good.truncate(parent.log, { snapshot: 3 });
    const fork = newFork();
    await good.branches.begin(fork);
    const log = logOf({ before: at(request, () => good.branches.get(fork.cluster)) });
    expect(await outcome(log.truncate(parent.log, { snapshot: 9 }))).toSatisfy((end) => end === 'unknown' || (end as { held: number[] }).held[0] === 8);
    await check(fork, 'begun');
  });

  it('leave a fork that is read after that has died', async () => {
    for (let diesAfter = 0; diesAfter < 10; diesAfter++) {
      const fork = newFork();
      await good.branches.begin(fork);
      await outcome(logOf({ diesAfter }).truncate(parent.log, { snapshot: 9 }));
      expect(await good.branches.get(fork.cluster), `died after ${diesAfter}`).toEqual(fork);
      expect(await isWhole(good, fork)).toBe(true);
    }
  });

  it('is not kept from beginning for good by a truncation that died', async () => {
    await outcome(logOf({ diesAfter: 3 }).truncate(parent.log, { snapshot: 9 }));
    await good.truncate(parent.log, { snapshot: 3 });
    const fork = newFork(10);
    expect(await good.branches.begin(fork)).toBe('begun');
  });
});

describe('the removal of a log', () => {
  it('leaves nothing, wherever it dies', async () => {
    const large = async (log: EventLog) => void (await appended(log, parent.log, 12, 1, noise(900_000)));
    await large(good);
    for (const name of ['nodes', 'scheduler'])
      await good.failures.put(parent.log, { name, error: 'no', since: '2026-01-01T00:00:00Z', attempts: 8, deadLettered: true });
    await good.branches.end(parent.cluster, parent.log);
    for (let diesAfter = 2; diesAfter < 60; diesAfter += 3) await outcome(logOf({ diesAfter }).remove(parent.log));
    for (let calls = 0; calls < 10; calls++) await pass(logOf({ later: 2 * HOUR }));
    expect(recordsOf(parent)).toEqual([]);
    expect(await good.branches.ended()).not.toContain(parent.log);
  });

  it('waits for all writers to hear of the end, and its note for as long as a snapshot may be under way', async () => {
    await good.branches.end(parent.cluster, parent.log);
    expect(await pass(logOf({ settledMs: HOUR / 12 }))).toMatchObject([{ log: parent.log, inMs: expect.any(Number) }]);
    expect(await all(good, parent.log)).toHaveLength(4);
    await removed(good, parent.log);
    expect(await all(good, parent.log)).toHaveLength(0);
    expect((await good.remove(parent.log)).leftMs).toBeGreaterThan(HOUR / 2);
    expect(await good.branches.ended()).toContain(parent.log);
    for (let calls = 0; calls < 10; calls++) await pass(logOf({ later: 2 * HOUR }));
    expect(recordsOf(parent)).toEqual([]);
  });

  it('takes as many looks at all branches for many logs as for one', async () => {
    const ends = async (count: number): Promise<string[]> => {
      const logs: string[] = [];
      for (let i = 0; i < count; i++) {
        const cluster = newCluster();
        const branch: Branch = { cluster, log: newLogName(cluster, 'e'), base: [] };
        await good.branches.begin(branch);
        await good.branches.end(cluster, branch.log);
        logs.push(branch.log);
      }
      return logs;
    };
    const looks = async (logs: readonly string[]): Promise<number> => {
      const log = logOf();
      expect([...(await log.branches.release(logs)).values()]).toEqual(logs.map(() => []));
      const { lists } = log;
      for (const name of logs) expect(await log.remove(name)).toMatchObject({ done: true });
      expect(log.lists).toBe(lists);
      return lists;
    };
    expect([await looks(await ends(1)), await looks(await ends(20))]).toEqual([2, 2]);
  });

  it('of a parent waits for its forks, or until they have a snapshot of their own and an entry behind it', async () => {
    const fork = newFork();
    await good.branches.begin(fork);
    await endParent(good);
    await pass(good);
    expect(await isWhole(good, fork)).toBe(true);
    const own = branchLog(good, fork);
    await appended(own, fork.cluster, 8, 2);
    await save(own, fork.cluster, snapshot(10, 10));
    for (let calls = 0; calls < 10; calls++) await pass(logOf({ later: 2 * HOUR }));
    expect(recordsOf(parent)).toEqual([]);
    const cut = (await good.branches.get(fork.cluster))!;
    expect(cut.base).toEqual([]);
    await appended(branchLog(good, cut), fork.cluster, 10, 1);
    expect(await all(branchLog(good, cut), fork.cluster, 10)).toHaveLength(1);
  });
});
