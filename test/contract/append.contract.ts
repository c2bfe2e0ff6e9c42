import { beforeEach, describe, expect, it } from 'vitest';
import { clusterInstant } from '../../core/instant.ts';
import { userNamed } from '../../core/kube/user.ts';
import type { LogEvent, Offset } from '../../core/log/event.ts';
import { EntryTooLarge, type EventLog, type LogEntry } from '../../core/log/log.ts';
import { all, appended, digest, digests, event, noise, request, save, snapshot } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeAppend(current: Current, unless: Unless): void {
  describe('append and read', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

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
      for (const after of [0, 2]) expect(await log.append(main, request(after, 1))).toMatchObject({ type: 'conflict' });
      expect(await all(log, main)).toStrictEqual(entries);
    });

    unless('proposals', 'gives a loser what stands in its place', async () => {
      const entry = await appended(log, main, 0, 2);
      expect(await under.peer.append(main, request(0, 1))).toStrictEqual({ type: 'conflict', entry });
    });

    it('keeps which proposals an entry settles', async () => {
      const combined = [
        { id: 'a/1', count: 0 },
        { id: 'b/7', count: 1 },
      ];
      const wanted = { ...request(0, 2), combined };
      const result = await log.append(main, wanted);
      expect(result).toStrictEqual({ type: 'appended', entry: { offset: 1, events: wanted.events, writer: wanted.writer, time: wanted.time, combined } });
      expect((await all(under.peer, main))[0]!.combined).toStrictEqual(combined);
      await log.append(main, { ...request(2, 1), combined: [] });
      expect((await all(under.peer, main))[1]).not.toHaveProperty('combined');
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
      await save(log, b, snapshot(2, 100));
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
}
