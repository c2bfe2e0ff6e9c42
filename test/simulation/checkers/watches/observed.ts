import { type KubeObject, parseKey } from '../../../../core/kube/object.ts';
import type { Frame, Observation, Segment, Watched } from '../../history.ts';
import type { Replay, Version } from '../../replay.ts';
import type { Checker, Evidence } from '../checker.ts';

/** One watch of an informer, with what it should have seen. */
export interface Observed {
  readonly observation: Observation;
  readonly segment: Segment;
  readonly watched: Watched;
  /** What was delivered before it since the list. */
  readonly before: readonly Frame[];
  /** What the log has for this informer, from the list of the segment on. */
  readonly expected: readonly Expected[];
  readonly replay: Replay;
}

/** An event as an observer is told of it. */
export interface Expected extends Frame {
  readonly offset: number;
}

/** A checker of each watch by itself. */
export const watchChecker = (name: string, check: (observed: Observed) => Iterable<string>): Checker => ({
  name: `watches, ${name}`,
  *check(evidence) {
    for (const observed of watchesOf(evidence)) for (const finding of check(observed)) yield `${observed.observation.name}: ${finding}`;
  },
});

function* watchesOf({ cluster, replay, history }: Evidence): Generator<Observed> {
  for (const observation of history.informers) {
    if (observation.cluster !== cluster) continue;
    const all = expectedBy(observation, replay);
    for (const segment of observation.segments) {
      const expected = all.filter(({ offset }) => offset > segment.from);
      const before: Frame[] = [];
      for (const watched of segment.watches) {
        yield { observation, segment, watched, before: [...before], expected, replay };
        before.push(...watched.frames);
      }
    }
  }
}

const known = new WeakMap<Observation, readonly Expected[]>();

/** All that the log has for an observer, oldest first. */
export function expectedBy(observation: Observation, replay: Replay): readonly Expected[] {
  const expected = known.get(observation) ?? replay.versions.flatMap((version) => seenBy(observation, version) ?? []);
  known.set(observation, expected);
  return expected;
}

/** What an event is to this observer (API concepts, "Efficient detection of changes"): what leaves its selection is deleted to it, what comes into it is added. */
function seenBy(observation: Observation, { key, type, object, previous, offset }: Version): Expected | undefined {
  const of = parseKey(key);
  if (of.resource !== observation.resource || (observation.namespace !== undefined && of.namespace !== observation.namespace)) return undefined;
  const before = previous !== undefined && isSelected(observation, previous);
  if (type !== 'DELETED' && isSelected(observation, object)) return { type: before ? 'MODIFIED' : 'ADDED', object, offset };
  if (!before) return undefined;
  return { type: 'DELETED', object: { ...previous, metadata: { ...previous.metadata, resourceVersion: String(offset) } }, offset };
}

export const isSelected = ({ namespace, label }: Observation, { metadata }: KubeObject): boolean =>
  (namespace === undefined || metadata.namespace === namespace) && (!label || metadata.labels?.[label.name] === label.value);

export const offsetOf = ({ object }: Frame): number => Number(object.metadata.resourceVersion);

export const isEvent = ({ type }: Frame): boolean => type !== 'BOOKMARK';

export function describe(frame: Frame | undefined): string {
  if (!frame) return 'nothing';
  const { name, resourceVersion } = frame.object.metadata;
  return isEvent(frame) ? `${frame.type} of ${name} at ${resourceVersion}` : `a bookmark of ${resourceVersion}`;
}
