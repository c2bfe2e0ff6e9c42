import type { KubeObject } from '../../kube/object.ts';
import { own, ownershipIn } from '../../managed-fields/ownership.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';

/** Objects as they are read at the time of a call. */
export interface InTime {
  readonly objects: readonly KubeObject[];
  /** Until when they are the same, and what is encoded of them may be shared; undefined: for as long as their versions are. */
  readonly period: number | undefined;
}

/** What goes on with time in some objects of a state (Strategy.shownInTime), as it is now; in a cluster that is shown at another time, as it was at the last write. */
export function shownInTime({ target, replica, end }: Pick<ReadCall, 'target' | 'replica' | 'end'>, state: State, objects: readonly KubeObject[]): InTime {
  const { shownInTime: shown } = target.storage.strategy;
  if (!shown) return { objects, period: undefined };
  const now = end === undefined ? replica.now() : state.time;
  const period = Math.floor(now / shown.periodMs);
  const time = period * shown.periodMs;
  return { objects: objects.map((object) => own(shown.at(object, { state, time }), ownershipIn(object))), period };
}
