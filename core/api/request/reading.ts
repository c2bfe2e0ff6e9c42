import { bookmarked } from '../../apis/logplane/moment.ts';
import { GROUP } from '../../apis/logplane/own-resource.ts';
import type { When } from '../../apis/logplane/when.ts';
import { notFound, type StatusError, timeout } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import { noSuchCluster } from '../../replica/cluster-end.ts';
import type { State } from '../../state/state.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';

/**
 * The state that a read is answered from (API concepts, "Resource versions"): the newest when `atLeast` is not given, any when it
 * is 0, otherwise one that contains at least this offset; `exactly`: the one right after `atLeast`. A cluster that is shown at another time is read at that time.
 * Throws 504 for an offset that is not there yet, and 410 for one that is no longer kept.
 */
export async function stateFor(call: AuthorizedCall, { atLeast, exactly = false }: { atLeast: Offset | undefined; exactly?: boolean }): Promise<State> {
  const { replica, end } = call;
  if (end !== undefined) {
    if (atLeast !== undefined && atLeast > end) throw tooLarge(atLeast, end);
    return replica.at(exactly && atLeast ? atLeast : end);
  }
  // Any state will do for 0, but one of this log.
  const state = atLeast === undefined || atLeast > call.state.offset || replica.isDoubtful ? await newestState(call) : knownState(call);
  if (atLeast !== undefined && atLeast > state.offset) throw tooLarge(atLeast, state.offset);
  return exactly && atLeast ? replica.at(atLeast) : state;
}

/** The newest state of the cluster, also where it is shown at another time: the log is read for it unless it has been for this call. Throws 404 when the cluster has ended meanwhile. */
export async function newestState(call: ClusterCall): Promise<State> {
  const { replica, caughtUp } = call;
  if (caughtUp && isOfThisLog(call)) return call.state;
  await replica.catchUp();
  if (replica.isOver) throw noSuchCluster(replica.cluster);
  return replica.state;
}

/** The state of a call that need not be the newest. */
const knownState = (call: ClusterCall): State => (isOfThisLog(call) ? call.state : call.replica.state);

/** The log may have been restored since the call began: what was known then says nothing of it. */
const isOfThisLog = ({ replica, restores }: ClusterCall): boolean => replica.restores === restores;

/** The offset that a cluster is shown at; 0 for a time before it began, and the newest for one to come: what is looked at takes what there is, unlike what is written (`offsetOfMoment`). Throws 504 for an offset that is not there yet, and 404 for a bookmark that there is not. */
export async function offsetOf(when: When, call: ClusterCall): Promise<Offset> {
  const { replica } = call;
  if ('bookmark' in when) return bookmarkedOr404(when.bookmark, await newestState(call));
  const isKnown = 'time' in when ? when.time < call.state.time : when.offset <= call.state.offset;
  const state = isKnown && !replica.isDoubtful ? knownState(call) : await newestState(call);
  if ('time' in when) return when.time < state.time ? replica.offsetAt(when.time) : state.offset;
  if (when.offset > state.offset) throw tooLarge(when.offset, state.offset);
  return when.offset;
}

function bookmarkedOr404(name: string, state: State): Offset {
  const offset = bookmarked(name, state);
  if (offset === undefined) throw notFound({ group: GROUP, resource: 'bookmarks' }, name);
  return offset;
}

/** 504: the client has seen what this server has not (yet); it may ask again. */
function tooLarge(asked: Offset, current: Offset): StatusError {
  const error = timeout(`Too large resource version: ${asked}, current: ${current}`, 1);
  error.status.details!.causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return error;
}
