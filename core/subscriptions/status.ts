import { noWebhooks } from '../admission/ask.ts';
import type { Subscription, SubscriptionStatus } from '../apis/logplane/subscription.ts';
import { decide } from '../decide/decide.ts';
import { isAsking } from '../decide/decision.ts';
import { inRounds } from '../decide/rounds.ts';
import type { Fields } from '../kube/fields.ts';
import { type Key, parseKey, timestamp } from '../kube/object.ts';
import type { WorkedOn } from '../reconcile/worker.ts';
import type { Account } from './pump.ts';
import { WORKER } from './worker-user.ts';

/** Whether its target is told of the changes of this cluster. A fork has the subscriptions of its parent, and tells of nothing until someone wants it to. */
export function isActive({ spec, status = {}, metadata }: Subscription, cluster: string): boolean {
  if (spec.suspended || metadata.deletionTimestamp) return false;
  const isSeen = status.observedGeneration === metadata.generation;
  if (isSeen && readyReason(status) === 'Expired') return false;
  return status.cluster === undefined || status.cluster === cluster || !isSeen;
}

const readyReason = ({ conditions = [] }: SubscriptionStatus) => conditions.find(({ type }) => type === 'Ready')?.['reason'];

/**
 * Writes what became of a piece into the status, unless nothing is to be said: that a subscriber has nothing to do with what happened is noted only now and then, as
 * that would be something that happened. An account of another life of the name, or of a log that was replaced meanwhile, is none of this one's: its offset would skip what was not told.
 */
export async function keepAccount({ replica, env, admissionPlugins, ask = noWebhooks }: WorkedOn, of: AccountOf, account: Account): Promise<void> {
  const { key, subscription, restores } = of;
  const { resource, namespace, name } = parseKey(key);
  const edge = { ask, clock: env.clock, state: () => replica.state };
  await inRounds(
    (memory) =>
      replica.commit(
        (state, now) => {
          const current = state.get(resource, namespace, name) as Subscription | undefined;
          if (current?.metadata.uid !== subscription.metadata.uid || replica.restores !== restores) return NOTHING;
          const status = statusAfter(current!, account, { cluster: replica.cluster, end: state.offset, now, seen: subscription.metadata.generation });
          if (!status) return NOTHING;
          const decision = decide(
            state,
            { type: 'update', resource, subresource: 'status', object: { ...current, status } as Subscription },
            { env: memory.env(0, env), now: memory.now(now), actor: WORKER, plugins: admissionPlugins, answers: memory.answers },
          );
          if (isAsking(decision)) return { events: [], answer: () => decision };
          return { events: decision.events, answer: () => ({}) };
        },
        { caughtUp: true },
      ),
    edge,
  );
}

const NOTHING = { events: [], answer: () => ({}) };

/** What an account was kept for. */
export interface AccountOf {
  readonly key: Key;
  /** As it was when the piece was begun. */
  readonly subscription: Subscription;
  /** Those that the log had had by then. */
  readonly restores: number;
}

interface Moment {
  readonly cluster: string;
  readonly end: number;
  readonly now: number;
  /** The generation of the spec that was followed. */
  readonly seen: number | undefined;
}

function statusAfter({ spec, status: before = {} }: Subscription, account: Account, moment: Moment): SubscriptionStatus | undefined {
  const { offset, deliveries, deadLetters, failure, filterError, expired } = account;
  const generation = moment.seen;
  const lastError = expired ?? failure?.message ?? filterError;
  // A failure is told of once, and each try where the tries are counted.
  const isCounted = failure !== undefined && spec.deadLetter !== undefined;
  const isNews = deliveries + deadLetters > 0 || before.observedGeneration !== generation || before.lastError !== lastError || isCounted;
  if (!isNews && offset - (before.offset ?? 0) < QUIET) return undefined;
  const lastDeliveryTime = deliveries > 0 ? timestamp(moment.now) : before.lastDeliveryTime;
  const buried = (before.deadLetters ?? 0) + deadLetters;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    cluster: moment.cluster,
    offset: Math.max(offset, before.offset ?? 0),
    lag: Math.max(0, moment.end - offset),
    deliveries: (before.deliveries ?? 0) + deliveries,
    ...(buried > 0 && { deadLetters: buried }),
    ...(lastDeliveryTime !== undefined && { lastDeliveryTime }),
    ...(lastError !== undefined && { lastError }),
    ...(failure && { attempts: failure.attempts }),
    conditions: [sinceWhen(readiness(account, moment.now, generation), before)],
  };
}

/** A condition keeps the time of its last transition. */
function sinceWhen(condition: Fields, { conditions = [] }: SubscriptionStatus): Fields {
  const before = conditions.find(({ type }) => type === condition['type']);
  return before?.['status'] === condition['status'] ? { ...condition, lastTransitionTime: before!['lastTransitionTime'] } : condition;
}

function readiness({ failure, expired, filterError }: Account, now: number, observedGeneration: number | undefined): Fields {
  const of = (status: string, reason: string, message: string): Fields => ({
    type: 'Ready',
    status,
    reason,
    message,
    lastTransitionTime: timestamp(now),
    ...(observedGeneration !== undefined && { observedGeneration }),
  });
  if (expired !== undefined) return of('False', 'Expired', `${expired} Create a subscription that begins later.`);
  if (failure) return of('False', 'TargetFailed', failure.message);
  if (filterError !== undefined) return of('True', 'FilterFailed', `The expression could not be evaluated, and the change was not told: ${filterError}`);
  return of('True', 'Delivering', 'The target takes what it is told.');
}

/** A subscriber whom nothing concerns is told to have come so far at most so many changes late. */
const QUIET = 10_000;
