import { type ClusterInstant, clusterInstant } from '../instant.ts';
import { type GroupResource, type Key, type KubeObject, keyOf, parseKey } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Offset } from '../log/log.ts';
import type { Change, Stamp } from './change.ts';
import { type Index, type IndexName, indexes, keysUnder } from './indexes.ts';
import type { Reads } from './reads.ts';
import { emptyTree, type Tree, valuesWithPrefix } from './tree.ts';
import { Folded, type View } from './view.ts';

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
  /** How many objects there are. */
  readonly size: number;
  /** By resource, by `namespace/name`. */
  readonly #objects: ReadonlyMap<GroupResource, Tree<KubeObject>>;
  readonly #views: Map<View<unknown>, Folded<unknown>>;
  readonly #listed: Map<GroupResource, readonly KubeObject[]>;
  readonly #reads: Reads | undefined;

  private constructor({ offset, time, aheadMinutes = 0, objects, views, listed = new Map(), reads }: Contents) {
    this.offset = offset;
    this.time = time;
    this.aheadMinutes = aheadMinutes;
    this.#objects = objects;
    this.#views = views;
    this.#listed = listed;
    this.#reads = reads;
    let size = 0;
    for (const tree of objects.values()) size += tree.size;
    this.size = size;
  }

  /** A cluster that has not begun. */
  static readonly empty = new State({ offset: 0, time: clusterInstant(0), objects: new Map(), views: new Map() });

  /** A state as a snapshot keeps it: trees of objects as they were right after an offset. For `StateBuilder`. */
  static of(contents: Omit<Contents, 'views'>): State {
    return new State({ ...contents, views: new Map() });
  }

  /** The same state, and what is read of it, or of a draft that is made from it, is noted. */
  observed(reads: Reads | undefined): State {
    const { offset, time, aheadMinutes } = this;
    return new State({ offset, time, aheadMinutes, objects: this.#objects, views: this.#views, listed: this.#listed, reads });
  }

  get<T extends KubeObject = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined {
    this.#reads?.object(resource, namespace, name);
    return this.#objects.get(resource)?.get(`${namespace ?? ''}/${name}`) as T | undefined;
  }

  /** All objects of a resource (in one namespace, when given), ordered by `namespace/name` as etcd orders its keys. */
  list<T extends KubeObject = KubeObject>(resource: GroupResource, namespace?: string): readonly T[] {
    this.#reads?.list(resource, namespace);
    const tree = this.#objects.get(resource);
    if (!tree) return [];
    if (namespace !== undefined) return valuesWithPrefix(tree, `${namespace}/`) as T[];
    let listed = this.#listed.get(resource);
    if (!listed) {
      listed = tree.valuesArray();
      this.#listed.set(resource, listed);
    }
    return listed as readonly T[];
  }

  /** The keys of what stands under `value` in an index, in their order. */
  keys(index: Index | IndexName, value: string): readonly Key[] {
    const asked = typeof index === 'string' ? indexes[index] : index;
    this.#reads?.index(asked, value);
    return keysUnder(this.#derived(asked), value);
  }

  /** The objects that stand under `value` in an index, in the order of their keys. */
  by<T extends KubeObject = KubeObject>(index: Index | IndexName, value: string): readonly T[] {
    return this.keys(index, value).map((key) => {
      const [resource, path] = divided(key);
      return this.#objects.get(resource)!.get(path) as T;
    });
  }

  /** What a view is derived to here. Computed from all objects the first time, from then on kept up. */
  view<T>(view: View<T>): T {
    this.#reads?.view(view as View<unknown>);
    return this.#derived(view);
  }

  #derived<T>(view: View<T>): T {
    let folded = this.#views.get(view as View<unknown>);
    if (!folded) {
      // What it is derived from is not read by whoever asks: the view is.
      folded = Folded.from(view as View<unknown>, (this.#reads ? this.observed(undefined) : this).#additions(view.of));
      this.#views.set(view as View<unknown>, folded);
    }
    return folded.value as T;
  }

  /** All objects of some resources, each as if it had just been added. */
  #additions(of: View<unknown>['of']): Change[] {
    const out: Change[] = [];
    for (const resource of of === 'all' ? this.resources : of) {
      for (const [key, object] of this.entries(resource)) {
        out.push({ offset: Number(object.metadata.resourceVersion), type: 'ADDED', key, object, actor: userNamed(''), time: this.time });
      }
    }
    return out;
  }

  /** The resources that there are objects of. */
  get resources(): readonly GroupResource[] {
    this.#reads?.everything();
    return [...this.#objects.keys()];
  }

  /** Every object with its key: of one resource, or of all, for a snapshot. */
  *entries(only?: GroupResource): Generator<readonly [Key, KubeObject]> {
    for (const resource of only === undefined ? this.resources : [only]) {
      for (const object of this.list(resource)) yield [keyOf(resource, object.metadata.namespace, object.metadata.name), object];
    }
  }

  /** The beginning of the state after this one; only `evolve` makes use of it. */
  edit(): Edit {
    const objects = new Map(this.#objects);
    const copied = new Set<GroupResource>();
    return {
      at: (key) => {
        const [resource, path] = divided(key);
        return objects.get(resource)?.get(path);
      },
      put: (key, object) => {
        const [resource, path] = divided(key);
        if (!copied.has(resource)) {
          objects.set(resource, objects.get(resource)?.clone() ?? emptyTree());
          copied.add(resource);
        }
        const tree = objects.get(resource)!;
        if (object) tree.set(path, object);
        else tree.delete(path);
        if (tree.size === 0) objects.delete(resource);
        if (tree.size === 0) copied.delete(resource);
      },
      done: (changes, { time, aheadMinutes }) => {
        const offset = this.offset + changes.length;
        const next = new State({
          offset,
          time: clusterInstant(Math.max(this.time, time)),
          aheadMinutes,
          objects,
          views: this.#viewsAfter(changes),
          reads: this.#reads,
        });
        for (const [resource, listed] of this.#listed) if (objects.get(resource) === this.#objects.get(resource)) next.#listed.set(resource, listed);
        return next;
      },
    };
  }

  #viewsAfter(changes: readonly Change[]): Map<View<unknown>, Folded<unknown>> {
    const views = new Map<View<unknown>, Folded<unknown>>();
    if (this.#views.size === 0) return views;
    const byResource = Map.groupBy(changes, ({ key }) => parseKey(key).resource);
    for (const [view, folded] of this.#views) {
      const next = folded.next(concerning(view.of, changes, byResource), this.size);
      if (next) views.set(view, next);
    }
    return views;
  }
}

/** Puts together the state of a snapshot, object by object. */
export class StateBuilder {
  readonly #objects = new Map<GroupResource, Tree<KubeObject>>();

  add(key: Key, object: KubeObject): void {
    const [resource, path] = divided(key);
    let tree = this.#objects.get(resource);
    if (!tree) {
      tree = emptyTree();
      this.#objects.set(resource, tree);
    }
    tree.set(path, object);
  }

  /** The state, once everything was added; the builder has done its work then. */
  state({ offset, time, aheadMinutes }: Stamp & { readonly offset: Offset }): State {
    return State.of({ offset, time, aheadMinutes, objects: this.#objects });
  }
}

interface Contents extends Stamp {
  readonly offset: Offset;
  readonly objects: ReadonlyMap<GroupResource, Tree<KubeObject>>;
  readonly views: Map<View<unknown>, Folded<unknown>>;
  /** All objects of a resource, once somebody asked for them. */
  readonly listed?: Map<GroupResource, readonly KubeObject[]>;
  readonly reads?: Reads | undefined;
}

/** The next state while it is being made. */
export interface Edit {
  at(key: Key): KubeObject | undefined;
  put(key: Key, object: KubeObject | undefined): void;
  done(changes: readonly Change[], at: Stamp): State;
}

function concerning(of: View<unknown>['of'], changes: readonly Change[], byResource: ReadonlyMap<GroupResource, readonly Change[]>): readonly Change[] {
  if (of === 'all') return changes;
  if (of.length === 1) return byResource.get(of[0]!) ?? [];
  return of.some((resource) => byResource.has(resource)) ? changes.filter(({ key }) => of.includes(parseKey(key).resource)) : [];
}

/** A key as its resource and its `namespace/name`. */
function divided(key: Key): [resource: GroupResource, path: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}
