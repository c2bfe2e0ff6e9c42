import type { MergePatch } from '../../../core/kube/merge-patch.ts';
import { type KubeObject, parseKey, same } from '../../../core/kube/object.ts';
import type { ConfigMap } from '../../../core/schema/generated/kinds.ts';
import { MARK, type Write } from '../history.ts';
import { shown, withoutManagers } from '../managers.ts';
import type { Version } from '../replay.ts';
import type { Checker, Evidence } from './checker.ts';

/**
 * Every acknowledged write is in the log exactly once, as it was answered; a refused one is not there, and one whose answer was lost is there
 * at most once. No addition to a counter is lost, and what was answered as deleted was.
 */
export const writes: Checker = {
  name: 'writes',
  *check(evidence) {
    const introduced = introductions(evidence);
    for (const write of evidence.history.writes) {
      if (write.cluster !== evidence.cluster || letGo(write, evidence)) continue;
      yield* checkWrite(write, introduced.get(`${write.key} ${write.mark}`) ?? []);
    }
    yield* counters(evidence);
    yield* deletions(evidence);
  },
};

/**
 * The event with which a write that took the last finalizer off a deleted object let it go: it has no object that could bear the mark, and is answered with
 * what the write left of the object, at the version that it had before.
 */
export function letGo({ key, object }: Pick<Write, 'key' | 'object'>, { replay }: Pick<Evidence, 'replay'>): Version | undefined {
  if (!object?.metadata.deletionTimestamp || object.metadata.finalizers?.length) return undefined;
  const { uid, resourceVersion } = object.metadata;
  return replay
    .of(key)
    .find(({ type, previous }) => type === 'DELETED' && previous!.metadata.uid === uid && previous!.metadata.resourceVersion === resourceVersion);
}

/** The events that brought each mark to its object: a patch names a mark only to set it. What brings objects to what they were brings their marks back, too. */
function introductions({ entries, replay }: Evidence): Map<string, Version[]> {
  const events = entries.flatMap((entry) => entry.events);
  const restoring = new Set(entries.filter(({ events }) => events.some(({ key }) => RECORDS.has(parseKey(key).resource))).flatMap(({ events }) => events));
  const out = new Map<string, Version[]>();
  for (const [i, version] of replay.versions.entries()) {
    const event = events[i]!;
    const mark = version.object.metadata.annotations?.[MARK];
    if (mark === undefined || event.type === 'DELETED') continue;
    const set = 'patch' in event ? markIn(event.patch) === mark : version.previous?.metadata.annotations?.[MARK] !== mark;
    const id = `${version.key} ${mark}`;
    if (!set || (restoring.has(event) && out.has(id))) continue;
    out.set(id, [...(out.get(id) ?? []), version]);
  }
  return out;
}

/** What stands in the log of an undo. */
const RECORDS: ReadonlySet<string> = new Set(['undos.logplane.dev', 'restores.logplane.dev']);

const markIn = (patch: MergePatch): string | undefined => (patch as Partial<KubeObject>).metadata?.annotations?.[MARK];

function* checkWrite({ key, mark, outcome, code, object }: Write, found: readonly Version[]): Generator<string> {
  if (found.length > 1) yield `write ${mark} of ${key} is in the log ${found.length} times, at ${found.map(({ offset }) => offset)}`;
  if (outcome === 'refused' && found.length > 0) yield `write ${mark} of ${key} was refused with ${code}, but is in the log at ${found[0]!.offset}`;
  if (outcome !== 'acknowledged') return;
  const [version] = found;
  if (!version) {
    yield `write ${mark} of ${key} was acknowledged at ${object!.metadata.resourceVersion}, but is not in the log`;
    return;
  }
  if (!same(shown(version.object), withoutManagers(object!))) {
    yield `write ${mark} of ${key} was answered with another object than the log has at ${version.offset}: ${JSON.stringify(object)}, not ${JSON.stringify(version.object)}`;
  }
}

function* counters({ cluster, replay, history }: Evidence): Generator<string> {
  for (const [id, { acknowledged, unknown }] of history.counters) {
    const [of, key] = id.split(' ') as [string, string];
    if (of !== cluster) continue;
    const count = Number((replay.get(key) as ConfigMap | undefined)?.data?.['count'] ?? 0);
    if (count < acknowledged || count > acknowledged + unknown)
      yield `${key} stands at ${count}, after ${acknowledged} additions that were acknowledged and ${unknown} of which nothing is known`;
  }
}

function* deletions({ cluster, replay, history }: Evidence): Generator<string> {
  for (const deletion of history.deletions) {
    if (deletion.cluster !== cluster || !deletion.uid) continue;
    const found = replay.of(deletion.key).filter(({ type, object }) => type === 'DELETED' && object.metadata.uid === deletion.uid);
    if (found.length !== 1) yield `${parseKey(deletion.key).resource} ${deletion.key} was deleted ${found.length} times, and answered as gone`;
  }
}
