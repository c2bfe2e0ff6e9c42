import type { Clock } from '../env.ts';
import { type GroupResource, type Key, type KubeObject, parseKey } from '../kube/object.ts';
import type { Offset } from '../log/event.ts';
import { type Chunk, ChunksMissing, type EventLog, type Snapshot, type StoredSnapshot } from '../log/log.ts';
import { sharing } from '../log/patch.ts';
import { decodeRange, encodeState, type Layout, type Range } from './chunks.ts';
import { State, StateBuilder } from './state.ts';
import { LIGHT, Unread } from './unread.ts';

/**
 * A snapshot is the state at an offset: a cold start reads it and the entries after it, not the whole log. What is in its chunks: chunks.ts.
 */
export interface Taken {
  readonly snapshot: Snapshot;
  /** What is in the chunks that the layout before it had not. */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  readonly layout: Layout;
}

/** Encodes what of a state is not in the layout of an earlier one. */
export async function takeSnapshot(state: State, turn: () => Promise<void>, before?: Layout): Promise<Taken> {
  const { ranges, bytes } = await encodeState(state, turn, before);
  const { offset, time, aheadMinutes } = state;
  const chunks = [...ranges.values()].flatMap((those) => those.flatMap((range) => range.chunks));
  return { snapshot: { offset, time, ...(aheadMinutes > 0 && { aheadMinutes }), chunks }, bytes, layout: { state, ranges } };
}

/** Where a cluster's past is stored. */
export interface Stored {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: { readonly clock: Pick<Clock, 'turn'> };
}

/** Takes a snapshot and saves it. `before`: the layout of the last one, as far as it is known. */
export async function saveSnapshot({ log, cluster, env }: Stored, state: State, before?: Layout): Promise<Layout> {
  const turn = () => env.clock.turn();
  const taken = await takeSnapshot(state, turn, before);
  try {
    await log.saveSnapshot(cluster, taken.snapshot, taken.bytes);
    return taken.layout;
  } catch (error) {
    if (!(error instanceof ChunksMissing)) throw error;
    // The snapshot of that layout is gone by now, or damaged.
    const whole = await takeSnapshot(state, turn);
    await log.saveSnapshot(cluster, whole.snapshot, whole.bytes);
    return whole.layout;
  }
}

export interface Near {
  /** A state of the same log: what is the same in both is shared. */
  readonly near?: State;
  /** A state of another log: parts of objects that are the same in both are shared. */
  readonly like?: State;
  /** A layout of the same log, whose chunks need not be read again. */
  readonly known?: Layout | undefined;
}

/** The newest snapshot at or before an offset (any offset, when none is given), as it was taken; of the empty state when there is none. */
export async function newestSnapshot({ log, cluster, env }: Stored, { atMost, near, like, known }: Near & { atMost?: Offset } = {}): Promise<Layout> {
  const ranges = known && rangesByName(known);
  const snapshot = await log.loadSnapshot(cluster, { ...(atMost !== undefined && { atMost }), ...(ranges && { known: new Set(ranges.keys()) }) });
  return snapshot
    ? restoreSnapshot(snapshot, () => env.clock.turn(), { ...(near && { near }), ...(like && { like }), known })
    : { state: State.empty, ranges: new Map() };
}

/** The state that a snapshot was taken of, and how it is divided. `turn` is awaited between chunks. Telemetry is left unread (unread.ts). */
export async function restoreSnapshot(
  { offset, time, aheadMinutes, chunks, bytes }: StoredSnapshot,
  turn: () => Promise<void>,
  { near = State.empty, like, known }: Near = {},
): Promise<Layout> {
  const builder = new StateBuilder();
  const ranges = new Map<GroupResource, Range[]>();
  const there = known ? rangesByName(known) : new Map<string, Range>();
  for (const group of grouped(chunks)) {
    const { name, resource, objects: count } = group[0]!;
    const range = there.get(name);
    if (resource !== '' && count !== undefined && LIGHT.has(resource) && (!range || range.unread)) {
      const unread = (group.length === 1 && range?.unread) || unreadOf(group, bytes);
      builder.addUnread(resource, unread);
      place(resource, unreadRange(unread, group));
      continue;
    }
    if (range && resource !== '' && group.length === 1) {
      for (const [path, object] of objectsIn(known!.state, resource, range)) builder.add(`${resource}/${path}`, object);
      place(resource, range);
      continue;
    }
    const objects = decodeRange(
      group.map((chunk) => bytes.get(chunk.name)!),
      (key, object) => (like ? sharedWithAnother(like, key, object) : sharedWith(near, key, object)),
    );
    for (const [key, object] of objects) builder.add(key, object);
    if (resource !== '' && objects.length > 0) place(resource, { first: group[0]!.first, last: pathOf(objects.at(-1)![0]), chunks: group });
    await turn();
  }
  return { state: builder.state({ offset, time, aheadMinutes }), ranges };

  function place(resource: GroupResource, range: Range): void {
    const others = ranges.get(resource);
    if (others) others.push(range);
    else ranges.set(resource, [range]);
  }
}

function unreadOf(group: readonly Chunk[], bytes: ReadonlyMap<string, Uint8Array>): Unread {
  const { first, objects, written } = group[0]!;
  return new Unread({ first, count: objects!, written, bytes: group.map(({ name }) => bytes.get(name)!), decode: (stored) => decodeRange(stored, alone) });
}

/** Telemetry has next to nothing in common with what there was before. */
const alone = (_key: Key, object: KubeObject): KubeObject => object;

const unreadRange = (unread: Unread, chunks: readonly Chunk[]): Range => ({
  first: unread.first,
  get last() {
    return unread.last;
  },
  chunks,
  unread,
});

/** Chunks, those together that hold parts of one object. */
function* grouped(chunks: readonly Chunk[]): Generator<readonly Chunk[]> {
  let group: Chunk[] = [];
  for (const chunk of chunks) {
    group.push(chunk);
    if (chunk.continues) continue;
    yield group;
    group = [];
  }
}

/** The ranges that are one chunk, by its name. Two versions of an object that takes several may begin with the same one. */
const rangesByName = ({ ranges }: Layout): Map<string, Range> =>
  new Map([...ranges.values()].flatMap((those) => those.filter(({ chunks }) => chunks.length === 1).map((range) => [range.chunks[0]!.name, range])));

function* objectsIn(state: State, resource: GroupResource, { first, last }: Range): Generator<readonly [string, KubeObject]> {
  for (const entry of state.objectsFrom(resource, first)) {
    if (entry[0] > last) return;
    yield entry;
  }
}

const pathOf = (key: Key): string => key.slice(key.indexOf('/') + 1);

/** An object with the parts that are the same in another log's state taken from there. A version says nothing then. */
export function sharedWithAnother(like: State, key: Key, object: KubeObject): KubeObject {
  const { resource, namespace, name } = parseKey(key);
  const other = like.inMemory(resource, namespace, name);
  return other ? sharing(other, object) : object;
}

/** An object as a state of the same log has it, as far as it is the same there. One version is the same everywhere. */
export function sharedWith(near: State, key: Key, object: KubeObject): KubeObject {
  const { resource, namespace, name } = parseKey(key);
  const other = near.inMemory(resource, namespace, name);
  if (!other) return object;
  return other.metadata.resourceVersion === object.metadata.resourceVersion ? other : sharing(other, object);
}
