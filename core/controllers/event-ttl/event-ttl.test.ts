import { describe, expect, it, vi } from 'vitest';
import { defaultAdmissionPlugins } from '../../admission/default-plugins.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { clusterInstant, elapsedAt, realInstant } from '../../instant.ts';
import { type KubeObject, timestamp } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { LogEntry } from '../../log/log.ts';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import { Runner } from '../../reconcile/runner.ts';
import { Replica } from '../../replica/replica.ts';
import type { EventObject } from '../../schema/generated/kinds.ts';
import { saveSnapshot } from '../../state/snapshot.ts';
import { State } from '../../state/state.ts';
import { decision } from '../../testing/decisions.ts';
import { seededEnv } from '../../testing/env.ts';
import type { Controller } from '../controller.ts';
import { controllersReconciler, controllersWith } from '../registry.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** In the middle of a second: stamps are cut off to whole ones. */
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** A cluster whose controllers run when they asked to and when something changed; its clock may be set. */
async function setUp({ ttl = HOUR, others = [] }: { ttl?: number; others?: readonly Controller[] } = {}) {
  let [passed, set] = [0, 0];
  const env = {
    ...seededEnv(),
    clock: { now: () => realInstant(START + passed + set), elapsed: () => elapsedAt(passed), sleep: async () => {}, turn: async () => {} },
  };
  const log = memoryLog();
  const reconciler = controllersReconciler([...others, ...controllersWith({ eventTtlMs: ttl })]);
  let replica: Replica;
  let runner: Runner;
  let next: number | undefined;
  let runs = 0;
  const run = async () => {
    runs++;
    next = await runner.run();
  };
  const start = async () => {
    replica = await Replica.open({ log, cluster: 'c', env, freeze: true });
    runner = new Runner({ admissionPlugins: defaultAdmissionPlugins, replica, reconciler, env });
  };
  const cluster = {
    /** What a client does; the controllers run after it. */
    do: async (...mutations: Mutation[]) => {
      for (const mutation of mutations)
        await replica.commit((state, now) => ({ events: decision(state, mutation, { env, now, actor: userNamed('client') }).events, answer: () => undefined }));
      await run();
    },
    /** Real time passes, and the controllers run when they asked to. */
    pass: async (ms: number) => {
      const until = passed + ms;
      while (next !== undefined && passed + Math.max(0, next - replica.now()) <= until) {
        passed += Math.max(0, next - replica.now());
        await run();
      }
      passed = until;
    },
    /** Sets the wall clock. */
    set: (ms: number) => {
      set += ms;
    },
    snapshot: () => saveSnapshot({ log, cluster: 'c', env }, replica.state),
    /** The process ends, and another one begins with what the log has. */
    restart: async () => {
      await start();
      await run();
    },
    run,
    takeRuns: () => {
      const taken = runs;
      runs = 0;
      return taken;
    },
    waits: () => next !== undefined,
    replica: () => replica,
    now: () => replica.now(),
    names: (state = replica.state) => state.list('events').map(({ metadata }) => metadata.name),
    get: (name: string) => replica.state.get('events', 'default', name)!,
    /** The entries that delete Events: by which user, and how many. */
    deletions: async () => {
      const entries: LogEntry[] = [];
      for await (const entry of log.read('c', { after: 0 })) entries.push(entry);
      return entries
        .map(({ events }) => events.filter(({ type, key }) => type === 'DELETED' && key.startsWith('events/')))
        .filter((events) => events.length > 0)
        .map((events) => `${[...new Set(events.map(({ actor }) => actor.username))]}: ${events.length}`);
    },
  };
  await start();
  await cluster.do(...['default', 'kube-system'].map((name) => created('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  cluster.takeRuns();
  return cluster;
}

const created = (resource: string, object: KubeObject): Mutation => ({ type: 'create', resource, object });

const event = (name: string, more: { metadata?: object; [field: string]: unknown } = {}): Mutation =>
  creation('events', {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    reason: 'Started',
    type: 'Normal',
    ...more,
    metadata: { name, namespace: 'default', ...more.metadata },
  });

const updated = (object: EventObject, more: object): Mutation => ({ type: 'update', resource: 'events', object: { ...object, ...more } });

describe('an Event', () => {
  it('goes an hour after it was written, not before, and stays in the past', async () => {
    const cluster = await setUp();
    await cluster.do(event('a'));
    const { offset } = cluster.replica().state;
    await cluster.pass(HOUR - 1);
    expect(cluster.names()).toEqual(['a']);
    await cluster.pass(3 * MINUTE + 2 * SECOND);
    expect(cluster.names()).toEqual([]);
    expect(await cluster.deletions()).toEqual(['system:apiserver: 1']);
    expect(cluster.names(await cluster.replica().at(offset))).toEqual(['a']);
  });

  it('stays its whole hour, wherever in a second it was written', async () => {
    const cluster = await setUp();
    await cluster.do(event('a'));
    await cluster.pass(3 * MINUTE + 100);
    await cluster.do(event('b'));
    // Three minutes after its time: the other one has a tenth of a second left.
    await cluster.pass(HOUR - 100);
    expect(cluster.names()).toEqual(['b']);
  });

  const reported = { reason: 'Counted', action: 'Count', reportingComponent: 'counter', reportingInstance: 'one' };
  it.each([
    ['lastTimestamp', (now: string) => ({ count: 2, lastTimestamp: now })],
    [
      'series',
      (now: string) => ({ ...reported, eventTime: now.replace('Z', '.000000Z'), series: { count: 2, lastObservedTime: now.replace('Z', '.000000Z') } }),
    ],
  ])('that its recorder counts up (%s) has another hour', async (_, counted) => {
    const cluster = await setUp();
    await cluster.do(event('a'), event('b'));
    await cluster.pass(50 * MINUTE);
    await cluster.do(updated(cluster.get('a'), counted(timestamp(cluster.now()))));
    await cluster.pass(50 * MINUTE);
    expect(cluster.names()).toEqual(['a']);
    await cluster.pass(10 * MINUTE - 1);
    expect(cluster.names()).toEqual(['a']);
    await cluster.pass(4 * MINUTE);
    expect(cluster.names()).toEqual([]);
  });

  it('whose stamps are in the future, or long past, has an hour as any other', async () => {
    const cluster = await setUp();
    await cluster.do(event('future', { lastTimestamp: '2099-01-01T00:00:00Z' }), event('past', { firstTimestamp: '1969-01-01T00:00:00Z' }));
    await cluster.pass(HOUR - 1);
    expect(cluster.names()).toEqual(['future', 'past']);
    await cluster.restart();
    await cluster.pass(4 * MINUTE);
    expect(cluster.names()).toEqual([]);
  });

  it('goes whatever finalizers it has', async () => {
    const cluster = await setUp();
    await cluster.do(event('a', { metadata: { finalizers: ['x/y', 'foregroundDeletion'] } }), event('b', { metadata: { finalizers: ['x/y'] } }));
    await cluster.do({ type: 'delete', resource: 'events', namespace: 'default', name: 'b' });
    await cluster.pass(HOUR + 4 * MINUTE);
    expect(cluster.names()).toEqual([]);
    expect(cluster.waits()).toBe(false);
  });

  it('of any namespace goes', async () => {
    const cluster = await setUp();
    await cluster.do(event('a', { metadata: { namespace: 'kube-system' }, involvedObject: { kind: 'Pod', namespace: 'kube-system' } }));
    await cluster.pass(HOUR + 4 * MINUTE);
    expect(cluster.names()).toEqual([]);
  });

  it('never goes when the TTL is 0, and nothing waits for it', async () => {
    const cluster = await setUp({ ttl: 0 });
    await cluster.do(event('a'));
    expect(cluster.waits()).toBe(false);
    cluster.set(400 * DAY);
    await cluster.do(event('b'));
    expect(cluster.names()).toEqual(['a', 'b']);
  });
});

describe('an idle cluster', () => {
  it('is looked at once for all Events of three minutes, and never again when they are gone', async () => {
    const cluster = await setUp();
    for (let i = 0; i < 9; i++) {
      await cluster.do(event(`a${i}`), event(`b${i}`));
      await cluster.pass(20 * SECOND);
    }
    cluster.takeRuns();
    await cluster.pass(DAY);
    expect(await cluster.deletions()).toEqual(['system:apiserver: 18']);
    expect(cluster.takeRuns()).toBe(1);
    expect(cluster.waits()).toBe(false);
  });

  it('is looked at every three minutes at most while Events of a busy hour end', async () => {
    const cluster = await setUp();
    for (let i = 0; i < 60; i++) {
      await cluster.do(event(`a${i}`));
      await cluster.pass(MINUTE);
    }
    cluster.takeRuns();
    await cluster.pass(DAY);
    expect(cluster.names()).toEqual([]);
    expect(cluster.takeRuns()).toBeLessThanOrEqual(21);
  });

  it('does not end Events one by one because other Events are written', async () => {
    const cluster = await setUp();
    for (let i = 0; i < 180; i++) {
      await cluster.do(event(`a${i}`));
      await cluster.pass(MINUTE);
    }
    expect((await cluster.deletions()).length).toBeLessThanOrEqual(40);
    expect(cluster.names().length).toBeLessThanOrEqual(64);
  });
});

describe('many Events', () => {
  it('are deleted in batches, and all of them at once', async () => {
    const cluster = await setUp();
    await cluster.do(...Array.from({ length: 1_201 }, (_, i) => event(`a${i}`)));
    const { state } = cluster.replica();
    const now = cluster.now() + 2 * HOUR;
    const { mutations } = controllersReconciler().reconcile({
      state,
      changes: undefined,
      due: [],
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: clusterInstant(now),
      env: seededEnv(),
    });
    expect(mutations.filter(({ resource }) => resource === 'events')).toHaveLength(500);
    await cluster.pass(2 * HOUR);
    expect(await cluster.deletions()).toEqual(['system:apiserver: 1201']);
    expect(cluster.waits()).toBe(false);
  });

  it('cost nothing while they are not due', async () => {
    const cluster = await setUp();
    await cluster.do(event('due'));
    await cluster.pass(30 * MINUTE);
    await cluster.do(...Array.from({ length: 1_000 }, (_, i) => event(`a${i}`)));
    const [get, list] = [vi.spyOn(State.prototype, 'get'), vi.spyOn(State.prototype, 'list')];
    const eventsRead = () => [...get.mock.calls, ...list.mock.calls].filter(([resource]) => resource === 'events').length;
    await cluster.pass(31 * MINUTE + 3 * MINUTE);
    // It is read to be deleted, by the controller and by the decision, and hardly more often.
    expect(eventsRead()).toBeLessThan(10);
    vi.restoreAllMocks();
    expect(cluster.names()).toHaveLength(1_000);
  });
});

describe('a process that begins anew', () => {
  it('goes on where the one before it was, with a snapshot or without', async () => {
    for (const snapshot of [true, false]) {
      const cluster = await setUp();
      await cluster.do(event('a'));
      await cluster.pass(50 * MINUTE);
      await cluster.do(event('b'));
      if (snapshot) await cluster.snapshot();
      await cluster.restart();
      await cluster.pass(10 * MINUTE - 1);
      expect(cluster.names()).toEqual(['a', 'b']);
      await cluster.pass(4 * MINUTE);
      expect(cluster.names()).toEqual(['b']);
    }
  });

  it('every half hour sees Events end all the same', async () => {
    const cluster = await setUp();
    await cluster.do(event('a'));
    for (let i = 1; i <= 3; i++) {
      await cluster.pass(30 * MINUTE);
      await cluster.do(event(`b${i}`));
      await cluster.snapshot();
      await cluster.restart();
    }
    expect(cluster.names()).not.toContain('a');
  });

  it('long after they ended deletes them at once', async () => {
    const cluster = await setUp();
    await cluster.do(event('a'));
    cluster.set(DAY);
    await cluster.restart();
    expect(cluster.names()).toEqual([]);
  });
});

describe('a clock that is set', () => {
  it('ahead by a day ends them with the next look', async () => {
    const cluster = await setUp();
    await cluster.do(event('a'));
    cluster.set(DAY);
    await cluster.run();
    await cluster.do(event('b'));
    expect(cluster.names()).toEqual(['b']);
  });

  it('back by a day changes nothing', async () => {
    const cluster = await setUp();
    await cluster.do(event('a'));
    cluster.set(-DAY);
    await cluster.do(event('b'));
    await cluster.pass(HOUR - 1);
    expect(cluster.names()).toEqual(['a', 'b']);
    await cluster.pass(4 * MINUTE);
    expect(cluster.names()).toEqual([]);
  });
});

describe('a recorder', () => {
  /** Warns of an object whenever it changes, as controllers warn of what they are refused again and again. */
  const warning: Controller = {
    name: 'warning',
    resource: 'priorityclasses.scheduling.k8s.io',
    reconcile({ object, state, now, env }) {
      const recorder = new EventRecorder({ state, component: 'warning', now, env });
      if (object) recorder.warning(object, 'Refused', 'again');
      return { mutations: recorder.mutations() };
    },
  };
  const relabeled = (object: KubeObject, n: number): Mutation => ({
    type: 'update',
    resource: 'priorityclasses.scheduling.k8s.io',
    object: { ...object, metadata: { ...object.metadata, labels: { n: String(n) } } },
  });
  const begin = async () => {
    const cluster = await setUp({ others: [warning] });
    const warnedOf = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'n' }, value: 1 };
    await cluster.do(created('priorityclasses.scheduling.k8s.io', warnedOf));
    const counts = () =>
      cluster
        .replica()
        .state.list('events')
        .map(({ count }) => count);
    const change = (n: number) => cluster.do(relabeled(cluster.replica().state.get('priorityclasses.scheduling.k8s.io', undefined, 'n')!, n));
    return { cluster, counts, change };
  };

  it('that counts an Event up in the pass that would delete it keeps it', async () => {
    const { cluster, counts, change } = await begin();
    cluster.set(2 * HOUR);
    await change(1);
    expect(counts()).toEqual([2]);
    await cluster.pass(HOUR - 1);
    expect(counts()).toEqual([2]);
    await cluster.pass(4 * MINUTE);
    expect(counts()).toEqual([]);
  });

  it('tells of it anew when the Event is gone', async () => {
    const { cluster, counts, change } = await begin();
    await change(1);
    expect(counts()).toEqual([2]);
    await cluster.pass(HOUR + 4 * MINUTE);
    expect(counts()).toEqual([]);
    await change(2);
    expect(counts()).toEqual([1]);
  });
});
