import type { Projection } from '../../core/projection/projection.ts';
import type { Held } from './checkers/checker.ts';
import type { Instance } from './instance.ts';

/** What an instance holds of each cluster now, as far as it would show it to anybody: of a log that may have been restored, it looks first. */
export function heldBy({ process, replicas, historyLimit }: Instance): (Held & { cluster: string })[] {
  return [...replicas].flatMap(([cluster, { state, isDoubtful }]) => {
    if (isDoubtful) return [];
    return [{ cluster, by: process.name, offset: state.offset, kept: keptBy(state), historyLimit, objects: new Map(state.entries()) }];
  });
}

/** How many of its newest changes a projection remembers. */
function keptBy(state: Projection): number {
  let [known, forgotten] = [state.offset, -1];
  while (known - forgotten > 1) {
    const middle = (known + forgotten + 1) >> 1;
    if (state.changesAfter(middle, 0)) known = middle;
    else forgotten = middle;
  }
  return state.offset - known;
}
