import { type GroupResource, type Key, type KubeObject, parseKey } from '../../core/kube/object.ts';
import type { User } from '../../core/kube/user.ts';
import type { LogEvent } from '../../core/log/event.ts';
import type { LogEntry } from '../../core/log/log.ts';
import type { KindOf } from '../../core/schema/kind-of.ts';

/** One event and what it left, by this file's own reckoning. */
export interface Version {
  readonly offset: number;
  readonly type: LogEvent['type'];
  readonly key: Key;
  /** After the event; of a deleted object, its last state. With the event's offset as its resourceVersion. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly actor: User;
  readonly cause: number | undefined;
  readonly time: number;
}

/**
 * The history of a cluster, folded from its log without any code of the core (decoder.ts reads the entries): what projections, reads and watches are held against.
 * Throws when an event does not fit what is there.
 */
export class Replay {
  readonly versions: Version[] = [];
  readonly #byKey = new Map<Key, Version[]>();
  readonly #keys = new Map<string, Key[]>();
  #end = 0;

  constructor(entries: readonly LogEntry[]) {
    for (const { events, offset, time } of entries) for (const [i, event] of events.entries()) this.#fold(event, offset + i, time);
  }

  get end(): number {
    return this.#end;
  }

  /** The object at a key right after an offset. */
  get(key: Key, offset = this.#end): KubeObject | undefined {
    const version = lastUpTo(this.#byKey.get(key) ?? [], offset);
    return version && version.type !== 'DELETED' ? version.object : undefined;
  }

  /** The objects of a resource right after an offset, in no particular order. */
  list<R extends GroupResource>(resource: R, { namespace, offset = this.#end }: { namespace?: string | undefined; offset?: number } = {}): KindOf<R>[] {
    return (this.#keys.get(resource) ?? []).flatMap((key) => {
      const object = this.get(key, offset);
      return object && (namespace === undefined || object.metadata.namespace === namespace) ? [object as KindOf<R>] : [];
    });
  }

  /** Every object right after an offset. */
  all(offset = this.#end): Map<Key, KubeObject> {
    const out = new Map<Key, KubeObject>();
    for (const key of this.#byKey.keys()) {
      const object = this.get(key, offset);
      if (object) out.set(key, object);
    }
    return out;
  }

  /** What happened at an offset. */
  versionAt(offset: number): Version | undefined {
    const first = this.versions[0]?.offset ?? 0;
    return this.versions[offset - first];
  }

  /** What happened at a key, oldest first. */
  of(key: Key): readonly Version[] {
    return this.#byKey.get(key) ?? [];
  }

  /** The first offset from `from` up to `to` at which what is at a key (nothing: undefined) is as `fits` says. */
  firstOffset(key: Key, { from, to }: { from: number; to: number }, fits: (object: KubeObject | undefined) => boolean): number | undefined {
    if (from <= to && fits(this.get(key, from))) return from;
    return this.of(key).find(({ offset, type, object }) => offset > from && offset <= to && fits(type === 'DELETED' ? undefined : object))?.offset;
  }

  #fold(event: LogEvent, offset: number, time: number): void {
    const { key, type, actor, cause } = event;
    const versions = this.#byKey.get(key) ?? [];
    const last = versions.at(-1);
    const previous = last?.type === 'DELETED' ? undefined : last?.object;
    if ((type === 'ADDED') === (previous !== undefined))
      throw new Error(`offset ${offset}: ${type} of ${key}, which ${previous ? 'is there' : 'is not there'}`);
    const next = 'object' in event ? event.object : 'patch' in event ? (merged(previous, event.patch) as KubeObject) : previous!;
    const object = { ...next, metadata: { ...next.metadata, resourceVersion: String(offset) } };
    const version = { offset, type, key, object, previous, actor, cause, time };
    this.versions.push(version);
    if (versions.push(version) === 1) {
      this.#byKey.set(key, versions);
      const { resource } = parseKey(key);
      this.#keys.set(resource, [...(this.#keys.get(resource) ?? []), key]);
    }
    this.#end = offset;
  }
}

/** RFC 7386, section 2. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out: Record<string, unknown> = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    const before = Object.hasOwn(out, name) ? out[name] : undefined;
    if (value === null) delete out[name];
    // Not an assignment: `__proto__` is a name like any other.
    else Object.defineProperty(out, name, { value: merged(before, value), writable: true, enumerable: true, configurable: true });
  }
  return out;
}

function lastUpTo(versions: readonly Version[], offset: number): Version | undefined {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (versions[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return versions[low - 1];
}

/** What each log comes to; none of one that makes no sense. */
export function replaysOf(logs: ReadonlyMap<string, readonly LogEntry[]>, failed: (cluster: string, error: unknown) => void): Map<string, Replay> {
  const replays = new Map<string, Replay>();
  for (const [cluster, entries] of logs) {
    try {
      replays.set(cluster, new Replay(entries));
    } catch (error) {
      failed(cluster, error);
    }
  }
  return replays;
}
