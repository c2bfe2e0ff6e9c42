import { type AskPort, noWebhooks } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { Key } from '../kube/object.ts';
import type { Offset } from '../log/event.ts';
import { isSuspended } from '../replica/cluster-settings.ts';
import type { Decided } from '../replica/job.ts';
import type { Replica } from '../replica/replica.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { type Applied, type ApplyContext, type AskingMutation, apply, applyAnswered } from './apply.ts';
import { Parts, type Written } from './parts.ts';
import type { Failure, Reconciler } from './reconciler.ts';
import { Waiting } from './waiting.ts';
import { WakeupTimes } from './wakeup-times.ts';

export interface RunnerOptions {
  readonly replica: Replica;
  readonly reconciler: Reconciler;
  readonly env: Env;
  /** Those of the API server: what a reconciler writes is admitted as what a client writes. */
  readonly admissionPlugins: readonly AdmissionPlugin[];
  /** Reaches webhooks. */
  readonly ask?: AskPort;
  /** Told of every mutation that was refused; refused mutations change nothing and are tried again later. */
  readonly refused?: (failure: Failure) => void;
}

/**
 * Runs one reconciler on one cluster: catch up → what changed → reconcile on drafts until quiet → one append → again, until there is
 * nothing left to do. What it remembers between runs (how far it has looked, when to look again) only saves work: a new runner looks at
 * everything and comes to the same.
 */
export class Runner {
  readonly #options: RunnerOptions;
  /** Everything up to here has been looked at; undefined: nothing has. */
  #seen: Offset | undefined;
  /** Of what came after it, this has been looked at too, on a draft: what the last pass wrote, wherever that came to stand in the log. */
  #own: { readonly first: Offset; readonly last: Offset } = NOTHING;
  #wakeups = new WakeupTimes();
  /** Refused in the last round of a pass that was cut off: the reconciler has not been told yet. */
  #unreported: readonly Failure[] = [];
  /** What waits for answers. */
  readonly #waiting: Waiting;
  /** The log's restores when it was looked at. */
  #restores = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { replica, env, ask = noWebhooks } = options;
    this.#waiting = new Waiting({ ask, clock: env.clock, state: () => replica.state });
  }

  /**
   * One run. Returns when to run again (by the cluster's time), if a key waits for its time; undefined: only a change can bring new work.
   * Rejects when the log fails or a reconciler has a bug; running again is always safe.
   */
  async run(): Promise<ClusterInstant | undefined> {
    const { replica } = this.#options;
    await replica.catchUp();
    if (replica.isOver) return undefined;
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      // What is due meanwhile is caught up with when the cluster goes on: the entry that says so wakes all.
      if (isSuspended(replica.state)) return undefined;
      const restored = replica.restores !== this.#restores;
      if (!restored && !this.#hasWork(replica.now())) {
        if (this.#waiting.mutations.length === 0) return this.#wakeups.next;
        await this.#waiting.news(LOOK_AGAIN);
        await replica.catchUp();
        continue;
      }
      const { seen, own, wakeups, unreported, answered, asking } = await replica.commit((state, now) => this.#pass(state, now), {
        first: true,
        caughtUp: true,
      });
      this.#seen = seen;
      this.#own = own;
      this.#wakeups = wakeups;
      this.#unreported = unreported;
      this.#waiting.remove(answered);
      this.#waiting.add(asking);
    }
    // It keeps finding work (clients are busy, say): let others have their turn and come back at once.
    return replica.now();
  }

  #hasWork(now: ClusterInstant): boolean {
    if (this.#seen === undefined || this.#unreported.length > 0 || this.#waiting.answered.length > 0) return true;
    return this.#changes()?.length !== 0 || (this.#wakeups.next ?? Number.POSITIVE_INFINITY) <= now;
  }

  #forget(): void {
    this.#restores = this.#options.replica.restores;
    this.#seen = undefined;
    this.#own = NOTHING;
    this.#wakeups = new WakeupTimes();
    this.#unreported = [];
    this.#waiting.clear();
  }

  /** Decides one entry: called again, from the start, when another writer appended first. */
  #pass(state: State, now: ClusterInstant): Decided<Passed> {
    const { reconciler, env, admissionPlugins: plugins, refused } = this.#options;
    // Offsets begin anew: what was looked at is not what is there.
    if (this.#options.replica.restores !== this.#restores) this.#forget();
    const base = state.offset;
    const parts = new Parts(state);
    const context: ApplyContext = { env, now, plugins, observed: (state, part) => parts.observed(state, part) };
    const answered = this.#waiting.answered;
    const applied = applyAnswered(parts.observed(state, undefined), answered, context);
    let draft = applied.state;
    const written: Written[] = [...writtenBy(applied)];
    const asking: AskingMutation[] = [...applied.asking];
    const waiting = new Set(this.#waiting.mutations).difference(new Set(answered.map(({ mutation }) => mutation)));
    for (const { mutation } of asking) waiting.add(mutation);
    const wakeups = this.#wakeups.copy();
    // First of its entry, so the state is the replica's own.
    let changes: readonly Change[] | undefined = this.#changes()?.concat(applied.changes);
    let due: readonly Key[] = wakeups.due(now);
    let failures: readonly Failure[] = [...this.#unreported, ...applied.failures];
    for (const failure of applied.failures) refused?.(failure);
    // How much of what this pass wrote has been looked at: the rest is new to the next pass.
    let looked = 0;
    for (let round = 0; round < MAX_ROUNDS && written.length < MAX_EVENTS; round++) {
      for (const key of due) wakeups.set(key, undefined);
      const stateFor = (part: Key, state = draft) => parts.observed(state, part);
      const result = reconciler.reconcile({
        cluster: this.#options.replica.cluster,
        state: draft,
        stateFor,
        changes,
        due,
        failures,
        waiting,
        now,
        env,
        plugins,
      });
      for (const [key, at] of result.wakeups) wakeups.set(key, at);
      const outcome = apply(draft, result.mutations, context);
      draft = outcome.state;
      for (const one of outcome.asking) {
        asking.push(one);
        waiting.add(one.mutation);
      }
      for (const failure of outcome.failures) refused?.(failure);
      looked = written.length;
      for (const one of writtenBy(outcome)) written.push(one);
      // Told of refusals alone and refused again: what is worth another try asks for a wake-up.
      const onlyRefusals = changes?.length === 0 && failures.length > 0;
      ({ changes, failures } = outcome.changes.length === 0 && onlyRefusals ? quiet : outcome);
      due = [];
      if (changes.length === 0 && failures.length === 0) break;
    }
    const decided = this.#decided({ base, written, looked, wakeups, unreported: failures, answered, asking, now, parts });
    return { ...decided, drafted: { from: state, state: draft, changes: written.map(({ change }) => change) } };
  }

  #decided(pass: Decisions): Decided<Passed> {
    const { base, written, looked, wakeups, unreported, answered, asking, now, parts } = pass;
    return {
      events: written.map(({ event }) => event),
      reads: parts.reads,
      answer: (appended) => {
        const first = appended[0]?.offset ?? base + 1;
        const last = first + looked - 1;
        // Others' entries may have come in between, if they touched nothing that was read.
        const seen = first === base + 1 ? { seen: last, own: NOTHING } : { seen: base, own: { first, last } };
        return { ...seen, wakeups, unreported, answered, asking };
      },
      without: (changes) => {
        const touched = parts.touchedBy(changes, written);
        if (!touched) return undefined;
        const again = wakeups.copy();
        for (const part of touched) again.set(part, now);
        const stands = ({ part }: Written) => part === undefined || !touched.has(part);
        return this.#decided({ ...pass, written: written.filter(stands), looked: written.slice(0, looked).filter(stands).length, wakeups: again });
      },
    };
  }

  /** What came since the last pass. The reconciler's own entry is not among it: that has been looked at on the draft. */
  #changes(): readonly Change[] | undefined {
    if (this.#seen === undefined) return undefined;
    const { first, last } = this.#own;
    return this.#options.replica.recentChanges(this.#seen)?.filter(({ offset }) => offset < first || offset > last);
  }
}

/** What a pass comes to. */
interface Decisions {
  /** The state's offset, on which it was decided. */
  readonly base: Offset;
  readonly written: readonly Written[];
  /** How much of that has been looked at: the rest is new to the next pass. */
  readonly looked: number;
  readonly wakeups: WakeupTimes;
  readonly unreported: readonly Failure[];
  readonly answered: readonly AskingMutation[];
  readonly asking: readonly AskingMutation[];
  readonly now: ClusterInstant;
  readonly parts: Parts;
}

/** What a pass leaves to be remembered. */
interface Passed {
  readonly seen: Offset;
  readonly own: { readonly first: Offset; readonly last: Offset };
  readonly wakeups: WakeupTimes;
  readonly unreported: readonly Failure[];
  /** What waited and was applied, and what waits from now on. */
  readonly answered: readonly AskingMutation[];
  readonly asking: readonly AskingMutation[];
}

const writtenBy = ({ events, changes, parts }: Applied): Written[] => events.map((event, i) => ({ event, change: changes[i]!, part: parts[i] }));

const NOTHING = { first: 0, last: -1 };

const quiet: { changes: readonly Change[]; failures: readonly Failure[] } = { changes: [], failures: [] };

/** A chain of reconcilers within one entry is short (Deployment → ReplicaSet → Pod → status); more rounds mean that two disagree. */
const MAX_ROUNDS = 20;
const MAX_PASSES = 50;
/** How long to wait for answers alone, in ms, before looking whether there is something else to do. */
const LOOK_AGAIN = 250;
/** What a pass writes is held in memory several times over until it is appended: past this, the rest is left to the next. */
const MAX_EVENTS = 5_000;
