import { beforeEach, describe, expect, it } from 'vitest';
import { type EventLog, type LogEntry, lastOffset } from '../../core/log/log.ts';
import { all, appended, expectDense, request } from './entries.ts';
import type { Current, LogUnderTest } from './log-under-test.ts';

export function describeWriters(current: Current): void {
  describe('several writers', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    it('lets exactly one of many win an offset', async () => {
      for (let round = 0; round < 10; round++) {
        const results = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? log : under.peer).append(main, request(round, 1))));
        const winners = results.filter((result) => result.type === 'appended');
        expect(winners).toHaveLength(1);
        expect(await all(log, main, round)).toStrictEqual([winners[0]!.entry]);
      }
    });

    it('loses and doubles nothing when two race', async () => {
      const ROUNDS = 60;
      async function work(through: EventLog, author: string): Promise<LogEntry[]> {
        const mine: LogEntry[] = [];
        let after = 0;
        while (mine.length < ROUNDS) {
          const result = await through.append(main, { ...request(after, 1 + (mine.length % 3)), writer: `${author}-${mine.length}` });
          if (result.type === 'appended') {
            mine.push(result.entry);
            after = lastOffset(result.entry);
          } else for (const entry of await all(through, main, after)) after = lastOffset(entry);
        }
        return mine;
      }
      const [a, b] = await Promise.all([work(log, 'a'), work(under.peer, 'b')]);
      const entries = await all(log, main);
      expectDense(entries);
      expect(entries).toStrictEqual([...a, ...b].sort((x, y) => x.offset - y.offset));
    });

    it('shows what was acknowledged to every reader at once', async () => {
      for (let i = 0; i < 20; i++) {
        const [writer, reader] = i % 2 ? [log, under.peer] : [under.peer, log];
        const entry = await appended(writer, main, i, 1);
        expect((await all(reader, main, i)).map((found) => found.writer)).toStrictEqual([entry.writer]);
      }
    });

    it('reads whole entries in order while others append', async () => {
      let done = false;
      async function write() {
        for (let after = 0; after < 300; after += 3) await appended(log, main, after, 3);
        done = true;
      }
      async function reading() {
        while (!done) {
          const entries = await all(under.peer, main);
          expectDense(entries);
          expect(entries.every((entry) => entry.events.length === 3)).toBe(true);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      await Promise.all([write(), reading(), reading()]);
      expect(await all(under.peer, main)).toHaveLength(100);
    });
  });
}
