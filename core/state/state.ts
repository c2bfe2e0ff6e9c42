import { type ClusterInstant, clusterInstant } from '../instant.ts';
import { type GroupResource, type Key, type KubeObject, keyOf, type ObjectKey, parseKey } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Offset } from '../log/event.ts';
import type { KindOf } from '../schema/kind-of.ts';
import type { Change, Stamp } from './change.ts';
import { type Index, type Indexed, type IndexName, indexes, type Keys, keysUnder } from './indexes.ts';
import { Objects } from './objects.ts';
import { type Ordered, orderedView } from './ordered.ts';
import type { Condition, Limit, Reads } from './reads.ts';
import { compareText, type Tree } from './tree.ts';
import type { Unread } from './unread.ts';
import { Derived, isAmong, type View } from './view.ts';

/**
 * The state of a cluster at one point, as a value: the newest, a draft of what may be appended next, the past and a what-if are all one of these. It never
 * changes, so that it may be held for as long as one likes, across awaits too; what comes after it (`evolve.ts`) shares all that stays the same.
 * Objects are shared as well: never change one in place.
 */
export class State {
  /** The last event that it contains. */
  readonly offset: Offset;
  /** When that was appended; never goes back from one state to the next. */
  readonly time: ClusterInstant;
  /** By how many whole minutes that was ahead of the wall clock of the entry's writer. */
  readonly aheadMinutes: number;
  readonly #objects: Objects;
  readonly #derived: Derived;
  /** What was unread of the snapshot that it was read from. */
  readonly #brought: Brought;
  readonly #reads: Reads | undefined;

  private constructor({ offset, time, aheadMinutes = 0, objects, derived, brought, reads }: Contents) {
    this.offset = offset;
    this.time = time;
    this.aheadMinutes = aheadMinutes;
    this.#objects = objects;
    this.#derived = derived;
    this.#brought = brought;
    this.#reads = reads;
  }

  /** A cluster that has not begun. */
  static readonly empty = State.of({ offset: 0, time: clusterInstant(0), objects: Objects.none() });

  /** A state as a snapshot keeps it: the objects as they were right after an offset. For `StateBuilder`. */
  static of({ unread = new Map(), objects, ...at }: Stamp & { readonly offset: Offset; readonly objects: Objects; readonly unread?: UnreadOf }): State {
    const written = new Map([...unread].map(([resource, stretches]) => [resource, oldestOf(stretches)]));
    return new State({
      ...at,
      objects: unread.size > 0 ? Objects.of(objects, unread) : objects,
      derived: Derived.from(),
      brought: { offset: at.offset, written },
    });
  }

  /** How many objects there are. */
  get size(): number {
    return this.#objects.size;
  }

  /** The same state, and what is read of it, or of a draft that is made from it, is noted. */
  observed(reads: Reads | undefined): State {
    const { offset, time, aheadMinutes } = this;
    return new State({ offset, time, aheadMinutes, objects: this.#objects, derived: this.#derived, brought: this.#brought, reads });
  }

  /** A draft, as it stands once its events are in the log. */
  at({ time, aheadMinutes }: Stamp): State {
    const { offset } = this;
    return new State({
      offset,
      time: clusterInstant(Math.max(this.time, time)),
      aheadMinutes,
      objects: this.#objects,
      derived: this.#derived,
      brought: this.#brought,
    });
  }

  /** The same objects, as what another offset of their log has led to. */
  movedTo(offset: Offset): State {
    const { time, aheadMinutes } = this;
    return new State({ offset, time, aheadMinutes, objects: this.#objects, derived: this.#derived, brought: this.#brought });
  }

  /** Whether what is read of it is noted. */
  get isObserved(): boolean {
    return this.#reads !== undefined;
  }

  get<R extends GroupResource>(resource: R, namespace: string | undefined, name: string): KindOf<R> | undefined {
    this.#reads?.object(resource, namespace, name);
    return this.#objects.get(resource, namespace ?? '', name) as KindOf<R> | undefined;
  }

  /** As `get`, of what is in memory: an object that a snapshot brought unread is not there. To share parts with, where that is worth no reading. */
  inMemory(resource: GroupResource, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.inMemory({ resource, namespace, name });
  }

  /**
   * When the oldest of a resource's Events was last written, of those that the snapshot had unread from which this state goes on; undefined when it had none of them unread. It stays the
   * same when they are read, changed or gone.
   */
  broughtSince(resource: GroupResource): number | undefined {
    return this.#brought.written.get(resource);
  }

  /** About how many bytes of memory the objects of a resource take that a snapshot brought unread: as they were stored, and more once they are read. */
  broughtBytes(resource: GroupResource): number {
    return this.#objects.broughtBytes(resource);
  }

  /** All objects of a resource (in one namespace, when given), ordered by `namespace/name` as etcd orders its keys. */
  list<R extends GroupResource>(resource: R, namespace?: string): readonly KindOf<R>[] {
    this.#reads?.list(resource, namespace);
    const ordered = this.#ordered(resource);
    return (namespace === undefined ? ordered.all : ordered.in(namespace)) as readonly KindOf<R>[];
  }

  #ordered(resource: GroupResource): Ordered {
    return this.#derived.get(orderedView(resource), () => [...this.#objects.of(resource)].map((object) => this.#addition(resource, object)));
  }

  /** The keys of what stands under `value` in an index, in their order. */
  keys(index: Index<never> | IndexName, value: string): readonly Key[] {
    return keysUnder(this.#index(index, value), value);
  }

  /** The objects that stand under `value` in an index, in the order of their keys. */
  by<N extends IndexName>(index: N, value: string): readonly Indexed<(typeof indexes)[N]>[];
  by<T extends KubeObject>(index: Index<T>, value: string): readonly T[];
  by(index: Index<never> | IndexName, value: string): readonly KubeObject[] {
    const keys = this.#index(index, value).get(value);
    if (keys === undefined) return [];
    if (typeof keys === 'string') {
      const { resource, namespace, name } = parseKey(keys);
      return [this.#objects.get(resource, namespace, name)!];
    }
    const out: KubeObject[] = [];
    // Keys in their order are mostly of one namespace, and the names are the objects' own: what makes a long list is one look into a table each.
    let place = '';
    let named: ReadonlyMap<string, KubeObject> | undefined;
    keys.forEachPair((key, name) => {
      if (place === '' || !key.startsWith(place) || key.length !== place.length + name.length) {
        const { resource, namespace } = parseKey(key);
        place = keyOf(resource, namespace, '');
        named = this.#objects.named(resource, namespace);
      }
      out.push(named!.get(name)!);
    });
    return out;
  }

  #index(index: Index<never> | IndexName, value: string): Tree<Keys> {
    const asked = typeof index === 'string' ? indexes[index] : index;
    this.#reads?.index(asked, value);
    return this.#valueOf(asked);
  }

  /** Notes that a decision keeps within what is left of something under a value, as it has found by a view. */
  keepWithin(limit: Limit, value: string): void {
    this.#reads?.limit(limit, value);
  }

  /** Notes that a decision rests on something that has to stay so among the objects of a resource. */
  restOn<R extends GroupResource>(condition: Condition<R>): void {
    this.#reads?.condition(condition as unknown as Condition);
  }

  /** What a view is derived to here. Computed from all objects the first time, from then on kept up. */
  view<T>(view: View<T>): T {
    this.#reads?.view(view as View<unknown>);
    return this.#valueOf(view);
  }

  #valueOf<T>(view: View<T>): T {
    // The caller has read the view, and not what it is derived from.
    return this.#derived.get(view, () => (this.#reads ? this.observed(undefined) : this).#additions(view as View<unknown>));
  }

  /** All objects that a view is derived from, each as if it had just been added. */
  #additions({ of, sinceSnapshot }: View<unknown>): Change[] {
    const resources = Array.isArray(of) ? (of as readonly GroupResource[]) : this.resources.filter((resource) => isAmong(of, resource));
    return resources.flatMap((resource) => {
      const objects = sinceSnapshot && this.#brought.written.has(resource) ? this.#writtenSince(resource) : this.list(resource);
      return objects.map((object) => this.#addition(resource, object));
    });
  }

  /** The objects of a resource that were written after the snapshot: they are in memory. */
  #writtenSince(resource: GroupResource): KubeObject[] {
    return [...this.#objects.ofInMemory(resource)].filter(({ metadata }) => Number(metadata.resourceVersion) > this.#brought.offset);
  }

  #addition(resource: GroupResource, object: KubeObject): Change {
    const { namespace, name, resourceVersion } = object.metadata;
    return { offset: Number(resourceVersion), type: 'ADDED', key: keyOf(resource, namespace, name), object, actor: NO_ACTOR, time: this.time };
  }

  /** The resources that there are objects of. */
  get resources(): readonly GroupResource[] {
    this.#reads?.everything();
    return this.#objects.resources();
  }

  /** Every object with its key: of one resource, or of all, for a snapshot. */
  *entries(only?: GroupResource): Generator<readonly [Key, KubeObject]> {
    for (const resource of only === undefined ? this.resources : [only]) {
      for (const object of this.list(resource)) yield [keyOf(resource, object.metadata.namespace, object.metadata.name), object];
    }
  }

  /** How many objects of a resource there are (in one namespace, when given). */
  count(resource: GroupResource, namespace?: string): number {
    this.#reads?.list(resource, namespace);
    return namespace === undefined ? this.#objects.count(resource) : this.#ordered(resource).countIn(namespace);
  }

  /** The objects of a resource from a `namespace/name` on (none: from the first on), in their order. */
  *objectsFrom(resource: GroupResource, from: string | undefined): Generator<readonly [path: string, object: KubeObject]> {
    const all = this.list(resource);
    for (let i = from === undefined ? 0 : placeAmong(all, from); i < all.length; i++) yield [pathOf(all[i]!), all[i]!];
  }

  /** Whether a resource is as two states have it for certain: as the snapshot had it that both were read from, and of which nothing was asked for yet. */
  isUnreadAsIn(other: State, resource: GroupResource): boolean {
    const [these, those] = [this.#objects.unread(resource), other.#objects.unread(resource)];
    if (these.length === 0 || these.length !== those.length || these.some((stretch, i) => stretch !== those[i])) return false;
    return this.#objects.ofInMemory(resource).next().done === true && other.#objects.ofInMemory(resource).next().done === true;
  }

  /** The `namespace/name`s under which this state and another have different objects of a resource, in order. What both share is known by its identity. */
  differences(other: State, resource: GroupResource): readonly string[] {
    const [these, those] = [this.list(resource), other.list(resource)];
    const paths: string[] = [];
    for (let i = 0, j = 0; i < these.length || j < those.length; ) {
      if (these[i] === those[j]) {
        i++;
        j++;
        continue;
      }
      const order = j === those.length ? -1 : i === these.length ? 1 : compareText(pathOf(these[i]!), pathOf(those[j]!));
      paths.push(pathOf(order > 0 ? those[j]! : these[i]!));
      if (order <= 0) i++;
      if (order >= 0) j++;
    }
    return paths;
  }

  /** The beginning of the state after this one; only `evolve` makes use of it. */
  edit(): Edit {
    return new Edit(this.#objects, (objects, changes, { time, aheadMinutes }) => {
      const offset = this.offset + changes.length;
      const derived = this.#derived.next(changes, this.size);
      const brought = this.#brought;
      return new State({ offset, time: clusterInstant(Math.max(this.time, time)), aheadMinutes, objects, derived, brought, reads: this.#reads });
    });
  }
}

/** The next state while it is being made. */
export class Edit {
  #objects: Objects;
  readonly #done: (objects: Objects, changes: readonly Change[], at: Stamp) => State;

  constructor(objects: Objects, done: (objects: Objects, changes: readonly Change[], at: Stamp) => State) {
    this.#objects = objects;
    this.#done = done;
  }

  at(key: Key): KubeObject | undefined {
    const { resource, namespace, name } = parseKey(key);
    return this.#objects.get(resource, namespace, name);
  }

  /** What is there, of what is in memory. */
  inMemoryAt(key: Key): KubeObject | undefined {
    return this.#objects.inMemory(parseKey(key));
  }

  /** Puts an object (or none) in the place of what is there before. */
  put(key: Key, object: KubeObject | undefined, before: KubeObject | undefined): void {
    this.#objects = this.#objects.with(placeOf(key, object ?? before), object, before);
  }

  done(changes: readonly Change[], at: Stamp): State {
    return this.#done(this.#objects, changes, at);
  }
}

/** Puts together the state of a snapshot, object by object. */
export class StateBuilder {
  #objects = Objects.none();
  readonly #unread = new Map<GroupResource, Unread[]>();

  add(key: Key, object: KubeObject): void {
    this.#objects = this.#objects.with(placeOf(key, object), object, undefined);
  }

  /** The next stretch of a resource of which nothing else is added. */
  addUnread(resource: GroupResource, stretch: Unread): void {
    const others = this.#unread.get(resource);
    if (others) others.push(stretch);
    else this.#unread.set(resource, [stretch]);
  }

  /** The state, once everything was added. */
  state({ offset, time, aheadMinutes }: Stamp & { readonly offset: Offset }): State {
    return State.of({ offset, time, aheadMinutes, objects: this.#objects, unread: this.#unread });
  }
}

/** With the object's own name, not a part of the key that would keep all of that in memory. */
function placeOf(key: Key, object: KubeObject | undefined): ObjectKey {
  const place = parseKey(key);
  if (object) place.name = object.metadata.name;
  return place;
}

interface Contents extends Stamp {
  readonly offset: Offset;
  readonly objects: Objects;
  readonly derived: Derived;
  readonly brought: Brought;
  readonly reads?: Reads | undefined;
}

type UnreadOf = ReadonlyMap<GroupResource, readonly Unread[]>;

/** Of a snapshot: its offset, and since when the objects of the resources that were unread were written. */
interface Brought {
  readonly offset: Offset;
  readonly written: ReadonlyMap<GroupResource, number>;
}

/** What has no time, or none that is known, may be as old as one likes. */
const oldestOf = (stretches: readonly Unread[]): number => stretches.reduce((oldest, { written = 0 }) => Math.min(oldest, written), Number.POSITIVE_INFINITY);

/** Of changes that were never made: a view begins with what is there. */
const NO_ACTOR = userNamed('');

/** `namespace/name` */
const pathOf = ({ metadata: { namespace, name } }: KubeObject): string => `${namespace ?? ''}/${name}`;

/** Where objects, in the order of their paths, begin to be at or behind a path. */
function placeAmong(objects: readonly KubeObject[], path: string): number {
  let [from, to] = [0, objects.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compareText(pathOf(objects[middle]!), path) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
