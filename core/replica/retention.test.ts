import { beforeEach, describe, expect, it } from 'vitest';
import { resetTo } from '../clusters/reset.ts';
import type { Env } from '../env.ts';
import { clusterInstant, elapsedAt, plus, realInstant } from '../instant.ts';
import type { StatusError } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import { type EventLog, LogUnavailable } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { MAX_SPACING } from '../log/snapshots.ts';
import { Replica, type ReplicaOptions } from './replica.ts';
import { Retention } from './retention.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 1);

let elapsed: number;
let wall: number;
let log: EventLog;
let saved: EventLog['saveSnapshot'];
beforeEach(() => {
  elapsed = 0;
  wall = START;
  log = memoryLog();
  saved = log.saveSnapshot;
});
const env = (): Env => ({
  clock: { now: () => realInstant(wall), elapsed: () => elapsedAt(elapsed), sleep: async () => undefined, turn: async () => undefined },
  random: { next: () => 0.5 },
  ids: { uid: () => `${Math.random()}`, suffix: () => 'abcde' },
});
const pass = (ms: number) => {
  elapsed += ms;
  wall += ms;
};
const open = (options: Partial<ReplicaOptions> = {}) => Replica.open({ log, cluster: 'c', env: env(), retentionMs: HOUR, history: { limit: 1 }, ...options });
let made = 0;
const write = (replica: Replica, count = 1) =>
  replica.commit(() => ({
    events: Array.from({ length: count }, () => {
      const name = `m${++made}`;
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
      return { type: 'ADDED', key: `configmaps/default/${name}`, object, actor: userNamed('me') } as const;
    }),
    answer: () => undefined,
  }));
/** What a reconciler's run does behind its pass. */
const keep = async (replica: Replica) => {
  await replica.snapshotIfDue();
  return replica.truncateIfDue();
};
const kept = async () => {
  const last = await log.lastEntry('c', { atMost: Number.MAX_SAFE_INTEGER });
  for (let after = 0; after < last!.offset; after++) {
    try {
      for await (const { offset } of log.read('c', { after })) return offset;
    } catch {
      // The log begins further on.
    }
  }
  return last!.offset;
};
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    ({ code, status }: StatusError) => ({ code, reason: status.reason, message: status.message }),
  );

describe('a log with a retention', () => {
  it('loses what is older, when it was quiet and when it was not, and keeps all that is younger', async () => {
    const replica = await open({ exclusive: true });
    for (let hour = 0; hour < 10; hour++) {
      for (let i = 0; i < 6; i++) {
        await write(replica);
        await keep(replica);
        pass(10 * MINUTE);
      }
      if (hour < 3) continue;
      const begins = await kept();
      // Six are written in an hour: between one and two hours of them are there.
      expect(replica.state.offset - begins).toBeGreaterThanOrEqual(6);
      expect(replica.state.offset - begins).toBeLessThanOrEqual(13);
      for (let ago = 0; ago <= 6; ago++) expect((await replica.at(replica.state.offset - ago)).offset).toBe(replica.state.offset - ago);
      expect(await replica.offsetAt(plus(replica.now(), -HOUR))).toBeGreaterThan(begins - 1);
    }
    expect((await log.snapshots('c')).length).toBeLessThanOrEqual(3);
  });

  it('says when to come again, until there is nothing more to delete', async () => {
    const replica = await open({ exclusive: true });
    await write(replica, 5);
    for (let i = 0; i < 3; i++) await write(replica);
    let runs = 0;
    for (let next = await keep(replica); next !== undefined; next = await keep(replica)) {
      expect(++runs).toBeLessThan(10);
      pass(Math.max(0, next - replica.now()));
    }
    expect(await kept()).toBe(8);
  });

  it('tells a client that comes from before that it is gone, as Kubernetes does', async () => {
    const replica = await open({ exclusive: true });
    for (let i = 0; i < 5; i++) await write(replica);
    await keep(replica);
    pass(2 * HOUR);
    for (let i = 0; i < 2; i++) await write(replica);
    await keep(replica);
    const reader = await open();
    const signal = AbortSignal.abort();
    const gone = (what: string) => ({ code: 410, reason: 'Expired', message: `The resourceVersion for the provided ${what} is too old.` });
    expect(await failureOf(reader.changesAfter(2, { signal }))).toEqual(gone('watch'));
    expect(await failureOf(reader.at(2))).toEqual(gone('list'));
    expect(await failureOf(reader.offsetAt(clusterInstant(START - 1)))).toMatchObject({ code: 410, reason: 'Expired' });
    expect((await reader.changesAfter(5, { signal })).changes.map(({ offset }) => offset)).toEqual([6, 7]);
    expect((await reader.at(5)).size).toBe(5);
  });

  it('loses nothing while a writer may be behind, whatever the wall clock says', async () => {
    const replica = await open();
    for (let i = 0; i < 5; i++) await write(replica);
    await keep(replica);
    // The clock is set ahead; for others it is the same minute.
    wall += 3 * HOUR;
    await write(replica);
    await keep(replica);
    for (let i = 0; i < 4; i++) {
      elapsed += MINUTE;
      await keep(replica);
      expect(await kept()).toBe(1);
    }
    pass(HOUR);
    await keep(replica);
    pass(5 * MINUTE);
    await keep(replica);
    expect(await kept()).toBeGreaterThan(1);
  });

  it('is not kept from it by snapshots that are taken more often than that takes', async () => {
    const replica = await open({ retentionMs: 10 * MINUTE });
    const EVENTS = 12_000;
    for (let i = 0; i < 16; i++) {
      await write(replica, EVENTS);
      await keep(replica);
      pass(2 * MINUTE);
    }
    const begins = (await log.snapshots('c'))[0]!.offset + 1;
    expect(await log.lastEntry('c', { atMost: begins - 1 })).toBeUndefined();
    // Ten minutes, five until no writer can be behind, and the way from one snapshot that is kept to the next.
    expect(replica.state.offset - begins).toBeLessThanOrEqual(8 * EVENTS + MAX_SPACING);
  });

  it('keeps all of it where the snapshot cannot be read', async () => {
    const replica = await open({ exclusive: true });
    for (let i = 0; i < 5; i++) await write(replica);
    await keep(replica);
    pass(2 * HOUR);
    const broken: EventLog = { ...log, loadSnapshot: async () => undefined };
    const retention = new Retention({ log: broken, cluster: 'c', env: env(), retentionMs: () => HOUR, exclusive: true });
    await retention.run(replica.now());
    expect(await kept()).toBe(1);
  });

  it('keeps all of it unless told', async () => {
    const replica = await open({ exclusive: true, retentionMs: 0 });
    for (let i = 0; i < 5; i++) {
      await write(replica);
      await keep(replica);
      pass(1_000 * HOUR);
    }
    expect(await kept()).toBe(1);
    expect(await log.snapshots('c')).toEqual([]);
  });

  it('can be read from its beginning on, also where it was reset to what is older than that, whatever snapshots come and go', async () => {
    const replica = await open({ exclusive: true });
    let target = 0;
    let begun = 0;
    for (let step = 1; step <= 30; step++) {
      await write(replica);
      // One that is not followed by a snapshot at once, and others that are.
      if (step === 8) log.saveSnapshot = async () => Promise.reject(new LogUnavailable('full'));
      if (step === 6) target = replica.state.offset;
      if (step === 8 || step === 10) await resetTo(replica, target);
      if (step === 8) await write(replica, 3);
      if (step === 8) log.saveSnapshot = saved;
      pass(20 * MINUTE);
      await keep(replica);
      const begin = await kept();
      if (begin > 1) begun = begin;
      const [snapshot] = await log.snapshots('c');
      for (let offset = begin > 1 ? snapshot!.offset : 1; offset <= replica.state.offset; offset++) {
        expect((await replica.at(offset)).offset, `${offset}, of ${replica.state.offset}`).toBe(offset);
      }
    }
    expect(begun).toBeGreaterThan(20);
  });

  it('keeps what a reset goes back to until a snapshot has followed it', async () => {
    let isFull = false;
    const saveSnapshot: EventLog['saveSnapshot'] = async (...given) => {
      if (isFull) throw new LogUnavailable('full');
      await log.saveSnapshot(...given);
    };
    const replica = await open({ log: { ...log, saveSnapshot }, exclusive: true });
    await write(replica);
    await write(replica, 5);
    pass(2 * HOUR);
    await replica.snapshotIfDue();
    await write(replica, 2);
    isFull = true;
    await resetTo(replica, 1);
    pass(2 * HOUR);
    for (let i = 0; i < 3; i++) await replica.truncateIfDue();
    expect(await kept()).toBe(1);
    expect((await open()).state.count('configmaps')).toBe(1);
    isFull = false;
    await replica.snapshotIfDue();
    pass(2 * HOUR);
    for (let i = 0; i < 3; i++) await replica.truncateIfDue();
    expect(await kept()).toBeGreaterThan(1);
    expect((await open()).state.count('configmaps')).toBe(1);
  });
});
