import { beforeEach, describe, expect, it } from 'vitest';
import { clusterInstant } from '../../core/instant.ts';
import { type Chunk, ChunksMissing, type EventLog, LogUnavailable, MAX_CHUNK_BYTES, type SnapshotBounds } from '../../core/log/log.ts';
import { MAX_SPACING } from '../../core/log/snapshots.ts';
import { all, bytes, chunkOf, newCluster, plain, plainLoaded, request, save, snapshot } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeSnapshots(current: Current, unless: Unless): void {
  describe('snapshots', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    const load = async (bounds?: SnapshotBounds) => plainLoaded(await under.peer.loadSnapshot(main, bounds));

    it('gives the newest within the bounds', async () => {
      // So far apart that none supersedes another.
      const [a, b, c] = [snapshot(30_000, 1_000), snapshot(60_000, 2_000), snapshot(90_000, 3_000)];
      for (const one of [b, a, c]) await save(log, main, one);
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
      for (const one of [snapshot(60_000, 2_000), snapshot(30_000, 1_000)]) await save(log, main, one);
      expect(await under.peer.snapshots(main)).toStrictEqual([
        { offset: 30_000, time: 1_000 },
        { offset: 60_000, time: 2_000 },
      ]);
    });

    it('keeps chunks as they are: empty ones, large ones, one twice, none', async () => {
      const chunks = [new Uint8Array(), bytes(MAX_CHUNK_BYTES), bytes(1), new Uint8Array(), bytes(MAX_CHUNK_BYTES - 1)];
      for (const [i, given] of [chunks, [], [new Uint8Array()]].entries()) {
        await save(log, main, { offset: i + 1, time: i, chunks: given });
        expect(await load()).toStrictEqual(plain({ offset: i + 1, time: i, chunks: given }));
      }
    });

    it('keeps what is said of chunks', async () => {
      const [a, b] = [bytes(10), bytes(20)];
      const chunks: Chunk[] = [
        { ...chunkOf(a), resource: 'deployments.apps', first: 'default/š "', continues: true },
        { ...chunkOf(b), resource: '', first: '' },
      ];
      await log.saveSnapshot(main, { offset: 1, time: clusterInstant(1), chunks }, new Map([a, b].map((chunk) => [chunkOf(chunk).name, chunk])));
      expect((await under.peer.loadSnapshot(main))!.chunks).toStrictEqual(chunks);
    });

    it('takes from the snapshot before what is in both, and refuses one of which a chunk is nowhere', async () => {
      const [a, b, c, d] = [bytes(10), bytes(20), bytes(30), bytes(40)] as const;
      await save(log, main, { offset: 1, time: 1, chunks: [a, b] });
      await save(under.peer, main, { offset: 2, time: 2, chunks: [a, c] }, [c]);
      await save(log, main, { offset: 3, time: 3, chunks: [c, a] }, []);
      expect(await load()).toStrictEqual(plain({ offset: 3, time: 3, chunks: [c, a] }));
      const refused = await save(log, main, { offset: 4, time: 4, chunks: [a, d] }, [a]).catch((error: unknown) => error);
      expect(refused instanceof ChunksMissing).toBe(true);
      expect(await load()).toStrictEqual(plain({ offset: 3, time: 3, chunks: [c, a] }));
    });

    it('does not read what the reader knows', async () => {
      await save(log, main, { offset: 1, time: 1, chunks: [bytes(10), bytes(20)] });
      const known = new Set([chunkOf(bytes(10)).name]);
      const found = await under.peer.loadSnapshot(main, { known });
      expect([...found!.bytes.keys()]).toStrictEqual([chunkOf(bytes(20)).name]);
      expect(found!.chunks).toHaveLength(2);
    });

    it('keeps what one cluster still names when another one names it no more', async () => {
      const other = newCluster();
      const both = bytes(5_000);
      await save(log, main, { offset: 1, time: 1, chunks: [both] });
      await save(log, other, { offset: 1, time: 1, chunks: [both] });
      for (let offset = 2; offset <= 5; offset++) await save(log, main, snapshot(offset, offset));
      expect((await log.snapshots(main)).map(({ offset }) => offset)).toStrictEqual([4, 5]);
      expect(plainLoaded(await under.peer.loadSnapshot(other))).toStrictEqual(plain({ offset: 1, time: 1, chunks: [both] }));
      // And again, as it is there no more for the first one.
      await save(log, main, { offset: 6, time: 6, chunks: [both] });
      for (let offset = 2; offset <= 5; offset++) await save(log, other, snapshot(offset, offset));
      expect(await load()).toStrictEqual(plain({ offset: 6, time: 6, chunks: [both] }));
    });

    it('says by how much time was ahead, as an entry does', async () => {
      await log.append(main, { ...request(0, 1), aheadMinutes: 576_000 });
      await log.append(main, { ...request(1, 1), aheadMinutes: 0 });
      expect((await all(under.peer, main)).map(({ aheadMinutes }) => aheadMinutes)).toStrictEqual([576_000, undefined]);
      await save(log, main, { ...snapshot(2, 1), aheadMinutes: 7 });
      expect(await load()).toStrictEqual(plain({ ...snapshot(2, 1), aheadMinutes: 7 }));
    });

    it('can be saved again', async () => {
      for (const through of [log, under.peer, log]) await save(through, main, snapshot(5, 1));
      expect(await load()).toStrictEqual(plain(snapshot(5, 1)));
      expect(await log.snapshots(main)).toHaveLength(1);
    });

    it('keeps the newest and enough of the older ones', async () => {
      for (let i = 1; i <= 40; i++) await save(log, main, snapshot(i * 6_000, i));
      expect(await load()).toStrictEqual(plain(snapshot(240_000, 40)));
      const kept = (await log.snapshots(main)).map(({ offset }) => offset);
      expect(kept.length).toBeLessThan(12);
      expect(Math.max(...kept.map((offset, i) => offset - (kept[i - 1] ?? 0)))).toBeLessThanOrEqual(MAX_SPACING);
      for (const offset of kept) expect(await load({ atMost: offset })).toStrictEqual(plain(snapshot(offset, offset / 6_000)));
    });

    unless('interrupted snapshots', 'does not show one whose writer stopped before it was complete', async () => {
      await save(log, main, snapshot(10, 1));
      const large = { offset: 20, time: 2, chunks: [bytes(300_000), bytes(310_000)] };
      for (let puts = 0; puts < 6; puts++) {
        const interrupted = under.unreliable!((_, n) => (n <= puts ? 'delivered' : 'request lost'));
        await expect(save(interrupted, main, large)).rejects.toBeInstanceOf(LogUnavailable);
        expect(await load()).toStrictEqual(plain(snapshot(10, 1)));
      }
      await save(log, main, large);
      expect(await load()).toStrictEqual(plain(large));
    });
  });
}
