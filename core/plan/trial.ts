import type { AskPort } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Mutation } from '../apis/mutation.ts';
import { earliest } from '../controllers/shared/earliest.ts';
import { decide } from '../decide/decide.ts';
import { type Decision, isAsking } from '../decide/decision.ts';
import { quotaStatuses } from '../decide/quota-statuses.ts';
import { inRounds } from '../decide/rounds.ts';
import { type Env, idsFrom, seededRandom } from '../env.ts';
import { type ClusterInstant, realInstant } from '../instant.ts';
import type { User } from '../kube/user.ts';
import type { Failure, Reconciler } from '../reconcile/reconciler.ts';
import { Runner } from '../reconcile/runner.ts';
import { CLOCK_KEY, clockObject, clusterClock, realClock } from '../replica/cluster-clock.ts';
import { Replica } from '../replica/replica.ts';
import type { EventObject } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { Meter, type RunLimits } from './run-limits.ts';
import { unwrittenLog } from './unwritten-log.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface TrialOptions {
  /** The name of the cluster. */
  readonly cluster: string;
  readonly state: State;
  /** When it is at the beginning; not before the state's time. */
  readonly start: ClusterInstant;
  readonly seed: number;
  /** The host's. */
  readonly env: Env;
  /** What works in the cluster: instances of its own, as they remember what they have seen. */
  readonly reconcilers: readonly Reconciler[];
  readonly admissionPlugins: readonly AdmissionPlugin[];
  readonly ask: AskPort;
  readonly limits: RunLimits;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Told of all that changes. */
  readonly observe: (changes: readonly Change[]) => void;
  /** Told of what its reconcilers are refused. */
  readonly refused: (failure: Failure) => void;
  /** Whether its reconcilers tell of what is well, too. */
  readonly normalEvents: boolean;
}

/**
 * A cluster that goes on from a state as the real one would, with the same reconcilers and the same admission, on a clock and with chance of its own: the same state and seed come to the
 * same. Nothing of it is written, and the state that it began with stays as it is.
 */
export class Trial {
  readonly replica: Replica;
  readonly #clock: VirtualClock;
  readonly #env: Env;
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #ask: AskPort;
  readonly #meter: Meter;
  readonly #runners: readonly Runner[];
  /** When each of them wants to be run again. */
  #next: readonly (ClusterInstant | undefined)[] = [];

  constructor({ cluster, state, start, seed, env, reconcilers, admissionPlugins, ask, limits, signal, observe, refused, normalEvents }: TrialOptions) {
    this.#clock = new VirtualClock(start, env.clock);
    const random = seededRandom(seed);
    this.#env = { clock: this.#clock, random, ids: idsFrom(random) };
    this.#plugins = admissionPlugins;
    this.#ask = ask;
    const base = atItsOwnPace(state, start);
    let seen = base.offset;
    this.replica = Replica.openAt(base, {
      log: unwrittenLog(),
      cluster,
      env: this.#env,
      exclusive: true,
      closing: quotaStatuses(this.#env),
      appended: () => {
        const changes = this.replica.recentChanges(seen) ?? [];
        seen = this.state.offset;
        observe(changes);
      },
    });
    this.#meter = new Meter({ limits, clock: env.clock, base: base.offset, signal });
    this.#runners = reconcilers.map(
      (reconciler) =>
        new Runner({
          replica: this.replica,
          reconciler: tried(reconciler, { meter: this.#meter, normalEvents }),
          env: this.#env,
          admissionPlugins,
          ask,
          refused,
        }),
    );
  }

  get state(): State {
    return this.replica.state;
  }

  get now(): ClusterInstant {
    return this.replica.now();
  }

  get random() {
    return this.#env.random;
  }

  /** When a reconciler wants to be run next; undefined: only a change can bring new work. */
  get nextWakeup(): ClusterInstant | undefined {
    return earliest(...this.#next);
  }

  /** Decides what a user wants, and takes it in. Throws the Status that refuses it. */
  mutate(mutation: Mutation, { actor, options = {} }: { readonly actor: User; readonly options?: Readonly<Record<string, unknown>> }): Promise<Decision> {
    const edge = { ask: this.#ask, clock: this.#clock, state: () => this.state };
    return inRounds(
      (memory) =>
        this.replica.commit((state, now) => {
          const env = memory.env(0, this.#env);
          const decided = decide(state, mutation, { env, now: memory.now(now), actor, plugins: this.#plugins, options, answers: memory.answers });
          return { events: isAsking(decided) ? [] : decided.events, answer: () => decided };
        }),
      edge,
    );
  }

  /** Runs the reconcilers until none of them has anything to do now. Throws `RanAway`. */
  async settle(): Promise<void> {
    for (let before = -1; before < this.state.offset || this.nextWakeup! <= this.now; ) {
      before = this.state.offset;
      this.#meter.pass(before);
      const next: (ClusterInstant | undefined)[] = [];
      for (const runner of this.#runners) next.push(await runner.run());
      this.#next = next;
    }
  }

  /** Goes on to a moment. */
  advanceTo(time: ClusterInstant): void {
    this.#clock.advance(time - this.now);
  }
}

/** A cluster whose clock stands still, or goes at another rate, comes to the next moment as any other one does. */
function atItsOwnPace(state: State, start: ClusterInstant): State {
  if (state.view(clusterClock) === realClock) return state.at({ time: state.time });
  return assume(state, CLOCK_KEY, clockObject({ rate: 1, since: start, realSince: realInstant(start) })).at({ time: state.time });
}

/**
 * A reconciler whose passes are counted. What it tells that is well, it does not tell unless asked: a third of the work of a rollout are Events that nothing is decided by.
 */
function tried(reconciler: Reconciler, { meter, normalEvents }: { readonly meter: Meter; readonly normalEvents: boolean }): Reconciler {
  return {
    name: reconciler.name,
    reconcile(pass) {
      meter.pass(pass.state.offset);
      const { mutations, wakeups } = reconciler.reconcile(pass);
      return { mutations: normalEvents ? mutations : mutations.filter((mutation) => !isNormalEvent(mutation)), wakeups };
    },
  };
}

const isNormalEvent = (mutation: Mutation): boolean =>
  mutation.resource === 'events' && (mutation.type === 'create' || mutation.type === 'update') && (mutation.object as EventObject).type === 'Normal';
