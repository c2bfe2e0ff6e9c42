import { lookedAtOnce, type Moment } from '../../usage/moment.ts';
import type { AuthorizedCall } from '../call.ts';
import { stateFor } from '../request/reading.ts';

/** The cluster as a call looks at it: now, or at the end of the past that it asks for. */
export async function momentOf(call: AuthorizedCall): Promise<Moment> {
  const state = await stateFor(call, { atLeast: undefined });
  return { state, now: call.end === undefined ? call.replica.now() : state.time, changesAt: lookedAtOnce };
}
