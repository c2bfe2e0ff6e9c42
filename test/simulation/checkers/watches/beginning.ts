import { same } from '../../../../core/kube/object.ts';
import type { Observation, Segment } from '../../history.ts';
import { shown, withoutManagers } from '../../managers.ts';
import type { Replay } from '../../replay.ts';
import type { Checker } from '../checker.ts';
import { isSelected } from './observed.ts';

/** What a watch goes on from, by a list or by initial events (API concepts, "Streaming lists"), is what was there at its resourceVersion. */
export const beginning: Checker = {
  name: 'watches, beginning',
  *check({ cluster, replay, history }) {
    for (const observation of history.informers) {
      if (observation.cluster !== cluster) continue;
      for (const segment of observation.segments) for (const finding of checkSegment(observation, segment, replay)) yield `${observation.name}: ${finding}`;
    }
  },
};

function* checkSegment(observation: Observation, { from, initial }: Segment, replay: Replay): Generator<string> {
  const { resource, namespace } = observation;
  const there = replay.list(resource, { namespace, offset: from }).filter((object) => isSelected(observation, object));
  if (there.length !== initial.length) yield `began with ${initial.length} objects at ${from}, where the log has ${there.length}`;
  const told = new Map(initial.map((object) => [object.metadata.uid, object]));
  for (const object of there) {
    const first = told.get(object.metadata.uid);
    if (!first || !same({ ...shown(object), apiVersion: first.apiVersion, kind: first.kind }, withoutManagers(first)))
      yield `did not begin with ${object.metadata.name} as it was at ${from}`;
  }
}
