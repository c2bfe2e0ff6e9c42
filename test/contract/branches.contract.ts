import { beforeEach, describe, expect, it } from 'vitest';
import { branchLog } from '../../core/log/branch-log.ts';
import { type Branch, baseAt, newLogName } from '../../core/log/branches.ts';
import { END_KEY } from '../../core/log/end-entry.ts';
import { EntriesMissing } from '../../core/log/entry.ts';
import type { Offset } from '../../core/log/event.ts';
import { type EventLog, type LogEntry, lastOffset } from '../../core/log/log.ts';
import { all, appended, event, expectDense, following, newCluster, noise, plain, plainLoaded, request, save, snapshot } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeBranches(current: Current, unless: Unless): void {
  describe('branches', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    let parent: Branch;
    beforeEach(() => {
      ({ under, log, main } = current());
      parent = { cluster: main, log: main, base: [] };
    });

    let random = 0;
    const forkAt = (of: Branch, offset: Offset): Branch => {
      const cluster = newCluster();
      return { cluster, log: newLogName(cluster, `${++random}`), base: baseAt(of, offset) };
    };
    async function fork(of: Branch, offset: Offset): Promise<Branch> {
      const branch = forkAt(of, offset);
      expect(await log.branches.begin(branch)).toBe('begun');
      return branch;
    }
    const logOf = (branch: Branch, through: EventLog = under.peer) => branchLog(through, branch);
    const read = (branch: Branch, after?: Offset) => all(logOf(branch), branch.cluster, after);
    /** So many entries of three events each. */
    async function grown(entries: number, branch = parent, after = 0): Promise<LogEntry[]> {
      const out: LogEntry[] = [];
      for (let i = 0; i < entries; i++) out.push(await appended(logOf(branch, log), branch.cluster, after + 3 * i, 3));
      return out;
    }
    async function removed(name: string): Promise<void> {
      for (let calls = 0; !(await log.remove(name)).done; calls++) expect(calls).toBeLessThan(100);
    }
    const eventsOf = (entries: readonly LogEntry[]) => entries.flatMap(({ events }) => events);

    it('have the history of their parent up to an offset, and their own behind it', async () => {
      const shared = await grown(3);
      const branch = await fork(parent, 6);
      expect(await read(branch)).toStrictEqual(shared.slice(0, 2));
      const own = await grown(2, branch, 6);
      expect(await read(branch)).toStrictEqual([...shared.slice(0, 2), ...own]);
      expect(await read(branch, 3)).toStrictEqual([shared[1], ...own]);
      expect(await read(branch, 9)).toStrictEqual([own[1]]);
      expect(await all(under.peer, main)).toStrictEqual(shared);
    });

    it.each([1, 2, 4, 5, 7, 8])('begin in the middle of an entry, behind offset %d', async (offset) => {
      const shared = await grown(3);
      const branch = await fork(parent, offset);
      const found = await read(branch);
      expectDense(found);
      expect(lastOffset(found.at(-1)!)).toBe(offset);
      expect(eventsOf(found)).toStrictEqual(eventsOf(shared).slice(0, offset));
      const last = await logOf(branch).lastEntry(branch.cluster, { atMost: offset });
      expect(last).toStrictEqual(found.at(-1));
      await grown(1, branch, offset);
      expectDense(await read(branch));
      expect(await logOf(branch).lastEntry(branch.cluster, { atMost: offset })).toStrictEqual(last);
    });

    it('do not say of an entry that is cut which proposals it settles', async () => {
      await log.append(main, { ...request(0, 3), combined: [{ id: 'a', count: 2 }] });
      expect((await read(await fork(parent, 2)))[0]).not.toHaveProperty('combined');
      expect((await read(await fork(parent, 3)))[0]).toHaveProperty('combined');
    });

    it('have branches of their own, before and behind their beginning', async () => {
      const shared = await grown(4);
      const child = await fork(parent, 8);
      const own = await grown(2, child, 8);
      const grandchild = await fork(child, 12);
      const cousin = await fork(child, 5);
      expect(cousin.base).toStrictEqual([{ log: main, upTo: 5 }]);
      expect(eventsOf(await read(grandchild))).toStrictEqual([...eventsOf(shared).slice(0, 8), ...eventsOf(own).slice(0, 4)]);
      expect(eventsOf(await read(cousin))).toStrictEqual(eventsOf(shared).slice(0, 5));
      const further = await grown(1, grandchild, 12);
      expect(await read(grandchild, 12)).toStrictEqual(further);
      expect(await logOf(grandchild).lastEntry(grandchild.cluster, { atMost: 8 })).toMatchObject({ offset: 7, events: { length: 2 } });
    });

    it('refuse what is appended anywhere but at their own end', async () => {
      await grown(3);
      const branch = await fork(parent, 6);
      await grown(1, branch, 6);
      expect(await logOf(branch).append(branch.cluster, request(6, 1))).toMatchObject({ type: 'conflict' });
      const again = request(9, 1);
      const first = await logOf(branch, log).append(branch.cluster, again);
      expect(await logOf(branch).append(branch.cluster, again)).toStrictEqual(first);
    });

    it('are followed from a shared entry on', async () => {
      await grown(2);
      const branch = await fork(parent, 5);
      const tail = following(logOf(branch), branch.cluster, 0);
      expect((await tail.next(2)).map(({ offset }) => offset)).toStrictEqual([1, 4]);
      await grown(1, parent, 6);
      const [own] = await grown(1, branch, 5);
      expect(await tail.next(1)).toStrictEqual([own]);
      await tail.end();
    });

    it('share snapshots up to their beginning', async () => {
      await grown(4);
      for (const offset of [3, 6, 12]) await save(log, main, snapshot(offset, offset));
      const branch = await fork(parent, 8);
      const own = logOf(branch, log);
      const loaded = async (bounds?: { atMost: Offset }) => plainLoaded(await logOf(branch).loadSnapshot(branch.cluster, bounds));
      expect(await loaded()).toStrictEqual(plain(snapshot(6, 6)));
      await grown(1, branch, 8);
      await save(own, branch.cluster, snapshot(8, 8));
      await save(own, branch.cluster, snapshot(11, 11));
      expect(await loaded()).toStrictEqual(plain(snapshot(11, 11)));
      expect(await loaded({ atMost: 8 })).toStrictEqual(plain(snapshot(8, 8)));
      expect(await loaded({ atMost: 7 })).toStrictEqual(plain(snapshot(6, 6)));
      expect((await logOf(branch).snapshots(branch.cluster)).map(({ offset }) => offset)).toStrictEqual([6, 8, 11]);
      expect((await log.snapshots(main)).map(({ offset }) => offset)).toStrictEqual([6, 12]);
    });

    it('are known by the names of their clusters', async () => {
      await grown(2);
      expect(await log.branches.get(main)).toStrictEqual(parent);
      const branch = await fork(parent, 4);
      expect(await under.peer.branches.get(branch.cluster)).toStrictEqual(branch);
      expect(await under.peer.branches.get(newCluster())).toBeUndefined();
      const ours = (await under.peer.branches.list()).filter(({ cluster }) => [main, branch.cluster].includes(cluster));
      expect(ours.sort((a, b) => Number(a.cluster > b.cluster) - Number(a.cluster < b.cluster))).toStrictEqual(
        [parent, branch].sort((a, b) => Number(a.cluster > b.cluster) - Number(a.cluster < b.cluster)),
      );
      const names = await under.peer.clusters();
      expect(names).toContain(main);
      expect(names).toContain(branch.cluster);
      expect(names.filter((name) => name.includes('~'))).toStrictEqual([]);
    });

    it('without a base begin a log of their own', async () => {
      const cluster = newCluster();
      const branch: Branch = { cluster, log: newLogName(cluster, 'a'), base: [] };
      expect(await log.branches.begin(branch)).toBe('begun');
      expect(await log.clusters()).not.toContain(cluster);
      const own = await grown(2, branch);
      expect(await read(branch)).toStrictEqual(own);
      expect(await under.peer.clusters()).toContain(cluster);
    });

    it('are begun once, however often and by however many', async () => {
      await grown(2);
      const branch = forkAt(parent, 4);
      const other = { ...branch, log: newLogName(branch.cluster, 'other') };
      const results = await Promise.all([log.branches.begin(branch), under.peer.branches.begin(other)]);
      expect(results.sort()).toStrictEqual(['begun', 'taken']);
      const there = (await log.branches.get(branch.cluster))!;
      expect(await under.peer.branches.begin(there)).toBe('begun');
      expect(await log.branches.begin(there === branch ? other : { ...other, log: newLogName(branch.cluster, 'third') })).toBe('taken');
      expect(await log.branches.begin({ cluster: main, log: newLogName(main, 'a'), base: [] })).toBe('taken');
    });

    it('end, and leave their name to others', async () => {
      await grown(2);
      const branch = await fork(parent, 4);
      await grown(1, branch, 4);
      await log.branches.end(branch.cluster, branch.log);
      expect(await under.peer.branches.get(branch.cluster)).toBeUndefined();
      expect(await under.peer.clusters()).not.toContain(branch.cluster);
      expect(await under.peer.branches.ended()).toContain(branch.log);
      const next: Branch = { ...branch, log: newLogName(branch.cluster, 'next'), base: [] };
      expect(await under.peer.branches.begin(next)).toBe('begun');
      // Late, and of the one before.
      await log.branches.end(branch.cluster, branch.log);
      expect(await log.branches.get(branch.cluster)).toStrictEqual(next);
      expect(await read(next)).toStrictEqual([]);
    });

    it('are removed with all that they had, and nothing else is', async () => {
      const shared = await grown(3);
      await save(log, main, snapshot(6, 6));
      const branch = await fork(parent, 7);
      const own = logOf(branch, log);
      await grown(2, branch, 7);
      await appended(own, branch.cluster, 13, 1, noise(900_000));
      for (const offset of [7, 10, 13]) await save(own, branch.cluster, snapshot(offset, offset));
      await save(own, branch.cluster, snapshot(14, 14), [...snapshot(14, 14).chunks, ...snapshot(6, 6).chunks]);
      await expect(log.remove(branch.log)).rejects.toThrow('has ended');
      await log.branches.end(branch.cluster, branch.log);
      await removed(branch.log);
      expect(await log.snapshots(branch.log)).toStrictEqual([]);
      expect((await all(under.peer, branch.log, 13)).length).toBeLessThanOrEqual(1);
      expect(await all(under.peer, main)).toStrictEqual(shared);
      expect(plainLoaded(await under.peer.loadSnapshot(main))).toStrictEqual(plain(snapshot(6, 6)));
    });

    it('keep the log of their parent until they have ended', async () => {
      const shared = await grown(3);
      const branch = await fork(parent, 8);
      const other = await fork(parent, 2);
      await log.branches.end(main, main);
      expect(await log.branches.get(main)).toBeUndefined();
      expect(await log.clusters()).not.toContain(main);
      expect(await log.remove(main)).toMatchObject({ done: true, heldBy: expect.arrayContaining([branch.cluster, other.cluster]) });
      const grandchild = await fork(branch, 6);
      await log.branches.end(branch.cluster, branch.log);
      await log.branches.end(other.cluster, other.log);
      expect(await log.remove(main)).toMatchObject({ done: true, heldBy: [grandchild.cluster] });
      expect(await read(grandchild)).toStrictEqual(shared.slice(0, 2));
      await log.branches.end(grandchild.cluster, grandchild.log);
      await removed(main);
      expect((await under.peer.lastEntry(main, { atMost: 6 }))?.offset).toBeUndefined();
      expect(await log.branches.begin({ ...parent, log: newLogName(main, 'again') })).toBe('begun');
    });

    it('are let go of together, where no other one is based on them', async () => {
      await grown(2);
      const [held, free, holder] = [await fork(parent, 4), await fork(parent, 4), await fork(parent, 2)];
      await grown(1, held, 4);
      const holding = await fork(held, 6);
      for (const { cluster, log: name } of [held, free]) await log.branches.end(cluster, name);
      const released = await log.branches.release([held.log, free.log, holder.log, newLogName(main, 'none')]);
      expect(released).toStrictEqual(
        new Map([
          [held.log, [holding.cluster]],
          [free.log, []],
        ]),
      );
      expect(await under.peer.remove(held.log)).toMatchObject({ done: true, heldBy: [holding.cluster] });
      await removed(free.log);
      expect((await read(holding)).flatMap(({ events }) => events)).toHaveLength(6);
    });

    it('are not begun behind the end of a cluster, nor behind what is there', async () => {
      await grown(2);
      expect(await log.branches.begin(forkAt(parent, 7))).toBe('gone');
      const end = { ...event(0), key: END_KEY };
      await log.append(main, { ...request(6, 1), events: [event(1), end] });
      for (const offset of [8, 9, 20]) {
        const late = forkAt(parent, offset);
        expect(await log.branches.begin(late), `at ${offset}`).toBe('gone');
        expect(await under.peer.branches.get(late.cluster)).toBeUndefined();
      }
      for (const offset of [6, 7]) expect((await read(await fork(parent, offset))).flatMap(({ events }) => events)).toHaveLength(offset);
    });

    it('are not begun on what is gone', async () => {
      await grown(4);
      expect(await log.branches.begin(forkAt({ cluster: 'none', log: newLogName('none', 'a'), base: [] }, 3))).toBe('gone');
      await save(log, main, snapshot(6, 6));
      while (!(await log.truncate(main, { snapshot: 6 })).done);
      const late = forkAt(parent, 5);
      expect(await log.branches.begin(late)).toBe('gone');
      expect(await log.branches.get(late.cluster)).toBeUndefined();
      await fork(parent, 6);
      expect(await log.branches.begin({ ...late, base: baseAt(parent, 7) })).toBe('begun');
    });

    it('that are cut have no history before their first snapshot, and hold nothing', async () => {
      await grown(3);
      const branch = await fork(parent, 5);
      await save(logOf(branch, log), branch.cluster, snapshot(5, 5));
      const own = await grown(1, branch, 5);
      await log.branches.cut(branch, { snapshot: 5 });
      const cut = (await under.peer.branches.get(branch.cluster))!;
      expect(cut).toStrictEqual({ ...branch, base: [] });
      await log.branches.end(main, main);
      await removed(main);
      expect(await read(cut, 5)).toStrictEqual(own);
      await expect(read(cut)).rejects.toBeInstanceOf(EntriesMissing);
      expect(plainLoaded(await logOf(cut).loadSnapshot(cut.cluster))).toStrictEqual(plain(snapshot(5, 5)));
      await grown(1, cut, 8);
      expect((await read(cut, 5)).length).toBe(2);
      // Its forks begin no earlier, and what they begin with is not superseded.
      expect(await log.branches.begin(forkAt(cut, 4))).toBe('gone');
      const late = await fork(cut, 7);
      for (const offset of [8, 10, 11]) await save(logOf(cut, log), cut.cluster, snapshot(offset, offset));
      expect(plainLoaded(await logOf(late).loadSnapshot(late.cluster))).toStrictEqual(plain(snapshot(5, 5)));
      await log.branches.cut(cut, { snapshot: 8 });
      expect(plainLoaded(await logOf(late).loadSnapshot(late.cluster))).toStrictEqual(plain(snapshot(5, 5)));
    });

    it('keep what they need of a log that is truncated', async () => {
      const shared = await grown(4);
      for (const offset of [3, 6, 9]) await save(log, main, snapshot(offset, offset));
      const branch = await fork(parent, 7);
      expect(await log.truncate(main, { snapshot: 9 })).toStrictEqual({ done: true, held: [7] });
      expect(await all(under.peer, main)).toStrictEqual(shared);
      expect(await log.truncate(main, { snapshot: 6, suffices: (offsets) => !offsets.includes(7) })).toStrictEqual({ done: true, held: [7] });
      while (!(await log.truncate(main, { snapshot: 6 })).done);
      expect(eventsOf(await read(branch, 6))).toStrictEqual(eventsOf(shared).slice(6, 7));
      expect(plainLoaded(await logOf(branch).loadSnapshot(branch.cluster))).toStrictEqual(plain(snapshot(6, 6)));
      await log.branches.end(branch.cluster, branch.log);
      expect(await log.truncate(main, { snapshot: 9 })).not.toHaveProperty('held');
    });

    it('cannot be read where what they share is gone', async () => {
      await grown(2);
      await expect(read(forkAt(parent, 9))).rejects.toBeInstanceOf(EntriesMissing);
      await expect(read(forkAt({ cluster: 'none', log: newLogName('none', 'a'), base: [] }, 3))).rejects.toBeInstanceOf(EntriesMissing);
    });

    unless('proposals', 'keep their proposals apart', async () => {
      await grown(2);
      const branch = await fork(parent, 6);
      const proposal = { id: 'p', after: { offset: 6, writer: 'w' }, events: [event(0)], reads: { keys: [], lists: [], indexes: {} } };
      expect(await logOf(branch, log).proposals!.put(branch.cluster, proposal)).toBe(true);
      expect(await log.proposals!.list(main)).toStrictEqual([]);
      expect((await logOf(branch).proposals!.list(branch.cluster)).map(({ id }) => id)).toStrictEqual(['p']);
      await log.branches.end(branch.cluster, branch.log);
      await removed(branch.log);
      expect(await log.proposals!.list(branch.log)).toStrictEqual([]);
    });

    unless('restart', 'are there after a restart, and what has ended is not', async () => {
      const shared = await grown(3);
      const written = await fork(parent, 5);
      const own = await grown(2, written, 5);
      const [unwritten, ended, gone] = [await fork(parent, 6), await fork(parent, 7), await fork(written, 7)];
      await grown(1, ended, 7);
      await grown(1, gone, 7);
      for (const { cluster, log: name } of [ended, gone]) await log.branches.end(cluster, name);
      await removed(gone.log);
      const restarted = await under.restart();
      expect(eventsOf(await all(branchLog(restarted, written), written.cluster))).toStrictEqual([...eventsOf(shared).slice(0, 5), ...eventsOf(own)]);
      expect(await restarted.branches.get(unwritten.cluster)).toStrictEqual(unwritten);
      expect(await restarted.branches.get(ended.cluster)).toBeUndefined();
      expect(await restarted.branches.ended()).toContain(ended.log);
      expect((await appended(branchLog(restarted, unwritten), unwritten.cluster, 6, 1)).offset).toBe(7);
      expect((await appended(branchLog(restarted, written), written.cluster, 11, 1)).offset).toBe(12);
      while (!(await restarted.remove(ended.log)).done);
    });
  });
}
