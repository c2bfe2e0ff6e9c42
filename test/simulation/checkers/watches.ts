import { type KubeObject, parseKey, same } from '../../../core/object.ts';
import type { Observation, Segment } from '../history.ts';
import type { Replay, Version } from '../replay.ts';
import type { Checker } from './checker.ts';

/**
 * What a client saw, by a list and the watches from there on, is what the log has: nothing left out, nothing twice, nothing out of order, each
 * object as it was; a bookmark comes behind everything before it; and in the end everybody has seen everything.
 */
export const watches: Checker = {
  name: 'watches',
  *check({ cluster, replay, history }) {
    for (const observation of history.informers) {
      if (observation.cluster !== cluster) continue;
      const relevant = replay.versions.flatMap((version) => seenBy(observation, version) ?? []);
      for (const segment of observation.segments)
        for (const finding of checkSegment(observation, segment, relevant, replay)) yield `${observation.name}: ${finding}`;
      const seen = observation.segments.at(-1)?.last ?? 0;
      const left = relevant.filter(({ object }) => offsetOf(object) > seen);
      if (left.length > 0) yield `${observation.name}: saw up to ${seen}, and never the ${left.length} events from ${offsetOf(left[0]!.object)} on`;
    }
  },
};

interface Seen {
  readonly type: string;
  readonly object: KubeObject;
}

/** What an event is to this observer. */
function seenBy({ resource, namespace, label }: Observation, { key, type, object, previous, offset }: Version): Seen | undefined {
  const of = parseKey(key);
  if (of.resource !== resource || (namespace !== undefined && of.namespace !== namespace)) return undefined;
  const chosen = (candidate: KubeObject | undefined) => candidate !== undefined && (!label || candidate.metadata.labels?.[label.name] === label.value);
  const before = chosen(previous);
  if (type !== 'DELETED' && chosen(object)) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  return { type: 'DELETED', object: { ...previous!, metadata: { ...previous!.metadata, resourceVersion: String(offset) } } };
}

function* checkSegment(observation: Observation, segment: Segment, relevant: readonly Seen[], replay: Replay): Generator<string> {
  const { from, last, events, initial, bookmarks, bookmarkAfter } = segment;
  const { resource, namespace, label } = observation;
  const there = replay.list(resource, { namespace, offset: from }).filter(({ metadata }) => !label || metadata.labels?.[label.name] === label.value);
  if (there.length !== initial.length) yield `began with ${initial.length} objects at ${from}, where the log has ${there.length}`;
  const told = new Map(initial.map((object) => [object.metadata.uid, object]));
  for (const object of there) {
    const first = told.get(object.metadata.uid);
    if (!first || !same({ ...object, apiVersion: first.apiVersion, kind: first.kind }, first))
      yield `did not begin with ${object.metadata.name} as it was at ${from}`;
  }
  const expected = relevant.filter(({ object }) => offsetOf(object) > from && offsetOf(object) <= last);
  for (let i = 0; i < Math.max(expected.length, events.length); i++) {
    const [want, got] = [expected[i], events[i]];
    if (want && got && want.type === got.type && same(want.object, got.object)) continue;
    yield `after ${i} events from ${from} on, got ${describe(got)}; the log has ${describe(want)}`;
    break;
  }
  for (let i = 0; i < bookmarks.length; i++) {
    const delivered = events[bookmarkAfter[i]! - 1];
    if (delivered && offsetOf(delivered.object) > bookmarks[i]!) yield `got a bookmark of ${bookmarks[i]} after the event at ${offsetOf(delivered.object)}`;
    const owed = expected[bookmarkAfter[i]!];
    if (owed && offsetOf(owed.object) <= bookmarks[i]!) yield `got a bookmark of ${bookmarks[i]} before the event at ${offsetOf(owed.object)}`;
  }
}

const offsetOf = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);

const describe = (seen: Seen | undefined): string =>
  seen ? `${seen.type} of ${seen.object.metadata.name} at ${seen.object.metadata.resourceVersion}` : 'nothing';
