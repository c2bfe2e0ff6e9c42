import { same } from '../../../core/kube/object.ts';
import { MARK } from '../history.ts';
import type { Replay, Version } from '../replay.ts';
import type { Checker, Evidence } from './checker.ts';
import { letGo } from './writes.ts';

/** A write that names the resourceVersion it rests on follows that very version in the log, whatever its client was told of it. */
export const preconditions: Checker = {
  name: 'preconditions',
  *check({ cluster, replay, history }: Evidence) {
    for (const { key, mark, precondition, object, ...write } of history.writes) {
      if (write.cluster !== cluster || precondition === undefined) continue;
      const written = replay.of(key).find((version) => introduces(version, mark)) ?? letGo({ key, object }, { replay });
      if (written) yield* checkRest(written, precondition, `write ${mark}`);
    }
    for (const { key, uid, precondition, object, ...deletion } of history.deletions) {
      if (deletion.cluster !== cluster || precondition === undefined) continue;
      const gone = replay.of(key).find((version) => version.type === 'DELETED' && version.object.metadata.uid === uid);
      // A deletion that is under way already is answered with the object as it is.
      const begun = object?.metadata.resourceVersion === precondition ? undefined : versionAt(replay, key, object?.metadata.resourceVersion);
      const written = gone ?? begun;
      if (written) yield* checkRest(markBefore(written, replay) ?? written, precondition, 'a deletion');
    }
  },
};

/** A pod that goes at once is marked as being deleted first, by an event of its own right before, which changes nothing but its metadata. */
function markBefore({ type, key, offset, time }: Version, replay: Replay): Version | undefined {
  const before = type === 'DELETED' ? versionAt(replay, key, String(offset - 1)) : undefined;
  if (!before?.previous || before.time !== time || before.object.metadata.deletionGracePeriodSeconds !== 0) return undefined;
  return same({ ...before.object, metadata: before.previous.metadata }, before.previous) ? before : undefined;
}

function* checkRest({ key, offset, previous }: Version, precondition: string, what: string): Generator<string> {
  const rests = previous?.metadata.resourceVersion;
  if (rests !== precondition) yield `${what} of ${key}, on condition that it is at ${precondition}, is in the log at ${offset}, after ${rests ?? 'nothing'}`;
}

const introduces = ({ type, object, previous }: Version, mark: string): boolean =>
  type !== 'DELETED' && object.metadata.annotations?.[MARK] === mark && previous?.metadata.annotations?.[MARK] !== mark;

const versionAt = (replay: Replay, key: string, resourceVersion: string | undefined): Version | undefined => {
  const version = replay.versionAt(Number(resourceVersion));
  return version?.key === key ? version : undefined;
};
