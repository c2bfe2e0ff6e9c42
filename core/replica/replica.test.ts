import { describe, expect, it } from 'vitest';
import { systemEnv } from '../env.ts';
import { clusterInstant, elapsedAt, realInstant } from '../instant.ts';
import { notFound } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { EntryTooLarge, type EventLog, type LogEntry, LogUnavailable, LogUnwritable, lastOffset } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { diff } from '../log/patch.ts';
import type { ConfigMap } from '../schema/generated/kinds.ts';
import { saveSnapshot } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import type { Closing } from './commits.ts';
import type { Decided } from './job.ts';
import { Replica } from './replica.ts';

const counter = (n: number): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'counter', namespace: 'default' },
  data: { n: String(n) },
});

const create = (name: string): Decided<string> => ({
  events: [{ type: 'ADDED', key: `configmaps/default/${name}`, object: { ...counter(0), metadata: { name, namespace: 'default' } }, actor: userNamed('me') }],
  answer: (changes) => changes[0]!.object.metadata.resourceVersion!,
});

/** Adds one to the counter: right only when decided on the newest state. */
function increment(state: State): Decided<number> {
  const object = state.get('configmaps', 'default', 'counter');
  if (!object) return { events: [{ type: 'ADDED', key: 'configmaps/default/counter', object: counter(1), actor: userNamed('me') }], answer: () => 1 };
  const n = Number(object.data!['n']) + 1;
  const next: ConfigMap = { ...object, data: { n: String(n) } };
  const event: LogEvent = {
    type: 'MODIFIED',
    key: 'configmaps/default/counter',
    patch: diff(object, next)!,
    actor: userNamed('me'),
  };
  return { events: [event], answer: () => n };
}

/** A log whose entries have so many events at most. */
const upTo = (most: number, inner: EventLog): EventLog => ({
  ...inner,
  append: async (cluster, append) => {
    if (append.events.length > most) throw new EntryTooLarge('too large');
    return inner.append(cluster, append);
  },
});

const open = (log: EventLog, options: { exclusive?: boolean; historyLimit?: number } = {}) =>
  Replica.open({
    log,
    cluster: 'c',
    env: systemEnv,
    snapshotEvents: 2000,
    ...(options.exclusive && { exclusive: true }),
    freeze: true,
    ...(options.historyLimit && { history: { limit: options.historyLimit } }),
  });

async function entriesOf(log: EventLog): Promise<LogEntry[]> {
  const out: LogEntry[] = [];
  for await (const entry of log.read('c', { after: 0 })) out.push(entry);
  return out;
}

describe('commits', () => {
  it('that come in together share an entry, each seeing those before it', async () => {
    const log = memoryLog();
    const replica = await open(log);
    expect(await Promise.all(Array.from({ length: 20 }, () => replica.commit(increment)))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const entries = await entriesOf(log);
    expect(entries.length).toBe(1);
    expect(lastOffset(entries[0]!)).toBe(20);
  });

  it('of a reconciler come first in their entry', async () => {
    const log = memoryLog();
    const replica = await open(log);
    const offsets: number[] = [];
    const note = (state: State) => {
      offsets.push(state.offset - replica.state.offset);
      return increment(state);
    };
    await Promise.all([replica.commit(note), replica.commit(note, { first: true }), replica.commit(note)]);
    expect(offsets).toEqual([0, 0, 1]);
    expect((await entriesOf(log)).map(({ events }) => events.length)).toEqual([1, 2]);
  });

  it('of many replicas never lose one another', async () => {
    const log = memoryLog();
    const replicas = await Promise.all([1, 2, 3, 4].map(() => open(log)));
    const counts = await Promise.all(Array.from({ length: 80 }, (_, i) => replicas[i % 4]!.commit(increment)));
    expect([...counts].sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
    const fresh = await open(log);
    expect(fresh.state.get('configmaps', 'default', 'counter')!.data!['n']).toBe('80');
  });

  it('are taken in once, also when the log is read before it has answered', async () => {
    const log = memoryLog();
    let answering: Replica | undefined;
    const slow: EventLog = {
      ...log,
      async append(cluster, request) {
        const result = await log.append(cluster, request);
        await other.commit(() => create(`behind-${request.after}`));
        await answering!.catchUp();
        return result;
      },
    };
    const other = await open(log);
    answering = await open(slow);
    expect(await answering.commit(() => create('x'))).toBe('1');
    expect(await answering.commit(() => create('y'))).toBe('3');
    expect(answering.state.list('configmaps').map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)).toEqual([
      'behind-0@2',
      'behind-2@4',
      'x@1',
      'y@3',
    ]);
    expect(answering.recentChanges(0)!.map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
  });

  it('are not decided again when another writer was first and touched nothing that they read', async () => {
    const log = memoryLog();
    const [first, second] = await Promise.all([open(log), open(log)]);
    await first.commit(() => create('x'));
    let decisions = 0;
    const answered = await second.commit((state) => {
      decisions++;
      if (state.get('configmaps', 'default', 'y')) throw new Error('it is there already');
      return create('y');
    });
    expect([decisions, answered]).toEqual([1, '2']);
    expect(second.state.get('configmaps', 'default', 'y')!.metadata.resourceVersion).toBe('2');
  });

  it('are decided again when it touched what they read, or what those before them in their entry left', async () => {
    const log = memoryLog();
    const [first, second] = await Promise.all([open(log), open(log)]);
    await first.commit(() => create('x'));
    const decisions: string[] = [];
    const withX = (name: string) => (state: State) => {
      decisions.push(name);
      return create(`${name}${state.get('configmaps', 'default', 'x') ? ' after x' : ''}`);
    };
    const behind = (state: State) => {
      decisions.push('behind');
      return create(state.get('configmaps', 'default', 'a after x') ? 'behind a after x' : 'behind a');
    };
    const apart = () => {
      decisions.push('apart');
      return create('apart');
    };
    await Promise.all([second.commit(withX('a')), second.commit(behind), second.commit(apart)]);
    expect(second.state.list('configmaps').map(({ metadata }) => metadata.name)).toEqual(['a after x', 'apart', 'behind a after x', 'x']);
    expect(decisions).toEqual(['a', 'behind', 'apart', 'a', 'behind']);
  });

  it('of many writers at once all come in, each decided once when they have nothing to do with one another', async () => {
    const log = memoryLog();
    const replicas = await Promise.all(Array.from({ length: 30 }, () => open(log)));
    let decisions = 0;
    const write = (replica: Replica, i: number) =>
      replica.commit(() => {
        decisions++;
        return create(`m${i}`);
      });
    await Promise.all(replicas.map(write));
    expect(decisions).toBe(30);
    expect((await open(log)).state.size).toBe(30);
  });

  it('refuse, and answer "nothing to do", only on the newest state', async () => {
    const log = memoryLog();
    const behind = await open(log);
    const ahead = await open(log);
    await ahead.commit(() => create('x'));
    const found = await behind.commit((state) => {
      const object = state.get('configmaps', 'default', 'x');
      if (!object) throw notFound({ group: '', resource: 'configmaps' }, 'x');
      return { events: [], answer: () => object.metadata.resourceVersion };
    });
    expect(found).toBe('1');
    await ahead.commit(() => ({ events: [{ type: 'DELETED', key: 'configmaps/default/x', actor: userNamed('me') }], answer: () => undefined }));
    const gone = behind.commit((state) => {
      if (!state.get('configmaps', 'default', 'x')) throw notFound({ group: '', resource: 'configmaps' }, 'x');
      return { events: [], answer: () => undefined };
    });
    await expect(gone).rejects.toThrow('configmaps "x" not found');
  });

  it('that are refused or broken do not hurt their neighbours', async () => {
    const replica = await open(memoryLog(), { exclusive: true });
    const settled = await Promise.allSettled([
      replica.commit(() => create('a')),
      replica.commit(() => {
        throw notFound({ group: '', resource: 'pods' }, 'p');
      }),
      replica.commit(() => {
        throw new TypeError('bug');
      }),
      replica.commit(() => create('b')),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(replica.state.list('configmaps').length).toBe(2);
  });

  it('are answered 504 when the log does not say what became of them, and the replica recovers', async () => {
    const inner = memoryLog();
    let lose = true;
    const log: EventLog = {
      ...inner,
      append: async (cluster, append) => {
        const result = await inner.append(cluster, append);
        if (!lose) return result;
        lose = false;
        throw new LogUnavailable('no answer');
      },
    };
    const replica = await open(log);
    await expect(replica.commit(increment)).rejects.toMatchObject({ status: { code: 504, reason: 'Timeout' } });
    expect(await replica.commit(increment)).toBe(2);
  });

  it('are answered 500, at once and with the reason, when the log takes nothing, and the replica recovers', async () => {
    const inner = memoryLog();
    let full = true;
    const log: EventLog = {
      ...inner,
      append: async (cluster, append) => {
        if (full) throw new LogUnwritable('the disk is full');
        return inner.append(cluster, append);
      },
    };
    const replica = await open(log, { exclusive: true });
    await expect(replica.commit(increment)).rejects.toMatchObject({
      status: { code: 500, reason: 'InternalError', message: 'Internal error occurred: the disk is full' },
    });
    full = false;
    expect(await replica.commit(increment)).toBe(1);
  });

  describe('of a writer that has not seen the end of the log for a minute', () => {
    const quiet = 61_000;
    it.each([
      { name: 'by both clocks', wall: quiet, elapsed: quiet, reads: 1 },
      { name: 'by real time, with the wall clock set back', wall: -3_600_000, elapsed: quiet, reads: 1 },
      { name: 'by the wall clock, with the machine asleep', wall: quiet, elapsed: 0, reads: 1 },
      { name: 'not at all', wall: 30_000, elapsed: 30_000, reads: 0 },
      { name: 'not at all, with the wall clock set back', wall: -3_600_000, elapsed: 30_000, reads: 0 },
    ])('read it first: $name', async ({ wall, elapsed, reads }) => {
      const passed = { wall: 0, elapsed: 0 };
      const clock = { ...systemEnv.clock, now: () => realInstant(1_767_225_600_000 + passed.wall), elapsed: () => elapsedAt(passed.elapsed) };
      const inner = memoryLog();
      let seen = 0;
      const log: EventLog = {
        ...inner,
        read: (...asked) => {
          seen++;
          return inner.read(...asked);
        },
      };
      const replica = await Replica.open({ log, cluster: 'c', env: { ...systemEnv, clock } });
      await replica.commit(increment);
      Object.assign(passed, { wall, elapsed });
      seen = 0;
      await replica.commit(increment);
      expect(seen).toBe(reads);
    });
  });

  it('too large for one entry are divided, without a gap', async () => {
    const inner = memoryLog();
    const replica = await open(upTo(3, inner));
    const many = replica.commit(() => ({ events: Array.from({ length: 10 }, (_, i) => create(`m${i}`).events[0]!), answer: (changes) => changes.length }));
    const others = Promise.all(Array.from({ length: 5 }, (_, i) => replica.commit(() => create(`o${i}`))));
    expect(await many).toBe(10);
    await others;
    expect(replica.state.list('configmaps').length).toBe(15);
    expect((await open(inner)).state.list('configmaps').length).toBe(15);
  });

  it.each(['before', 'after'])('too large for one entry are divided, with what comes to nothing right %s', async (where) => {
    const inner = memoryLog();
    const replica = await open(upTo(3, inner));
    // While this one is appended, the others gather for one entry.
    const first = replica.commit(() => create('first'));
    const commit = (count: number) =>
      replica.commit(() => ({ events: Array.from({ length: count }, (_, i) => create(`m${i}`).events[0]!), answer: (changes) => changes.length }));
    const counts = where === 'before' ? [0, 10] : [10, 0];
    const gathered = counts.map(commit);
    await first;
    expect(await Promise.all(gathered)).toEqual(counts);
    expect((await open(inner)).state.list('configmaps').length).toBe(11);
  });

  it('too large for one entry are not divided between what makes one change of an object', async () => {
    const inner = memoryLog();
    const replica = await open(upTo(3, inner));
    await replica.commit(() => create('goes'));
    const [before, after] = ['before', 'after'].map((name) => create(name).events[0]!);
    const { key, actor } = create('goes').events[0]!;
    // As of a pod that goes at once: it is marked, and gone (decide/events.ts, modifiedAndDeleted).
    const events: LogEvent[] = [before!, { type: 'MODIFIED', key, patch: { metadata: { generation: 2 } }, actor }, { type: 'DELETED', key, actor }, after!];
    await replica.commit(() => ({ events, answer: () => undefined }));
    expect((await entriesOf(inner)).map((entry) => entry.events.map(({ type }) => type))).toEqual([['ADDED'], ['ADDED'], ['MODIFIED', 'DELETED', 'ADDED']]);
  });
});

describe('what follows from an entry', () => {
  /** Says which objects an entry is about, and how many there are by then. */
  const closing: Closing = (state, changes) => {
    const names = changes.map(({ object }) => object.metadata.name);
    return [create(`after-${names.join('-')}-${state.count('configmaps')}`).events[0]!];
  };
  const keysIn = async (log: EventLog) => (await entriesOf(log)).map(({ events }) => events.map(({ key }) => key.replace('configmaps/default/', '')));
  const opened = (log: EventLog) => Replica.open({ log, cluster: 'c', env: systemEnv, freeze: true, closing });

  it('comes last in it, once for all of its commits, which are answered with their own changes', async () => {
    const log = memoryLog();
    const replica = await opened(log);
    const answers = await Promise.all(
      ['a', 'b'].map((name) => replica.commit(() => ({ events: create(name).events, answer: (changes) => changes.map(({ key }) => key) }))),
    );
    expect(await keysIn(log)).toEqual([['a', 'b', 'after-a-b-2']]);
    expect(answers).toEqual([['configmaps/default/a'], ['configmaps/default/b']]);
    expect(replica.state.count('configmaps')).toBe(3);
    expect((await opened(log)).state.offset).toBe(replica.state.offset);
  });

  it('comes behind the last part of a commit that is too large for one', async () => {
    const inner = memoryLog();
    const replica = await opened(upTo(3, inner));
    await replica.commit(() => ({ events: ['a', 'b', 'c', 'd'].flatMap((name) => create(name).events), answer: () => undefined }));
    expect((await keysIn(inner)).flat()).toEqual(['a', 'b', 'c', 'd', 'after-a-b-c-d-4']);
  });

  it('does not come where there is no room for it', async () => {
    const inner = memoryLog();
    const replica = await opened(upTo(1, inner));
    await replica.commit(() => create('a'));
    expect(await keysIn(inner)).toEqual([['a']]);
  });
});

describe('reading the past', () => {
  it('works at an offset and at a time, within the kept history and from the log', async () => {
    const log = memoryLog();
    const replica = await open(log, { historyLimit: 3 });
    for (let i = 0; i < 20; i++) await replica.commit(increment);
    const n = (state: State) => state.get('configmaps', 'default', 'counter')?.data?.['n'];
    expect(n(await replica.at(20))).toBe('20');
    expect(n(await replica.at(19))).toBe('19');
    expect(n(await replica.at(2))).toBe('2');
    expect(n(await replica.at(0))).toBeUndefined();
    await expect(replica.at(21)).rejects.toMatchObject({ status: { code: 504 } });
    const [first] = await entriesOf(log);
    expect(await replica.offsetAt(clusterInstant(first!.time - 1))).toBe(0);
    expect(await replica.offsetAt(clusterInstant(Number.MAX_SAFE_INTEGER))).toBe(20);
  });

  it('reaches offsets inside an entry', async () => {
    const replica = await open(memoryLog(), { historyLimit: 1 });
    await Promise.all(Array.from({ length: 10 }, () => replica.commit(increment)));
    for (let i = 0; i < 5; i++) await replica.commit(increment);
    expect((await replica.at(7)).get('configmaps', 'default', 'counter')!.data!['n']).toBe('7');
  });
});

/** A log of `count` events in entries of `size`, on a few objects, without a snapshot. */
async function longLog({ count, size = 500 }: { count: number; size?: number }): Promise<EventLog> {
  const log = memoryLog();
  for (let after = 0; after < count; ) {
    const events = Array.from({ length: Math.min(size, count - after) }, (_, i): LogEvent => {
      const n = after + i + 1;
      const { object, key } = create(`m${n % 100}`).events[0] as LogEvent & { type: 'ADDED' };
      return n <= 100
        ? { type: 'ADDED', key, object, actor: userNamed('me') }
        : { type: 'MODIFIED', key, patch: { data: { n: String(n) } }, actor: userNamed('me') };
    });
    await log.append('c', { after, events, writer: `w${after}`, time: clusterInstant(after + events.length) });
    after += events.length;
  }
  return log;
}

/** What is read of a log, in entries, and how much of it at most without leaving a turn to others. */
function watched(log: EventLog) {
  const seen = { entries: 0, events: 0, withoutTurn: { entries: 0, events: 0 }, most: { entries: 0, events: 0 } };
  const since = seen.withoutTurn;
  const counting: EventLog = {
    ...log,
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) {
        seen.entries++;
        seen.events += entry.events.length;
        seen.most.entries = Math.max(seen.most.entries, ++since.entries);
        since.events += entry.events.length;
        seen.most.events = Math.max(seen.most.events, since.events);
        yield entry;
      }
    },
  };
  const turn = () => {
    Object.assign(since, { entries: 0, events: 0 });
    return systemEnv.clock.turn();
  };
  return { log: counting, env: { ...systemEnv, clock: { ...systemEnv.clock, turn } }, seen };
}

describe('a long log', () => {
  const openOn = (of: ReturnType<typeof watched>) => Replica.open({ log: of.log, cluster: 'c', env: of.env, history: { limit: 1000 } });
  const n = (state: State, offset: number) => state.get('configmaps', 'default', `m${offset % 100}`)?.data?.['n'];

  it.each([
    { name: 'small entries', size: 1, count: 3_000 },
    { name: 'large entries', size: 500, count: 60_000 },
  ])('of $name is read, and looked into, a little at a time', async ({ size, count }) => {
    const of = watched(await longLog({ count, size }));
    const replica = await openOn(of);
    await replica.at(count - 2_500);
    await replica.offsetAt(clusterInstant(count - 2_500));
    expect(of.seen.events).toBeGreaterThan(count);
    expect(of.seen.most.entries).toBeLessThanOrEqual(16);
    expect(of.seen.most.events).toBeLessThanOrEqual(1_000);
  });

  it('is folded in part even where one entry is larger than that', async () => {
    const of = watched(await longLog({ count: 12_000, size: 6_000 }));
    const replica = await openOn(of);
    let turns = 0;
    const turn = of.env.clock.turn;
    of.env.clock.turn = () => {
      turns++;
      return turn();
    };
    expect(n(await replica.at(9_000), 9_000)).toBe('9000');
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('is folded once for all readers of the same past, or near it', async () => {
    const of = watched(await longLog({ count: 60_000 }));
    const replica = await openOn(of);
    of.seen.entries = 0;
    const offsets = [20_000, 20_000, 20_000, 20_500, 21_000, 19_999];
    const states = offsets.map(async (offset) => n(await replica.at(offset), offset));
    expect(await Promise.all(states)).toEqual(offsets.map(String));
    // 42 entries; those in whose middle a reader stopped are read again.
    expect(of.seen.entries).toBeLessThanOrEqual(42 + offsets.length);
    of.seen.entries = 0;
    expect(n(await replica.at(20_500), 20_500)).toBe('20500');
    expect(of.seen.entries).toBe(0);
  });

  it('gives each caller the state that it asked for, whatever others ask for meanwhile', async () => {
    const replica = await openOn(watched(await longLog({ count: 60_000 })));
    const offsets = Array.from({ length: 40 }, (_, i) => 101 + ((i * 7_919) % 55_000));
    expect(await Promise.all(offsets.map(async (offset) => n(await replica.at(offset), offset)))).toEqual(offsets.map(String));
  });

  it('is read once for all watches that resume from the same offset', async () => {
    const of = watched(await longLog({ count: 60_000 }));
    const replica = await openOn(of);
    of.seen.entries = 0;
    const stop = new AbortController();
    const readers = Array.from({ length: 10 }, async () => {
      let next = 101;
      for await (const changes of replica.changes({ after: 100, signal: stop.signal })) {
        for (const change of changes) expect(change.offset).toBe(next++);
        if (next > 50_000) return;
      }
    });
    await Promise.all(readers);
    expect(of.seen.entries).toBeLessThanOrEqual(2 * 120);
  });

  it('is not kept twice: the past shares with the present what is the same in both', async () => {
    const log = memoryLog();
    const writer = await open(log);
    for (let i = 0; i < 50; i++) await writer.commit(() => create(`m${i}`));
    await saveSnapshot({ log, cluster: 'c', env: systemEnv }, writer.state);
    const replica = await open(log, { historyLimit: 10 });
    await writer.commit(() => create('later'));
    const patch = { type: 'MODIFIED', key: 'configmaps/default/m0', patch: { metadata: { labels: { n: '1' } } }, actor: userNamed('me') } as const;
    for (let i = 0; i < 40; i++)
      await writer.commit(() => ({ events: [i === 0 ? patch : { ...patch, patch: { data: { n: `${i}` } } }], answer: () => undefined }));
    await replica.catchUp();
    const past = await replica.at(51);
    expect(replica.recentChanges(51)).toBeUndefined();
    const get = (state: State, name: string) => state.get('configmaps', 'default', name)!;
    for (let i = 1; i < 50; i++) expect(get(past, `m${i}`)).toBe(get(replica.state, `m${i}`));
    expect(get(past, 'later').data).toBe(get(replica.state, 'later').data);
    // What changed is as it was.
    expect([get(past, 'm0').metadata.labels, get(past, 'm0').data]).toEqual([undefined, { n: '0' }]);
    expect(get(await replica.at(52), 'm0').metadata).toMatchObject({ labels: { n: '1' }, resourceVersion: '52' });
  });

  it('has a snapshot about every 20,000 events once it was looked at, and the next look is short', async () => {
    const log = await longLog({ count: 100_000 });
    await (await openOn(watched(log))).at(90_000);
    const heads = await log.snapshots('c');
    expect(heads.map(({ offset }) => offset)).toEqual([25_000, 50_000, 75_000]);
    const of = watched(log);
    const replica = await openOn(of);
    for (const offset of [20_000, 48_000, 74_900, 99_000]) {
      of.seen.events = 0;
      expect(n(await replica.at(offset), offset)).toBe(String(offset));
      expect(of.seen.events).toBeLessThanOrEqual(25_500);
    }
  });

  it('keeps its snapshots when it is looked at again', async () => {
    const log = await longLog({ count: 60_000 });
    const saved: number[] = [];
    const noting: EventLog = {
      ...log,
      saveSnapshot: async (cluster, snapshot, bytes) => {
        saved.push(snapshot.offset);
        return log.saveSnapshot(cluster, snapshot, bytes);
      },
    };
    for (let i = 0; i < 3; i++) {
      const replica = await openOn(watched(noting));
      await replica.at(500);
      await replica.at(55_000);
    }
    expect(saved).toEqual([25_000, 50_000]);
  });

  it('can be looked into when no snapshot can be written', async () => {
    const log = await longLog({ count: 60_000 });
    const full: EventLog = { ...log, saveSnapshot: () => Promise.reject(new LogUnavailable('full')) };
    expect(n(await (await openOn(watched(full))).at(55_000), 55_000)).toBe('55000');
  });

  it('is not read again for a time that was asked for before, and from a snapshot for another', async () => {
    const log = await longLog({ count: 100_000 });
    await (await openOn(watched(log))).at(90_000);
    const of = watched(log);
    const replica = await openOn(of);
    of.seen.events = 0;
    expect(await Promise.all([replica.offsetAt(clusterInstant(60_100)), replica.offsetAt(clusterInstant(60_100))])).toEqual([60_000, 60_000]);
    expect(of.seen.events).toBeLessThanOrEqual(12_000);
    of.seen.events = 0;
    expect(await replica.offsetAt(clusterInstant(60_100))).toBe(60_000);
    expect(of.seen.events).toBe(0);
  });
});

describe('changes', () => {
  const collect = async (replica: Replica, after: number, count: number) => {
    const offsets: number[] = [];
    const stop = new AbortController();
    for await (const changes of replica.changes({ after, signal: stop.signal })) {
      offsets.push(...changes.map(({ offset }) => offset));
      if (offsets.length >= count) stop.abort();
    }
    return offsets;
  };

  it('come in order, without a gap, from history, from the log and live', async () => {
    const log = memoryLog();
    const replica = await open(log, { historyLimit: 4 });
    await Promise.all(Array.from({ length: 10 }, () => replica.commit(increment)));
    for (let i = 0; i < 15; i++) await replica.commit(increment);
    const want = (after: number) => Array.from({ length: 30 - after }, (_, i) => after + 1 + i);
    const collected = [0, 5, 11, 24, 25].map((after) => collect(replica, after, 30 - after));
    for (let i = 0; i < 5; i++) await replica.commit(increment);
    expect(await Promise.all(collected)).toEqual([0, 5, 11, 24, 25].map(want));
  });

  it('of other replicas come too', async () => {
    const log = memoryLog();
    const watching = await open(log);
    const writing = await open(log);
    const collected = collect(watching, 0, 3);
    for (let i = 0; i < 3; i++) await writing.commit(increment);
    expect(await collected).toEqual([1, 2, 3]);
  });
});

describe('a reader of what does not change', () => {
  it('is not woken, and knows how far that is so when it has waited for long enough', async () => {
    const replica = await open(memoryLog(), { exclusive: true });
    const stop = new AbortController();
    const waiting = replica.changesAfter(0, { scope: { resource: 'secrets' }, signal: stop.signal });
    for (let i = 0; i < 5; i++) await replica.commit(increment);
    stop.abort();
    expect(await waiting).toEqual({ changes: [], offset: 5 });
  });

  it('learns that the log was restored from the next entry that others write', async () => {
    const passed = { ms: 0 };
    const clock = { ...systemEnv.clock, elapsed: () => elapsedAt(passed.ms) };
    const entryFor = Promise.withResolvers<LogEntry>();
    let stored = await logOf('before', 3);
    const log: EventLog = {
      ...stored,
      read: (...asked) => stored.read(...asked),
      lastEntry: (...asked) => stored.lastEntry(...asked),
      async *tail() {
        yield await entryFor.promise;
      },
    };
    const replica = await Replica.open({ log, cluster: 'c', env: { ...systemEnv, clock } });
    const release = replica.follow();
    const waiting = replica.changesAfter(3, { scope: { resource: 'secrets' }, signal: new AbortController().signal });
    stored = await logOf('after', 4);
    passed.ms = 61_000;
    entryFor.resolve((await stored.lastEntry('c', { atMost: 4 })) as LogEntry);
    await expect(waiting).rejects.toMatchObject({ status: { code: 410 } });
    expect(replica.state.list('configmaps').map(({ metadata }) => metadata.name)).toEqual(['after-1', 'after-2', 'after-3', 'after-4']);
    release();
  });

  it('learns that the log cannot be read', async () => {
    const inner = memoryLog();
    const failing = Promise.withResolvers<never>();
    const log: EventLog = {
      ...inner,
      // biome-ignore lint/correctness/useYield: it fails before there is anything
      async *tail() {
        await failing.promise;
      },
    };
    const replica = await open(log);
    const release = replica.follow();
    const waiting = replica.changesAfter(0, { scope: { resource: 'secrets' }, signal: new AbortController().signal });
    failing.reject(new LogUnavailable('no answer'));
    await expect(waiting).rejects.toThrow(LogUnavailable);
    release();
  });

  /** A log of so many entries, each of which adds a ConfigMap. */
  async function logOf(name: string, count: number): Promise<EventLog> {
    const log = memoryLog();
    for (let i = 0; i < count; i++)
      await log.append('c', { after: i, events: create(`${name}-${i + 1}`).events, writer: `${name}/${i}`, time: clusterInstant(i) });
    return log;
  }
});

describe('snapshots', () => {
  it('shorten the next opening and change nothing else', async () => {
    const log = memoryLog();
    const replica = await open(log);
    await replica.commit(() => ({ events: Array.from({ length: 2500 }, (_, i) => create(`m${i}`).events[0]!), answer: () => undefined }));
    expect(await replica.snapshotIfDue()).toBe(true);
    expect(await replica.snapshotIfDue()).toBe(false);
    await replica.commit(increment);
    let entries = 0;
    const counting: EventLog = {
      ...log,
      read: async function* (cluster, options) {
        for await (const entry of log.read(cluster, options)) {
          entries++;
          yield entry;
        }
      },
    };
    const again = await open(counting);
    expect({ entries, offset: again.state.offset, size: again.state.size }).toEqual({ entries: 1, offset: 2501, size: 2501 });
  });

  it('are due after about 20,000 events, though there are more objects', async () => {
    const replica = await open(memoryLog());
    const add = (from: number, count: number) =>
      replica.commit(() => ({ events: Array.from({ length: count }, (_, i) => create(`m${from + i}`).events[0]!), answer: () => undefined }));
    await add(0, 15_000);
    expect(await replica.snapshotIfDue()).toBe(true);
    await add(15_000, 19_999);
    expect(await replica.snapshotIfDue()).toBe(false);
    await add(34_999, 1);
    expect(await replica.snapshotIfDue()).toBe(true);
  });

  it('are not made due by Leases and Events, and write nothing else when these are all that changed', async () => {
    const written: string[][] = [];
    const inner = memoryLog();
    const log: EventLog = {
      ...inner,
      saveSnapshot: async (cluster, snapshot, bytes) => {
        written.push(snapshot.chunks.filter(({ name }) => bytes.has(name)).map(({ resource }) => resource));
        return inner.saveSnapshot(cluster, snapshot, bytes);
      },
    };
    const replica = await open(log);
    const commit = (events: LogEvent[]) => replica.commit(() => ({ events, answer: () => undefined }));
    const added = (resource: string, kind: string, name: string): LogEvent => {
      const object = { apiVersion: 'v1', kind, metadata: { name, namespace: 'default' } };
      return { type: 'ADDED', key: `${resource}/default/${name}`, object, actor: userNamed('me') };
    };
    await commit(Array.from({ length: 3_000 }, (_, i) => added('configmaps', 'ConfigMap', `m${i}`)));
    await commit(Array.from({ length: 100 }, (_, i) => added('leases.coordination.k8s.io', 'Lease', `l${i}`)));
    expect(await replica.snapshotIfDue()).toBe(true);
    expect(new Set(written[0])).toEqual(new Set(['configmaps', 'leases.coordination.k8s.io']));
    // More than three times as many as make a snapshot due otherwise.
    for (let round = 0; round < 100; round++) {
      const heartbeat = (i: number): LogEvent => ({
        type: 'MODIFIED',
        key: `leases.coordination.k8s.io/default/l${i}`,
        patch: { spec: { renewTime: `${round}` } },
        actor: userNamed('me'),
      });
      await commit(Array.from({ length: 100 }, (_, i) => (i < 99 ? heartbeat(i) : added('events', 'Event', `e${round}`))));
      expect(await replica.snapshotIfDue()).toBe(false);
    }
    for (let round = 0; round < 100; round++) await commit(Array.from({ length: 100 }, (_, i) => added('events', 'Event', `f${round}-${i}`)));
    // A start reads no more than so many.
    expect(await replica.snapshotIfDue()).toBe(true);
    expect(new Set(written[1])).toEqual(new Set(['events', 'leases.coordination.k8s.io']));
  });
});
