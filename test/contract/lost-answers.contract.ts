import { beforeEach, describe, expect } from 'vitest';
import { type EventLog, type LogEntry, LogUnavailable } from '../../core/log/log.ts';
import { all, appended, digests, newCluster, noise, request } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeLostAnswers(current: Current, unless: Unless): void {
  describe('an append whose answer is lost', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    unless('lost answers', 'is appended, once', async () => {
      const writer = under.unreliable!((_, n) => (n === 1 ? 'answer lost' : 'delivered'));
      const entry = await appended(writer, main, 0, 2);
      expect(await all(log, main)).toStrictEqual([entry]);
    });

    unless('lost answers', 'is appended, once, also when another writer has appended behind it since', async () => {
      let other: LogEntry | undefined;
      const writer = under.unreliable!(async (_, n) => {
        if (n === 1) return 'answer lost';
        other = await appended(log, main, 2, 1);
        return 'delivered';
      });
      const entry = await appended(writer, main, 0, 2);
      expect(await all(log, main)).toStrictEqual([entry, other]);
    });

    unless('lost answers', 'conflicts when the request was lost too, and another writer was faster', async () => {
      let other: LogEntry | undefined;
      const writer = under.unreliable!(async (_, n) => {
        if (n === 1) return 'request lost';
        other = await appended(log, main, 0, 2);
        return 'delivered';
      });
      expect((await writer.append(main, request(0, 1))).type).toBe('conflict');
      expect(await all(log, main)).toStrictEqual([other]);
    });

    unless('lost answers', 'is appended, once, when its object is larger than one record', async () => {
      const writer = under.unreliable!((_, n) => (n === 1 ? 'answer lost' : 'delivered'));
      const entry = await appended(writer, main, 0, 1, noise(900_000));
      expect(digests(await all(log, main))).toStrictEqual(digests([entry]));
    });

    unless('lost answers', 'is not known when no answer ever comes: the log has it, or has it not', async () => {
      for (const [fate, want] of [
        ['answer lost', 1],
        ['request lost', 0],
      ] as const) {
        const cluster = newCluster();
        await expect(under.unreliable!(() => fate).append(cluster, request(0, 1))).rejects.toBeInstanceOf(LogUnavailable);
        expect(await all(log, cluster)).toHaveLength(want);
        expect((await log.clusters()).includes(cluster)).toBe(want === 1);
      }
    });
  });
}
