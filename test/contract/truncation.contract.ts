import { beforeEach, describe, expect, it } from 'vitest';
import { EntriesMissing } from '../../core/log/entry.ts';
import type { Offset } from '../../core/log/event.ts';
import { type EventLog, type LogEntry, lastOffset } from '../../core/log/log.ts';
import { all, appended, expectDense, noise, plain, plainLoaded, request, save, snapshot } from './entries.ts';
import type { Current, LogUnderTest, Skips } from './log-under-test.ts';

export function describeTruncation(current: Current, skip: Skips): void {
  describe('truncation', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    /** So many entries of three events each. */
    async function grown(entries: number): Promise<void> {
      for (let i = 0; i < entries; i++) await appended(log, main, 3 * i, 3);
    }
    async function truncated(offset: Offset): Promise<number> {
      for (let calls = 1; ; calls++) if ((await log.truncate(main, { snapshot: offset })).done) return calls;
    }
    const begins = async (after: Offset) => (await all(under.peer, main, after)).map(({ offset }) => offset);

    it('deletes the entries up to a snapshot, and the snapshots before it', async () => {
      await grown(5);
      for (const offset of [3, 6, 9, 15]) await save(log, main, snapshot(offset, offset));
      await truncated(9);
      expect(await begins(9)).toStrictEqual([10, 13]);
      expect((await log.snapshots(main)).map(({ offset }) => offset)).toStrictEqual([9, 15]);
      expect((await under.peer.lastEntry(main, { atMost: 9 }))?.offset).toBeUndefined();
      expect((await appended(under.peer, main, 15, 1)).offset).toBe(16);
      expect(await log.clusters()).toContain(main);
    });

    it('keeps an entry of which a part is behind the snapshot, and the newest one', async () => {
      await grown(3);
      await save(log, main, snapshot(5, 1));
      await truncated(5);
      expect(await begins(3)).toStrictEqual([4, 7]);
      await save(log, main, snapshot(9, 2));
      await truncated(9);
      expect(await begins(6)).toStrictEqual([7]);
      expect((await log.append(main, request(6, 1))).type).toBe('conflict');
      expect((await appended(log, main, 9, 1)).offset).toBe(10);
    });

    it('deletes nothing where there is no snapshot', async () => {
      await grown(3);
      await save(log, main, snapshot(6, 1));
      for (const offset of [5, 7, 9]) await expect(log.truncate(main, { snapshot: offset })).rejects.toThrow('no snapshot');
      expect(await begins(0)).toStrictEqual([1, 4, 7]);
    });

    it('never loses the snapshot at which the log begins', async () => {
      await grown(4);
      for (const offset of [3, 6]) await save(log, main, snapshot(offset, offset));
      await truncated(3);
      for (const offset of [9, 12]) await save(log, main, snapshot(offset, offset));
      expect((await log.snapshots(main)).map(({ offset }) => offset)).toStrictEqual([3, 9, 12]);
      expect(plainLoaded(await log.loadSnapshot(main, { atMost: 8 }))).toStrictEqual(plain(snapshot(3, 3)));
    });

    it('tells a reader of what is gone that entries are missing', async () => {
      await grown(4);
      await save(log, main, snapshot(6, 1));
      await truncated(6);
      for (const after of [0, 3]) await expect(begins(after)).rejects.toBeInstanceOf(EntriesMissing);
    });

    it('leaves no gap for a reader that is at what goes', async () => {
      await grown(600);
      await save(log, main, snapshot(1_500, 1));
      const seen: LogEntry[] = [];
      const failure = await (async () => {
        for await (const entry of log.read(main, { after: 0 })) if (seen.push(entry) === 1) await truncated(1_500);
      })().catch((error: unknown) => error);
      expectDense(seen);
      expect(failure instanceof EntriesMissing || lastOffset(seen.at(-1)!) === 1_800).toBe(true);
    });

    it('is done in pieces, each of which leaves a log that can be read from the snapshot on', async () => {
      await grown(1_100);
      await save(log, main, snapshot(3_297, 1));
      for (let done = false; !done; ) {
        ({ done } = await log.truncate(main, { snapshot: 3_297 }));
        expect(await begins(3_297)).toStrictEqual([3_298]);
      }
      const restarted = skip.restart === undefined ? await under.restart() : log;
      expect((await all(restarted, main, 3_297)).map(({ offset }) => offset)).toStrictEqual([3_298]);
      expect((await appended(restarted, main, 3_300, 2)).offset).toBe(3_301);
    });

    it('deletes large entries wholly', async () => {
      await appended(log, main, 0, 1, noise(900_000));
      await appended(log, main, 1, 1);
      await save(log, main, snapshot(1, 1));
      await truncated(1);
      expect(await begins(1)).toStrictEqual([2]);
    });
  });
}
