import { beforeEach, describe, expect, it } from 'vitest';
import type { Offset } from '../../core/log/event.ts';
import type { EventLog, LogEntry } from '../../core/log/log.ts';
import { all, appended, collect, following, newCluster } from './entries.ts';
import type { Current, LogUnderTest } from './log-under-test.ts';

export function describeTail(current: Current): void {
  describe('tail', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    it('brings what was there before it began, then what is appended', async () => {
      const entries = [await appended(log, main, 0, 2), await appended(log, main, 2, 1)];
      const tail = following(log, main, 0);
      expect(await tail.next(2)).toStrictEqual(entries);
      for (let after = 3; after < 8; after++) {
        const entry = await appended(after % 2 ? log : under.peer, main, after, 1);
        expect(await tail.next(1)).toStrictEqual([entry]);
      }
      await tail.end();
    });

    it('begins after the offset that it is given, and before there is a first entry', async () => {
      const empty = following(log, newCluster(), 0);
      const early = following(log, main, 0);
      const first = await appended(log, main, 0, 2);
      const late = following(log, main, 2);
      const second = await appended(log, main, 2, 1);
      expect(await early.next(2)).toStrictEqual([first, second]);
      expect(await late.next(1)).toStrictEqual([second]);
      await Promise.all([early.end(), late.end(), empty.end()]);
      expect(empty.seen).toStrictEqual([]);
    });

    it('misses nothing when its reader is slow', async () => {
      const cancel = new AbortController();
      const seen: LogEntry[] = [];
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const reading = (async () => {
        for await (const entry of log.tail(main, { after: 0, signal: cancel.signal })) {
          seen.push(entry);
          if (seen.length === 1) await released;
          if (seen.length === 400) cancel.abort();
        }
      })();
      for (let after = 0; after < 400; after++) await appended(log, main, after, 1);
      release();
      await reading;
      expect(seen).toStrictEqual(await all(log, main));
    });

    it('ends without an error when it is cancelled: before it begins, while it waits, and while it reads', async () => {
      for (let after = 0; after < 5; after++) await appended(log, main, after, 1);
      expect(await collect(log.tail(main, { after: 0, signal: AbortSignal.abort() }))).toStrictEqual([]);
      const waiting = following(log, main, 5);
      await waiting.end();
      expect(waiting.seen).toStrictEqual([]);
      const cancel = new AbortController();
      const seen: Offset[] = [];
      for await (const entry of log.tail(main, { after: 0, signal: cancel.signal })) {
        seen.push(entry.offset);
        if (entry.offset === 3) cancel.abort();
      }
      expect(seen).toStrictEqual([1, 2, 3]);
    });

    it('ends when the log is closed', async () => {
      await appended(log, main, 0, 1);
      const tail = following(log, main, 0);
      await tail.next(1);
      await log.close();
      await tail.ended;
    });
  });
}
