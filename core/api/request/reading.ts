import { type StatusError, timeout } from '../../kube/status.ts';
import type { Offset } from '../../log/log.ts';
import type { State } from '../../state/state.ts';
import type { Call } from '../call.ts';

/**
 * The state that a read is answered from (API concepts, "Resource versions"): the newest when `atLeast` is not given, any when it
 * is 0, otherwise one that contains at least this offset; `exactly`: the one right after `atLeast`. A cluster that is shown at another time is read at that time.
 * Throws 504 for an offset that is not there yet, and 410 for one that is no longer kept.
 */
export async function stateFor(call: Call, { atLeast, exactly = false }: { atLeast: Offset | undefined; exactly?: boolean }): Promise<State> {
  const { replica, when } = call;
  const end = when && (await endOf(call));
  if (end !== undefined) {
    if (atLeast !== undefined && atLeast > end) throw tooLarge(atLeast, end);
    return replica.at(exactly && atLeast ? atLeast : end);
  }
  // Any state will do for 0, but one of this log.
  if (atLeast === undefined || atLeast > replica.state.offset || replica.isDoubtful) await replica.catchUp();
  if (atLeast !== undefined && atLeast > replica.state.offset) throw tooLarge(atLeast, replica.state.offset);
  return exactly && atLeast ? replica.at(atLeast) : replica.state;
}

/** The offset at which a cluster is shown, when its URL names one or a time. */
export async function endOf({ replica, when }: Call): Promise<Offset | undefined> {
  if (!when) return undefined;
  if ('time' in when) return replica.offsetAt(when.time);
  if (when.offset > replica.state.offset || replica.isDoubtful) await replica.catchUp();
  if (when.offset > replica.state.offset) throw tooLarge(when.offset, replica.state.offset);
  return when.offset;
}

/** 504: the client has seen what this server has not (yet); it may ask again. */
function tooLarge(asked: Offset, current: Offset): StatusError {
  const error = timeout(`Too large resource version: ${asked}, current: ${current}`, 1);
  error.status.details!.causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return error;
}
