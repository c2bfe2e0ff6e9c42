import { describe, expect, it } from 'vitest';
import { systemEnv } from '../env.ts';
import { clusterInstant } from '../instant.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { type EventLog, type LogEntry, LogUnavailable } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import type { Proposal } from '../log/proposals.ts';
import type { State } from '../state/state.ts';
import { configMap } from '../testing/objects.ts';
import type { Closing } from './commits.ts';
import type { Decide } from './job.ts';
import { Replica } from './replica.ts';

const event = (name: string, text = ''): LogEvent & { type: 'ADDED' } => ({
  type: 'ADDED',
  key: `configmaps/default/${name}`,
  object: configMap(name, { data: { text } }),
  actor: userNamed('me'),
});

/** Creates a ConfigMap as the API does: one that is there is not created again. Answers with its resourceVersion. */
const create =
  (name: string): Decide<string> =>
  (state) => {
    if (state.get('configmaps', 'default', name)) throw new Error(`${name} exists`);
    return { events: [event(name)], answer: ([change]) => change!.object.metadata.resourceVersion! };
  };

const open = (log: EventLog, closing?: Closing) => Replica.open({ log, cluster: 'c', env: systemEnv, freeze: true, ...(closing && { closing }) });

async function entriesOf(log: EventLog): Promise<LogEntry[]> {
  const out: LogEntry[] = [];
  for await (const entry of log.read('c', { after: 0 })) out.push(entry);
  return out;
}

const names = (state: State) => state.list('configmaps').map(({ metadata }) => metadata.name);

let rivalsEver = 0;

/** How a replica appends: as often as `rivals` says, another writer comes first. */
function beaten(inner: EventLog, rivals: number): EventLog {
  let count = 0;
  return {
    ...inner,
    async append(cluster, wanted) {
      const name = `rival-${++rivalsEver}`;
      if (count++ < rivals) await inner.append(cluster, { ...wanted, events: [event(name)], writer: name, combined: [] });
      return inner.append(cluster, wanted);
    },
  };
}

interface WaitingOptions {
  readonly afterwards?: (log: EventLog) => EventLog;
  /** Commits that go into one entry with it. */
  readonly beside?: readonly Decide<unknown>[];
}

/** A log with one entry, and a replica that has just lost its races there: its commit waits beside it until `passed` is called. */
async function waiting(decide: Decide<unknown>, { afterwards = (log) => log, beside = [] }: WaitingOptions = {}) {
  const log = memoryLog();
  await log.append('c', { after: 0, events: [event('first')], writer: 'w', time: clusterInstant(1) });
  const proposed = Promise.withResolvers<Proposal>();
  const looks = Promise.withResolvers<void>();
  const loser = await open(
    afterwards({
      ...beaten(log, 2),
      proposals: {
        ...log.proposals!,
        async put(cluster, proposal) {
          const put = await log.proposals!.put(cluster, proposal);
          proposed.resolve(proposal);
          return put;
        },
        async list(cluster) {
          await looks.promise;
          return log.proposals!.list(cluster);
        },
      },
    }),
  );
  const [answer, ...others] = [decide, ...beside].map((decide) => loser.commit(decide)) as [Promise<unknown>, ...Promise<unknown>[]];
  for (const promise of [answer, ...others]) promise.catch(() => undefined);
  return { log, loser, answer, others, proposal: await proposed.promise, passed: () => looks.resolve() };
}

/** Has a writer that lost its races append: it takes in what it finds. */
async function winner(log: EventLog, name: string, closing?: Closing): Promise<Replica> {
  const replica = await open(beaten(log, 2), closing);
  await replica.commit(create(name));
  return replica;
}

describe('a commit that lost its races', () => {
  it('is found in the entry of the writer that came next, and answered with its own changes', async () => {
    const { log, loser, answer, proposal, passed } = await waiting(create('mine'));
    await winner(log, 'other');
    passed();
    const entry = (await entriesOf(log)).at(-1)!;
    expect(entry.events.map(({ key }) => key)).toEqual(['configmaps/default/other', 'configmaps/default/mine']);
    expect(entry.combined!.find(({ id }) => id === proposal.id)).toEqual({ id: proposal.id, count: 1 });
    expect(await answer).toBe(String(entry.offset + 1));
    expect(names(loser.state)).toEqual(names((await open(log)).state));
    expect(await log.proposals!.list('c')).toEqual([]);
  });

  it('is found before what follows from the entry as a whole', async () => {
    const count: Closing = (state, changes) => [
      { ...event('count', `${changes.length} of ${state.count('configmaps')}`), key: `configmaps/default/count-${state.offset}` },
    ];
    const { log, answer, passed } = await waiting(create('mine'));
    await winner(log, 'other', count);
    passed();
    const { offset, events } = (await entriesOf(log)).at(-1)!;
    expect(events.map(({ key }) => key.replace(/-\d+$/, ''))).toEqual(['configmaps/default/other', 'configmaps/default/mine', 'configmaps/default/count']);
    expect(events[2]).toMatchObject({ object: { data: { text: expect.stringMatching(/^2 of/) } } });
    expect(await answer).toBe(String(offset + 1));
  });

  it('is answered as soon as its replica reads that entry, for whatever reason', async () => {
    const { log, loser, answer } = await waiting(create('mine'));
    const { state } = await winner(log, 'other');
    await loser.catchUp();
    expect(await answer).toBe(String(state.offset));
  });

  it('is not decided again with those beside it that were not taken in', async () => {
    const list: Decide<string> = (state) => {
      const there = names(state);
      return { events: [event('list', there.join())], answer: () => there.join() };
    };
    const { log, answer, others, passed } = await waiting(create('mine'), { beside: [list] });
    const { state } = await winner(log, 'other');
    passed();
    expect(await answer).toBe(String(state.offset));
    expect(await others[0]).toBe(names(state).join());
  });

  it('is not taken in twice, by a writer that has seen it beside the log', async () => {
    const { log, answer, proposal } = await waiting(create('mine'));
    await winner(log, 'other');
    await log.proposals!.put('c', proposal);
    for (const name of ['a', 'b']) await winner(log, name);
    expect((await entriesOf(log)).flatMap(({ events }) => events.map(({ key }) => key)).filter((key) => key.endsWith('mine'))).toHaveLength(1);
    expect(await Promise.race([answer, Promise.resolve('not yet')])).toBe('not yet');
  });

  it('is not taken in once what it read is touched, and decides again', async () => {
    const { log, answer, passed } = await waiting(create('mine'));
    const other = await open(log);
    await other.commit(() => ({ events: [event('mine', 'of another')], answer: () => undefined }));
    await winner(log, 'third');
    passed();
    await expect(answer).rejects.toThrow('mine exists');
    expect(names((await open(log)).state).filter((name) => name === 'mine')).toHaveLength(1);
    expect(await log.proposals!.list('c')).toEqual([]);
  });

  it('is not taken in beside what it read in the same entry', async () => {
    const { log, proposal } = await waiting((state) => {
      state.list('configmaps', 'default');
      return { events: [event('mine')], answer: () => undefined };
    });
    await winner(log, 'other');
    const found = (await entriesOf(log)).flatMap(({ combined }) => combined ?? []);
    expect(found.map(({ id }) => id)).not.toContain(proposal.id);
  });

  it('is not taken in by a writer for which the log before it is another one', async () => {
    const { log, proposal } = await waiting(create('mine'));
    const other = memoryLog();
    await other.append('c', { after: 0, events: [event('first')], writer: 'w', time: clusterInstant(1) });
    for (const { offset, events, writer } of (await entriesOf(log)).slice(1))
      await other.append('c', { after: offset - 1, events, writer: `${writer} elsewhere`, time: clusterInstant(2) });
    await other.proposals!.put('c', proposal);
    const { state } = await winner(other, 'other');
    expect([names(state).includes('other'), names(state).includes('mine')]).toEqual([true, false]);
  });

  it('is appended by its own writer when no other one comes', async () => {
    const { log, answer, passed } = await waiting(create('mine'));
    passed();
    expect(Number(await answer)).toBe((await open(log)).state.offset);
    expect(await log.proposals!.list('c')).toEqual([]);
  });

  it('is not known to have failed when the log cannot be read: another writer may take it in', async () => {
    let isDown = false;
    const { log, answer, passed } = await waiting(create('mine'), {
      afterwards: (inner) => ({
        ...inner,
        async *read(...asked) {
          if (isDown) throw new LogUnavailable('down');
          yield* inner.read(...asked);
        },
        append: async (...asked) => {
          if (isDown) throw new LogUnavailable('down');
          return inner.append(...asked);
        },
      }),
    });
    await new Promise((resolve) => setImmediate(resolve));
    isDown = true;
    passed();
    await expect(answer).rejects.toMatchObject({ status: { code: 504, reason: 'Timeout' } });
    expect(names((await open(log)).state)).not.toContain('mine');
  });
});

describe('a writer without company', () => {
  it('appends each commit with one write, and reads nothing', async () => {
    const log = memoryLog();
    const calls: string[] = [];
    const noted =
      <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
      (...args: A): R => {
        calls.push(name);
        return call(...args);
      };
    const { put, list, delete: remove } = log.proposals!;
    const replica = await open({
      ...log,
      append: noted('append', log.append),
      read: noted('read', log.read),
      proposals: { put: noted('put', put), list: noted('list', list), delete: noted('delete', remove) },
    });
    calls.length = 0;
    for (const name of ['a', 'b', 'c']) await replica.commit(create(name));
    expect(calls).toEqual(['append', 'append', 'append']);
  });
});

describe('many writers', () => {
  it('share entries, and each commit is in the log once, answered with its place', async () => {
    const log = memoryLog();
    await log.append('c', { after: 0, events: [event('first')], writer: 'w', time: clusterInstant(1) });
    const slow: EventLog = {
      ...log,
      async append(cluster, wanted) {
        await new Promise((resolve) => setImmediate(resolve));
        return log.append(cluster, wanted);
      },
    };
    const replicas = await Promise.all(Array.from({ length: 40 }, () => open(slow)));
    const answers = await Promise.all(
      replicas.map(async (replica, i) => {
        const out: [string, string][] = [];
        for (let n = 0; n < 5; n++) out.push([`m-${i}-${n}`, await replica.commit(create(`m-${i}-${n}`))]);
        return out;
      }),
    );
    const { state } = await open(log);
    expect(state.size).toBe(201);
    for (const [name, version] of answers.flat()) expect(state.get('configmaps', 'default', name)!.metadata.resourceVersion).toBe(version);
    const entries = await entriesOf(log);
    expect(entries.length).toBeLessThan(200);
    expect(entries.some(({ combined }) => combined?.some(({ count }) => count > 0))).toBe(true);
  });
});
