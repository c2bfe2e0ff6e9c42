import type { Checker } from '../checker.ts';
import { describe, expectedBy } from './observed.ts';

/** Once faults have stopped, and a while has gone by, every informer has seen everything. */
export const complete: Checker = {
  name: 'watches, complete',
  *check({ cluster, replay, history }) {
    const until = history.watched.get(cluster) ?? replay.end;
    for (const observation of history.informers) {
      if (observation.cluster !== cluster) continue;
      const seen = observation.segments.at(-1)?.last ?? 0;
      const left = expectedBy(observation, replay).filter(({ offset }) => offset > seen && offset <= until);
      if (left.length > 0) yield `${observation.name}: saw up to ${seen}, and never the ${left.length} events from ${describe(left[0])} on`;
    }
  },
};
