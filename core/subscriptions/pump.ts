import type { Subscription, TargetSpec } from '../apis/logplane/subscription.ts';
import type { Env } from '../env.ts';
import { between, type Elapsed, plus, type RealDelay, realDelay } from '../instant.ts';
import { StatusError } from '../kube/status.ts';
import type { Offset } from '../log/event.ts';
import { resetsIn } from '../replica/cluster-reset.ts';
import type { Replica } from '../replica/replica.ts';
import type { Change } from '../state/change.ts';
import { cloudEventOf, referring } from './cloud-event.ts';
import { type Filter, filterOf } from './filter.ts';
import { NotTaken, type Target, type Targets } from './target.ts';

/** What became of a piece of the log for one subscription, since the account before. */
export interface Account {
  /** All up to here was taken, or does not concern it. */
  readonly offset: Offset;
  readonly deliveries: number;
  readonly deadLetters: number;
  /** The first change that was not taken, and why. */
  readonly failure?: { readonly message: string; readonly attempts: number };
  /** Why the filter could not say of the last change that concerns it whether it is told of. */
  readonly filterError?: string;
  /** The log no longer reaches back to it. */
  readonly expired?: string;
}

interface PumpOptions {
  readonly replica: Replica;
  readonly env: Env;
  readonly targets: Targets;
  readonly subscription: Subscription;
}

/**
 * Brings the changes of a cluster to one subscriber, piece by piece: those of one object one after the other, those of several side by side. What was taken behind one that was
 * not is not sent again by the same process; by another one it may be, with the same id.
 */
export class Pump {
  readonly #options: PumpOptions;
  readonly #filter: Filter;
  /** Everything up to here was taken, or does not concern it. */
  #offset: Offset;
  /** Taken, although something before was not. */
  #taken = new Set<Offset>();
  #attempts: number;
  /** Why the filter could not say of the last change that concerned it whether it is told of. */
  #filterError: string | undefined;
  /** Not before then, after a failure. */
  #notBefore: Elapsed | undefined;

  constructor(options: PumpOptions, offset: Offset) {
    this.#options = options;
    const { subscription } = options;
    this.#filter = filterOf(subscription);
    this.#offset = offset;
    const { attempts = 0, lastError, conditions = [] } = subscription.status ?? {};
    this.#attempts = attempts;
    if (conditions.some(({ reason }) => reason === 'FilterFailed')) this.#filterError = lastError;
  }

  get offset(): Offset {
    return this.#offset;
  }

  /** In how much real time there is something to do; undefined: not before another change. */
  get dueIn(): RealDelay | undefined {
    const { replica, env } = this.#options;
    if (this.#offset >= replica.state.offset) return undefined;
    return realDelay(this.#notBefore ? Math.max(0, between(env.clock.elapsed(), this.#notBefore)) : 0);
  }

  /** Tells what comes next, a bounded piece. */
  async run(signal: AbortSignal): Promise<Account> {
    try {
      const { changes, offset } = await this.#options.replica.changesAfter(this.#offset, { signal: ALREADY, limit: PIECE });
      return await this.#tell(changes, offset, signal);
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 410)) throw error;
      const account = { deliveries: 0, deadLetters: 0 };
      const reset = resetsIn(this.#options.replica.state).find(({ at }) => at === this.#offset + 1);
      if (!reset) return { ...account, offset: this.#offset, expired: error.message };
      // Nothing leads from what was before a reset to what is behind it: it goes on there.
      this.#moveTo(reset.at);
      return { ...account, offset: reset.at };
    }
  }

  async #tell(changes: readonly Change[], end: Offset, signal: AbortSignal): Promise<Account> {
    const chosen: Change[] = [];
    for (const change of changes) {
      const verdict = this.#filter(change);
      if (verdict === true) chosen.push(change);
      if (verdict !== false) this.#filterError = verdict === true ? undefined : verdict.error;
    }
    const failures: Failed[] = [];
    let deliveries = 0;
    // Anew for each piece: the Secrets that it names may have changed.
    const target = this.#reach(this.#options.subscription.spec.target);
    const objects = [...Map.groupBy(chosen, ({ key }) => key).values()];
    await sideBySide(objects, AT_ONCE, async (ofObject) => {
      for (const change of ofObject) {
        if (this.#taken.has(change.offset)) continue;
        const failure = await this.#deliver(target, change, signal);
        if (failure) return void failures.push(failure);
        this.#taken.add(change.offset);
        deliveries++;
      }
    });
    const first = failures.toSorted((a, b) => a.change.offset - b.change.offset)[0];
    const outcome = first ? await this.#failed(first, chosen, signal) : this.#went(end);
    return { offset: this.#offset, deliveries, ...outcome, ...(this.#filterError !== undefined && { filterError: this.#filterError }) };
  }

  #went(end: Offset): Pick<Account, 'deadLetters'> {
    this.#moveTo(end);
    return { deadLetters: 0 };
  }

  /** All before it was taken. It is tried again later, and goes elsewhere when it was tried often enough. */
  async #failed({ change, error }: Failed, chosen: readonly Change[], signal: AbortSignal): Promise<Pick<Account, 'deadLetters' | 'failure'>> {
    const { env, subscription } = this.#options;
    if (chosen[0]!.offset < change.offset) this.#moveTo(change.offset - 1);
    // The run was over, and not the patience of the target.
    if (signal.aborted) return { deadLetters: 0 };
    this.#attempts++;
    const failure = { message: `offset ${change.offset}: ${error.message}`, attempts: this.#attempts };
    const { deadLetter } = subscription.spec;
    if (deadLetter && this.#attempts >= (deadLetter.attempts ?? ATTEMPTS)) {
      const failedToo = await this.#deliver(this.#reach(deadLetter.target), change, signal);
      if (!failedToo) {
        this.#moveTo(change.offset);
        return { deadLetters: 1 };
      }
      failure.message = `${failure.message}; dead letter: ${failedToo.error.message}`;
    }
    const wanted = error instanceof NotTaken ? error.retryAfterMs : undefined;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#attempts - 1, 20), LAST_RETRY_MS) * (0.5 + env.random.next() / 2);
    this.#notBefore = plus(env.clock.elapsed(), Math.min(wanted ?? delay, LAST_RETRY_MS));
    return { deadLetters: 0, failure };
  }

  #reach(target: TargetSpec): Target {
    const { subscription, targets, replica } = this.#options;
    return targets(target, { namespace: subscription.metadata.namespace, state: replica.state });
  }

  #moveTo(offset: Offset): void {
    this.#offset = offset;
    this.#attempts = 0;
    this.#notBefore = undefined;
    for (const taken of this.#taken) if (taken <= offset) this.#taken.delete(taken);
  }

  async #deliver(target: Target, change: Change, signal: AbortSignal): Promise<Failed | undefined> {
    const { replica, subscription } = this.#options;
    try {
      const event = cloudEventOf({ change, cluster: replica.cluster, state: replica.state, data: subscription.spec.data });
      await target.deliver({ event, reference: () => referring(event, change), object: change.key }, signal);
      return undefined;
    } catch (error) {
      return { change, error: error as Error };
    }
  }
}

interface Failed {
  readonly change: Change;
  readonly error: Error;
}

/** What is there is asked for, and not waited for. */
const ALREADY = AbortSignal.abort();

/** Changes of a piece. */
const PIECE = 1_000;
/** Objects of which a subscriber is told at the same time. */
const AT_ONCE = 64;
const ATTEMPTS = 10;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5 * 60_000;

async function sideBySide<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, one));
}
