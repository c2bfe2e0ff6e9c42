import { type Key, type KubeObject, keyOf, parseKey, same } from '../../../core/kube/object.ts';
import type { ConfigMap } from '../../../core/schema/generated/kinds.ts';
import { names } from '../operations/undoing.ts';
import type { Replay, Version } from '../replay.ts';
import type { Checker } from './checker.ts';

/**
 * What is to be done at once is one entry: the record, all that it caused, and what it tells of that. An undo leaves what was there before the request that it takes back, where nothing else has changed it since, and a
 * restore what was there then.
 */
export const atOnce: Checker = {
  name: 'at once',
  *check({ entries, replay }) {
    const caused = Map.groupBy(replay.versions, ({ cause }) => cause);
    for (const { events, offset } of entries) {
      for (const [i, { key, type }] of events.entries()) {
        if (type !== 'ADDED' || !RECORDS.includes(parseKey(key).resource)) continue;
        const version = replay.versionAt(offset + i);
        if (!version) continue;
        const told = replay.of(key).find((later) => later.offset > version.offset);
        if (!told || told.offset >= offset + events.length) {
          yield `${key} at ${version.offset} does not tell in its entry what came of it`;
          continue;
        }
        const changes = caused.get(version.offset) ?? [];
        for (const change of changes)
          if (change.offset > told.offset && change.actor.username === version.actor.username)
            yield `${change.key} at ${change.offset} was caused by ${key}, and is not of its entry`;
        yield* stepsOf(told, replay);
        yield* outcomeOf(version, told, { replay, caused });
      }
    }
  },
};

const RECORDS = ['transactions.logplane.dev', 'undos.logplane.dev', 'restores.logplane.dev'];

interface Told {
  readonly status?: {
    readonly steps?: readonly { readonly resource: string; readonly namespace?: string; readonly name: string; readonly resourceVersion?: string }[];
  };
}

/** What a transaction tells of where its steps are. */
function* stepsOf({ key, object }: Version, replay: Replay): Generator<string> {
  for (const { resource, namespace, name, resourceVersion } of (object as Told).status?.steps ?? []) {
    const at = resourceVersion === undefined ? undefined : replay.versionAt(Number(resourceVersion));
    if (at && at.key !== keyOf(resource, namespace, name)) yield `${key} says that ${name} is at ${resourceVersion}, where ${at.key} is`;
  }
}

interface Known {
  readonly replay: Replay;
  readonly caused: ReadonlyMap<number | undefined, readonly Version[]>;
}

function* outcomeOf({ key, object, offset }: Version, told: Version, { replay, caused }: Known): Generator<string> {
  const { request, at } = (object as KubeObject & { spec: { request?: number; at?: number } }).spec;
  const keys =
    at === undefined ? new Set((caused.get(request) ?? []).map((change) => change.key)) : new Set(names.map((name) => keyOf('configmaps', 'default', name)));
  const before = at ?? request! - 1;
  if (request === undefined && at === undefined) return;
  for (const changed of keys) {
    if (at === undefined && hasOthers(changed, { replay, from: request!, to: offset, request: request! })) continue;
    const [was, is] = [dataOf(changed, replay, before), dataOf(changed, replay, told.offset)];
    if (!same(was, is)) yield `${key} at ${offset} leaves ${changed} as ${JSON.stringify(is)}, which was ${JSON.stringify(was)} at ${before}`;
  }
}

const hasOthers = (key: Key, { replay, from, to, request }: { replay: Replay; from: number; to: number; request: number }): boolean =>
  replay.of(key).some(({ offset, cause }) => offset > from && offset < to && cause !== request);

const dataOf = (key: Key, replay: Replay, offset: number): unknown =>
  (replay.get(key, offset) as ConfigMap | undefined)?.data ?? (replay.get(key, offset) ? {} : 'absent');
