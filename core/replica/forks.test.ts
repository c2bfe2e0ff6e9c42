import { beforeEach, describe, expect, it } from 'vitest';
import { branchLog } from '../log/branch-log.ts';
import { type Branch, baseAt, newLogName } from '../log/branches.ts';
import type { Offset } from '../log/event.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { saveSnapshot } from '../state/snapshot.ts';
import { openOn, write, written } from '../testing/written-log.ts';
import type { Replica, ReplicaOptions } from './replica.ts';

let log: EventLog;
let reads: string[];
let parent: Replica;
const main: Branch = { cluster: 'c', log: 'c', base: [] };
beforeEach(async () => {
  const inner = memoryLog();
  reads = [];
  log = {
    ...inner,
    read: (name, options) => {
      reads.push(name);
      return inner.read(name, options);
    },
    loadSnapshot: (name, bounds) => {
      reads.push(name);
      return inner.loadSnapshot(name, bounds);
    },
  };
  parent = await openOn(log);
  for (const names of [['a', 'b', 'c'], ['a'], ['d', 'a'], ['b', 'c', 'e']]) await write(parent, ...names);
});

const END = 9;
let made = 0;
async function fork(offset: Offset, of: Branch = main): Promise<Branch> {
  const cluster = `f${++made}`;
  const branch = { cluster, log: newLogName(cluster, 'x'), base: baseAt(of, offset) };
  expect(await log.branches.begin(branch)).toBe('begun');
  return branch;
}
const open = (branch: Branch, options: Partial<ReplicaOptions> = {}) => openOn(branchLog(log, branch), { cluster: branch.cluster, ...options });
const stored = (replica: Replica, branch: Branch) => ({
  log: branchLog(log, branch),
  cluster: replica.cluster,
  env: { clock: { turn: async () => undefined } },
});

describe('a fork', () => {
  it.each(Array.from({ length: END }, (_, i) => i + 1))('is its parent as it was at offset %d, and stays so', async (at) => {
    const branch = await fork(at);
    const before = written(await parent.at(at));
    expect(written((await open(branch)).state)).toBe(before);
    await write(parent, 'a', 'z');
    const replica = await open(branch);
    expect([replica.state.offset, written(replica.state)]).toEqual([at, before]);
    for (let offset = 1; offset <= at; offset++) expect(written(await replica.at(offset))).toBe(written(await parent.at(offset)));
    expect(await write(replica, 'own')).toBe(at + 1);
    expect(written(await replica.at(at))).toBe(before);
    expect(written(parent.state)).not.toContain('own');
    expect(written((await open(branch)).state)).toBe(written(replica.state));
  });

  it('of a parent in memory begins with its state, and reads nothing of it', async () => {
    const branch = await fork(END);
    reads.length = 0;
    const replica = await open(branch, { from: { replica: parent, at: END } });
    expect(reads.filter((name) => name !== branch.log)).toEqual([]);
    for (const [key, object] of parent.state.entries()) expect(replica.state.get('configmaps', 'default', key.split('/')[2]!)).toBe(object);
    await write(replica, 'a');
    expect(written((await open(branch)).state)).toBe(written(replica.state));
    expect(written(parent.state)).not.toBe(written(replica.state));
  });

  it('of a parent that has gone on begins with what that still knows, or with what is stored', async () => {
    for (const limit of [1, 10_000]) {
      const old = await openOn(log, { history: { limit } });
      for (let i = 0; i < 5; i++) await write(old, 'a');
      for (const at of [2, 4, 7]) {
        const branch = await fork(at);
        expect(written((await open(branch, { from: { replica: old, at } })).state)).toBe(written(await parent.at(at)));
      }
    }
  });

  it('tells the changes of its parent as its own', async () => {
    const branch = await fork(5);
    const replica = await open(branch, { history: { limit: 1 } });
    await write(replica, 'x');
    const { signal } = new AbortController();
    for (let after = 0; after < 6; ) {
      const { changes, offset } = await replica.changesAfter(after, { signal });
      for (const change of changes) expect(change.offset).toBe(++after);
      expect(offset).toBe(after);
    }
  });

  it('may be forked, and its forks are what it was', async () => {
    let branch = main;
    let replica = parent;
    for (const at of [6, 8, 9, 3, 5]) {
      const before = written(await replica.at(at));
      branch = await fork(at, branch);
      replica = await open(branch);
      expect(written(replica.state)).toBe(before);
      await write(replica, 'a', branch.cluster);
      await write(replica, 'b');
      expect(written((await open(branch)).state)).toBe(written(replica.state));
    }
  });

  it('takes snapshots of its own, and begins with them', async () => {
    const branch = await fork(5);
    const replica = await open(branch, { snapshotEvents: 2 });
    await write(replica, 'x');
    await write(replica, 'y');
    expect(await replica.snapshotIfDue()).toBe(true);
    reads.length = 0;
    expect(written((await open(branch)).state)).toBe(written(replica.state));
    expect(new Set(reads)).toEqual(new Set([branch.log]));
  });

  it('leaves snapshots of what it shares where its parent finds them, and at its beginning where it does itself', async () => {
    const branch = await fork(5);
    const replica = await open(branch);
    await saveSnapshot(stored(replica, branch), await replica.at(4));
    await saveSnapshot(stored(replica, branch), await replica.at(5));
    expect((await log.snapshots('c')).map(({ offset }) => offset)).toEqual([4]);
    expect((await log.snapshots(branch.log)).map(({ offset }) => offset)).toEqual([5]);
    await write(replica, 'x');
    expect(written((await open(branch)).state)).toBe(written(replica.state));
    expect(written((await openOn(log)).state)).toBe(written(parent.state));
  });
});

describe('the retention of a parent', () => {
  let wall = Date.now();
  const later = (ms: number) => {
    wall += ms;
  };
  const aged = (replica: Partial<ReplicaOptions> = {}): Partial<ReplicaOptions> => ({
    exclusive: true,
    retentionMs: 1_000,
    env: {
      clock: { now: () => wall as never, elapsed: () => wall as never, sleep: async () => undefined, turn: async () => undefined },
      random: { next: () => 0.5 },
      ids: { uid: () => `${Math.random()}`, suffix: () => 'a' },
    },
    ...replica,
  });
  async function grownOld(replica: Replica): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await write(replica, 'a');
      later(2_000);
      await replica.snapshotIfDue();
    }
    later(2_000);
    for (let i = 0; i < 5; i++) await replica.truncateIfDue();
  }
  const beginning = async (name: string) => {
    for (let after = 0; ; after++) {
      try {
        for await (const { offset } of log.read(name, { after })) return offset;
      } catch {
        // It begins further on.
      }
    }
  };

  it('keeps what its forks need, and no more', async () => {
    const old = await openOn(log, aged());
    const branch = await fork(8);
    await grownOld(old);
    expect(await beginning('c')).toBe(1);
    expect(written((await open(branch)).state)).toBe(written(await parent.at(8)));
    const late = await fork(old.state.offset);
    const before = written(old.state);
    await log.branches.end(branch.cluster, branch.log);
    await old.truncateIfDue();
    const begin = await beginning('c');
    expect(begin).toBeGreaterThan(1);
    await grownOld(old);
    expect(await beginning('c')).toBe(begin);
    expect(written((await open(late)).state)).toBe(before);
  });

  it('of a fork lets go of its parent', async () => {
    const branch = await fork(8);
    await grownOld(await open(branch, aged()));
    const cut = (await log.branches.get(branch.cluster))!;
    expect(cut.base).toEqual([]);
    await log.branches.end('c', 'c');
    expect(await log.remove('c')).toEqual({ done: true });
    const replica = await open(cut);
    expect(written(replica.state)).toContain('a=6@');
    await write(replica, 'z');
    await expect(replica.at(7)).rejects.toMatchObject({ code: 410 });
  });
});
