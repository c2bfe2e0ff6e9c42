import type { Answer, Ask, AskPort } from '../admission/ask.ts';
import { postFailed, webhookCall } from '../admission/webhook-call.ts';
import type { Clock } from '../env.ts';
import { serviceUnavailable } from '../kube/status.ts';
import type { State } from '../state/state.ts';
import { CommitMemory } from './commit-memory.ts';
import { type Asking, isAsking } from './decision.ts';

/**
 * A commit whose decision may ask (docs/decisions/0018-asks.md): decided, and again with the answers, until it asks nothing more. A question
 * that stayed the same is not asked again, one that has changed is asked anew. Rejects with 503 when it comes to no end.
 */
export async function inRounds<T extends object>(attempt: (memory: CommitMemory) => Promise<T | Asking>, edge: AskEdge): Promise<T> {
  const memory = new CommitMemory();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const result = await attempt(memory);
    if (!isAsking(result)) return result;
    for (const [ask, answer] of await answersTo(result.asks, edge)) memory.answers.learn(ask, answer);
  }
  throw serviceUnavailable(ENDLESS);
}

/** What asks, of which cluster, and the clock that says how long. */
export interface AskEdge {
  readonly ask: AskPort;
  readonly clock: Clock;
  readonly state: () => State;
}

/** Every mutating webhook of a chain takes a round of its own, and each round may be undone by another writer. */
export const MAX_ROUNDS = 100;
export const ENDLESS = `admission asked ${MAX_ROUNDS} times and came to no end; try again`;

const LATE = 'context deadline exceeded';

/** All at once. An answer that comes too late, or not at all, is one too. */
export const answersTo = (asks: readonly Ask[], edge: AskEdge): Promise<[Ask, Answer][]> =>
  Promise.all(asks.map(async (ask): Promise<[Ask, Answer]> => [ask, await inTime(ask, edge)]));

async function inTime(ask: Ask, { ask: port, clock, state }: AskEdge): Promise<Answer> {
  const tooLate = new AbortController();
  const answered = new AbortController();
  const deadline = async (): Promise<Answer> => {
    await clock.sleep(ask.timeoutMs, answered.signal);
    if (!answered.signal.aborted) tooLate.abort();
    return { type: 'failed', message: ask.type === 'Moment' ? LATE : postFailed(webhookCall(ask), LATE) };
  };
  const answer = async (): Promise<Answer> => {
    try {
      return await port(ask, { state, signal: tooLate.signal });
    } catch (error) {
      return { type: 'failed', message: (error as Error).message };
    }
  };
  try {
    return await Promise.race([answer(), deadline()]);
  } finally {
    answered.abort();
  }
}
