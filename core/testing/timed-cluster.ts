import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Mutation } from '../apis/mutation.ts';
import { bootstrap } from '../bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../bootstrap/initial-objects.ts';
import { advance, setRate } from '../clusters/clock.ts';
import { resetTo } from '../clusters/reset.ts';
import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import { between, elapsedAt } from '../instant.ts';
import { parseKey } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Offset } from '../log/event.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { Runner } from '../reconcile/runner.ts';
import { Timers } from '../reconcile/timers.ts';
import { Replica } from '../replica/replica.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import { saveSnapshot } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import { TestClock } from './clock.ts';
import { decision } from './decisions.ts';
import { START, seededEnv } from './env.ts';

export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A whole cluster whose wall clock may be set, while real time passes as it does. */
export async function start() {
  const clock = new TestClock(START);
  const env = seededEnv({ clock });
  const elapsed = () => between(elapsedAt(START), clock.elapsed());
  const log = memoryLog();
  let replica: Replica;
  let runners: Map<string, Runner>;
  let timers: Timers;
  /** Wake-ups that are to come, in real time. */
  let due: { reconciler: string; at: number }[] = [];

  async function open(): Promise<void> {
    replica = await Replica.open({ log, cluster: 'c', env, exclusive: true, freeze: true });
    await bootstrap(replica, { objects: [...bootstrapObjects(START), ...nodeObjects(1, START)], env, admissionPlugins: defaultAdmissionPlugins });
    // Events stay, so that what is waited for is what a test is about.
    const reconcilers = [schedulerReconciler(), controllersReconciler(controllersWith({ eventTtlMs: 0 })), nodesReconciler({ runtime: simulatedRuntime })];
    runners = new Map(reconcilers.map((reconciler) => [reconciler.name, new Runner({ replica, reconciler, env, admissionPlugins: defaultAdmissionPlugins })]));
    due = [];
    timers = new Timers({ appended: async () => {}, later: async (_, reconciler, delayMs) => void due.push({ reconciler, at: elapsed() + delayMs }) }, clock);
  }

  /** What an append wakes: everything, until no reconciler writes any more. */
  async function settle(): Promise<void> {
    for (let before = -1; before < replica.state.offset; ) {
      before = replica.state.offset;
      for (const [name, runner] of runners) await timers.next('c', name, replica.delayUntil(await runner.run()));
    }
  }

  await open();
  await settle();
  return {
    state: (): State => replica.state,
    /** Sets the wall clock. */
    set: (ms: number) => clock.jump(ms),
    now: () => replica.now(),
    /** Another process takes the place of this one, `ms` later. */
    restart: async ({ after = 0 } = {}) => {
      clock.advance(after);
      await open();
      await settle();
    },
    setRate: async (rate: number) => {
      await setRate(replica, rate);
      await settle();
    },
    advance: async (ms: number) => {
      await advance(replica, ms);
      await settle();
    },
    resetTo: async (offset: Offset) => {
      await resetTo(replica, offset);
      await settle();
    },
    snapshot: () => saveSnapshot({ log, cluster: 'c', env }, replica.state),
    /** When the wake-ups come that were asked for, in ms of real time from now. */
    asked: () => due.map(({ at }) => at - elapsed()),
    /** All objects of a resource that there ever were. */
    created: async (resource: string) => {
      const names: string[] = [];
      for await (const { events } of log.read('c', { after: 0 })) {
        for (const { type, key } of events) if (type === 'ADDED' && parseKey(key).resource === resource) names.push(parseKey(key).name);
      }
      return names;
    },
    do: async (...mutations: Mutation[]) => {
      for (const mutation of mutations)
        await replica.commit((state, now) => ({ events: decision(state, mutation, { env, now, actor: userNamed('client') }).events, answer: () => undefined }));
      await settle();
    },
    /** Real time passes; only what was asked for, and not before its time, runs meanwhile. */
    pass: async (ms: number) => {
      const until = elapsed() + ms;
      for (;;) {
        const next = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        due.splice(due.indexOf(next), 1);
        clock.advance(Math.max(0, next.at - elapsed()));
        await timers.next('c', next.reconciler, replica.delayUntil(await runners.get(next.reconciler)!.run()));
        await settle();
      }
      clock.advance(until - elapsed());
    },
  };
}

export type TimedCluster = Awaited<ReturnType<typeof start>>;
