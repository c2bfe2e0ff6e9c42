import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterInstant } from '../../core/instant.ts';
import { userNamed } from '../../core/kube/user.ts';
import { EntryTooLarge, type EventLog, type LogEntry, type LogEvent, LogUnavailable, lastOffset, type Offset } from '../../core/log/log.ts';
import { MAX_SPACING } from '../../core/log/snapshots.ts';
import { all, appended, bytes, collect, digest, digests, event, expectDense, following, newCluster, noise, plain, request, snapshot } from './entries.ts';

/** One log to be tested; each test gets a new one. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** The same log through another connection, as another process has it; where one process owns the log, the log itself. */
  readonly peer: EventLog;
  /** A further connection for which `fate` decides what happens to each attempt to put something: how appends meet a bad network. */
  unreliable?(fate: Fate): EventLog;
  /** Closes everything that is open, as a process does that ends, and opens the log again. */
  restart(): Promise<EventLog>;
  dispose(): Promise<void>;
}

/** Called before the `n`th put of `what` is sent, n from 1. */
export type Fate = (
  what: 'entry' | 'snapshot',
  n: number,
) => Promise<'delivered' | 'request lost' | 'answer lost'> | 'delivered' | 'request lost' | 'answer lost';

export type Skippable = 'restart' | 'lost answers' | 'interrupted snapshots' | 'entry size limit';

/** What every adapter of the log must do (core/log/log.ts). A skipped group says why. */
export function describeEventLog(name: string, create: () => Promise<LogUnderTest>, { skip = {} }: { skip?: Partial<Record<Skippable, string>> } = {}): void {
  describe(`the log on ${name}`, () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;

    beforeEach(async () => {
      under = await create();
      log = under.log;
      main = newCluster();
    });
    afterEach(() => under.dispose());

    const unless = (group: Skippable, title: string, run: () => Promise<void>) =>
      it(title, async (context) => {
        if (skip[group] !== undefined) context.skip(skip[group]);
        await run();
      });

    describe('append and read', () => {
      it('gives nothing of a cluster that has no entries', async () => {
        expect(await all(log, main)).toStrictEqual([]);
        expect(await log.loadSnapshot(main)).toBeUndefined();
        expect(await log.clusters()).not.toContain(main);
      });

      it('gives offsets without holes, one to each event', async () => {
        const entries = [await appended(log, main, 0, 1), await appended(log, main, 1, 3), await appended(log, main, 4, 2)];
        expect(entries.map((entry) => entry.offset)).toStrictEqual([1, 2, 5]);
        expect(await all(log, main)).toStrictEqual(entries);
        expect(await all(log, main, 1)).toStrictEqual(entries.slice(1));
        expect(await all(log, main, 4)).toStrictEqual(entries.slice(2));
        expect(await all(log, main, 6)).toStrictEqual([]);
      });

      it('gives the newest entry that begins at or before an offset', async () => {
        const entries = [await appended(log, main, 0, 1), await appended(log, main, 1, 3), await appended(log, main, 4, 2)];
        const found = (atMost: Offset) => under.peer.lastEntry(main, { atMost });
        expect(await found(0)).toBeUndefined();
        for (const [atMost, entry] of [
          [1, 0],
          [2, 1],
          [4, 1],
          [5, 2],
          [6, 2],
          [Number.MAX_SAFE_INTEGER, 2],
        ] as const)
          expect(await found(atMost)).toStrictEqual(entries[entry]);
        expect(await log.lastEntry(`${main}-a`, { atMost: 5 })).toBeUndefined();
      });

      it('gives back what was appended: every type of event, every character', async () => {
        const object = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'a', labels: { 'š/č': '' } },
          data: { 'a.b': 'řeka 🐎 \u0000 \u2028 "\\', n: null, list: [1.5, -0.25, true, null] },
        };
        const events: LogEvent[] = [
          { type: 'ADDED', key: 'configmaps/default/a', object, actor: userNamed('admin') },
          { type: 'MODIFIED', key: 'configmaps/default/a', object, actor: userNamed('admin'), cause: 1 },
          {
            type: 'MODIFIED',
            key: 'configmaps/default/a',
            patch: { data: { 'a.b': null, more: { deep: [] } } },
            actor: userNamed('system:serviceaccount:a:b'),
          },
          { type: 'DELETED', key: 'configmaps/default/a', actor: userNamed('ユーザー'), cause: 3 },
        ];
        const result = await log.append(main, { after: 0, events, writer: 'w', time: clusterInstant(1_762_257_600_123) });
        const entry = { offset: 1, events, writer: 'w', time: 1_762_257_600_123 };
        expect(result).toStrictEqual({ type: 'appended', entry });
        expect(await all(log, main)).toStrictEqual([entry]);
      });

      it('conflicts when something is there already, and writes nothing', async () => {
        const entries = [await appended(log, main, 0, 2), await appended(log, main, 2, 1)];
        for (const after of [0, 2]) expect(await log.append(main, request(after, 1))).toStrictEqual({ type: 'conflict' });
        expect(await all(log, main)).toStrictEqual(entries);
      });

      it('appends once when the same append comes again', async () => {
        const first = request(0, 2);
        const result = await log.append(main, first);
        await appended(log, main, 2, 1);
        expect(await under.peer.append(main, first)).toStrictEqual(result);
        expect(await all(log, main)).toHaveLength(2);
      });

      it('refuses an append without events, and writes nothing', async () => {
        await expect(log.append(main, { ...request(0, 1), events: [] })).rejects.toThrow('at least one event');
        expect(await all(log, main)).toStrictEqual([]);
      });

      it('keeps clusters apart', async () => {
        const [a, b, c] = [main, `${main}-a`, `${main}a`];
        const entries = { a: [await appended(log, a, 0, 2)], b: [await appended(log, b, 0, 1), await appended(log, b, 1, 1)] };
        await log.saveSnapshot(b, snapshot(2, 100));
        expect(await all(log, a)).toStrictEqual(entries.a);
        expect(await all(log, b)).toStrictEqual(entries.b);
        expect(await all(log, c)).toStrictEqual([]);
        expect(await log.loadSnapshot(a)).toBeUndefined();
        expect((await log.clusters()).filter((found) => found.startsWith(main))).toStrictEqual([a, b]);
      });

      it('takes an entry with many events', async () => {
        const entry = await appended(log, main, 0, 2_000);
        expect(await all(log, main)).toStrictEqual([entry]);
        expect((await appended(log, main, 2_000, 1)).offset).toBe(2_001);
      });

      it('takes one event with the largest object that Kubernetes allows, also when it does not compress', async () => {
        const entries = [await appended(log, main, 0, 1), await appended(log, main, 1, 1, noise(1_400_000)), await appended(log, main, 2, 1)];
        expect(digests(await all(log, main))).toStrictEqual(digests(entries));
        expect((await log.append(main, { ...request(1, 1), events: [event(0, noise(1_000_000))] })).type).toBe('conflict');
        expect(digests(await all(under.peer, main, 1))).toStrictEqual(digests(entries.slice(1)));
      });

      it('reads a log that is much larger than what one request can bring', async () => {
        const entries: LogEntry[] = [];
        for (let i = 0; i < 12; i++) entries.push(await appended(log, main, i, 1, noise(300_000 + i)));
        expect(digests(await all(log, main))).toStrictEqual(digests(entries));
      });

      unless('entry size limit', 'refuses several events that are too large together, writes nothing, and takes them one by one', async () => {
        const events = [event(0, noise(300_000)), event(1, noise(310_000))];
        const refused = await log.append(main, { ...request(0, 1), events }).catch((error: unknown) => error);
        expect(refused instanceof EntryTooLarge).toBe(true);
        expect(await all(log, main)).toStrictEqual([]);
        expect(await log.clusters()).not.toContain(main);
        for (const [i, single] of events.entries()) expect((await log.append(main, { ...request(i, 1), events: [single] })).type).toBe('appended');
        expect((await all(log, main)).flatMap((entry) => entry.events.map(digest))).toStrictEqual(events.map(digest));
      });
    });

    describe('several writers', () => {
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

      it('shows what was acknowledged to everybody at once', async () => {
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

    describe('an append whose answer is lost', () => {
      unless('lost answers', 'is appended, once', async () => {
        const writer = under.unreliable!((_, n) => (n === 1 ? 'answer lost' : 'delivered'));
        const entry = await appended(writer, main, 0, 2);
        expect(await all(log, main)).toStrictEqual([entry]);
      });

      unless('lost answers', 'is appended, once, also when somebody has built on it since', async () => {
        let other: LogEntry | undefined;
        const writer = under.unreliable!(async (_, n) => {
          if (n === 1) return 'answer lost';
          other = await appended(log, main, 2, 1);
          return 'delivered';
        });
        const entry = await appended(writer, main, 0, 2);
        expect(await all(log, main)).toStrictEqual([entry, other]);
      });

      unless('lost answers', 'conflicts when the request was lost too, and somebody else was faster', async () => {
        let other: LogEntry | undefined;
        const writer = under.unreliable!(async (_, n) => {
          if (n === 1) return 'request lost';
          other = await appended(log, main, 0, 2);
          return 'delivered';
        });
        expect(await writer.append(main, request(0, 1))).toStrictEqual({ type: 'conflict' });
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

    describe('tail', () => {
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

    describe('snapshots', () => {
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
          { offset: 30_000, time: 1_000 },
          { offset: 60_000, time: 3_000 },
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

    describe('closing', () => {
      it('answers LogUnavailable afterwards', async () => {
        await log.check();
        await log.close();
        await expect(log.check()).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.append(main, request(0, 1))).rejects.toBeInstanceOf(LogUnavailable);
        await expect(all(log, main)).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.saveSnapshot(main, snapshot(1, 1))).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.loadSnapshot(main)).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.snapshots(main)).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.clusters()).rejects.toBeInstanceOf(LogUnavailable);
        await log.close();
      });

      unless('restart', 'keeps everything for the next process', async () => {
        const entries = [await appended(log, main, 0, 2), await appended(log, main, 2, 1)];
        await log.saveSnapshot(main, snapshot(2, 7));
        const again = await under.restart();
        expect(await all(again, main)).toStrictEqual(entries);
        expect(plain(await again.loadSnapshot(main))).toStrictEqual(plain(snapshot(2, 7)));
        expect(await again.clusters()).toContain(main);
        expect((await again.append(main, request(2, 1))).type).toBe('conflict');
        expect((await appended(again, main, 3, 1)).offset).toBe(4);
      });
    });
  });
}
