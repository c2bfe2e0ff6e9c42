import { beforeEach, describe, expect, it } from 'vitest';
import { clusterInstant } from '../../core/instant.ts';
import { type EventLog, LogUnavailable } from '../../core/log/log.ts';
import { MAX_SPACING } from '../../core/log/snapshots.ts';
import { all, bytes, plain, request, snapshot } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeSnapshots(current: Current, unless: Unless): void {
  describe('snapshots', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    it('gives the newest within the bounds', async () => {
      // So far apart that none supersedes another.
      const [a, b, c] = [snapshot(30_000, 1_000), snapshot(60_000, 2_000), snapshot(90_000, 3_000)];
      for (const one of [b, a, c]) await log.saveSnapshot(main, one);
      const load = async (bounds?: Parameters<EventLog['loadSnapshot']>[1]) => plain(await under.peer.loadSnapshot(main, bounds));
      expect(await load()).toStrictEqual(plain(c));
      expect(await load({})).toStrictEqual(plain(c));
      expect(await load({ atMost: 90_000 })).toStrictEqual(plain(c));
      expect(await load({ atMost: 89_999 })).toStrictEqual(plain(b));
      expect(await load({ before: 2_000 })).toStrictEqual(plain(b));
      expect(await load({ before: 1_999 })).toStrictEqual(plain(a));
      expect(await load({ atMost: 60_000, before: 1_000 })).toStrictEqual(plain(a));
      expect(await load({ atMost: 29_999 })).toBeUndefined();
      expect(await load({ before: 999 })).toBeUndefined();
    });

    it('says which there are', async () => {
      expect(await log.snapshots(main)).toStrictEqual([]);
      for (const one of [snapshot(60_000, 2_000), snapshot(30_000, 1_000), snapshot(60_000, 3_000)]) await log.saveSnapshot(main, one);
      expect(await under.peer.snapshots(main)).toStrictEqual([
        { offset: 30_000, time: clusterInstant(1_000) },
        { offset: 60_000, time: clusterInstant(3_000) },
      ]);
    });

    it('keeps chunks as they are: empty ones, large ones, none', async () => {
      const chunks = [new Uint8Array(), bytes(1_000_000), bytes(1), new Uint8Array(), bytes(410_000)];
      for (const [i, given] of [chunks, [], [new Uint8Array()]].entries()) {
        await log.saveSnapshot(main, { offset: i + 1, time: clusterInstant(i), chunks: given });
        expect(plain(await log.loadSnapshot(main))).toStrictEqual(plain({ offset: i + 1, time: clusterInstant(i), chunks: given }));
      }
    });

    it('says by how much time was ahead, as an entry does', async () => {
      await log.append(main, { ...request(0, 1), aheadMinutes: 576_000 });
      await log.append(main, { ...request(1, 1), aheadMinutes: 0 });
      expect((await all(under.peer, main)).map(({ aheadMinutes }) => aheadMinutes)).toStrictEqual([576_000, undefined]);
      await log.saveSnapshot(main, { ...snapshot(2, 1), aheadMinutes: 7 });
      expect(plain(await under.peer.loadSnapshot(main))).toStrictEqual(plain({ ...snapshot(2, 1), aheadMinutes: 7 }));
    });

    it('is replaced by a later one of the same offset', async () => {
      await log.saveSnapshot(main, { offset: 5, time: clusterInstant(1), chunks: [bytes(900_000), bytes(10)] });
      await log.saveSnapshot(main, { offset: 5, time: clusterInstant(2), chunks: [bytes(20)] });
      expect(plain(await log.loadSnapshot(main))).toStrictEqual(plain({ offset: 5, time: clusterInstant(2), chunks: [bytes(20)] }));
    });

    it('keeps the newest and enough of the older ones', async () => {
      for (let i = 1; i <= 40; i++) await log.saveSnapshot(main, snapshot(i * 6_000, i));
      expect(plain(await log.loadSnapshot(main))).toStrictEqual(plain(snapshot(240_000, 40)));
      const kept = (await log.snapshots(main)).map(({ offset }) => offset);
      expect(kept.length).toBeLessThan(12);
      expect(Math.max(...kept.map((offset, i) => offset - (kept[i - 1] ?? 0)))).toBeLessThanOrEqual(MAX_SPACING);
    });

    unless('interrupted snapshots', 'does not show one whose writer stopped before it was complete', async () => {
      await log.saveSnapshot(main, snapshot(10, 1));
      const large = { offset: 20, time: clusterInstant(2), chunks: [bytes(900_000), bytes(900_000)] };
      for (let puts = 0; puts < 6; puts++) {
        const interrupted = under.unreliable!((_, n) => (n <= puts ? 'delivered' : 'request lost'));
        await expect(interrupted.saveSnapshot(main, large)).rejects.toBeInstanceOf(LogUnavailable);
        expect(plain(await log.loadSnapshot(main))).toStrictEqual(plain(snapshot(10, 1)));
      }
      await log.saveSnapshot(main, large);
      expect(plain(await log.loadSnapshot(main))).toStrictEqual(plain(large));
    });
  });
}
