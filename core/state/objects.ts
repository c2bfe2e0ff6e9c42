import type { GroupResource, KubeObject, ObjectKey } from '../kube/object.ts';

/**
 * The objects of a cluster by resource, namespace and name, as a value: what comes after it (`with`) is another one. To look something up costs as much as in a
 * `Map`, for it is one: the version that was used last owns a table that is changed in place, and each other version says in what one object it differs
 * from its neighbour on the way there (H. Baker, "Shallow Binding Makes Functional Arrays Fast", 1991). A version that is used again takes the table over,
 * one difference after the other. Versions lie far apart only where the past is looked at: one that is far away gets a table of its own.
 */
export class Objects {
  /** How many there are. */
  readonly size: number;
  #table: Table | undefined;
  /** The neighbour on the way to the table's owner; none when that is this version. */
  #towards: Difference | undefined;

  private constructor(size: number) {
    this.size = size;
  }

  static none(): Objects {
    const none = new Objects(0);
    none.#table = new Map();
    return none;
  }

  get(resource: GroupResource, namespace: string, name: string): KubeObject | undefined {
    return this.#owned().get(resource)?.get(namespace)?.get(name);
  }

  /** By name, what is in a namespace: to be read at once, for it is the table's own. */
  named(resource: GroupResource, namespace: string): ReadonlyMap<string, KubeObject> | undefined {
    return this.#owned().get(resource)?.get(namespace);
  }

  /** The objects of a resource, in no particular order. */
  *of(resource: GroupResource): Generator<KubeObject> {
    for (const named of this.#owned().get(resource)?.values() ?? []) yield* [...named.values()];
  }

  /** How many objects of a resource there are. */
  count(resource: GroupResource): number {
    let count = 0;
    for (const named of this.#owned().get(resource)?.values() ?? []) count += named.size;
    return count;
  }

  /** The resources that there are objects of, in the order of their names. */
  resources(): GroupResource[] {
    const table = this.#owned();
    return [...table.keys()].filter((resource) => [...table.get(resource)!.values()].some(({ size }) => size > 0)).sort();
  }

  /** With an object at a place, or with none; `before`: what stands there. */
  with({ resource, namespace, name }: ObjectKey, object: KubeObject | undefined, before: KubeObject | undefined): Objects {
    const next = new Objects(this.size + (object ? 1 : 0) - (before ? 1 : 0));
    if (this.size === 0) {
      // Nothing has to be kept of what holds nothing: clusters that begin with the same empty value have nothing to do with each other.
      next.#table = new Map();
      put(next.#table, { resource, namespace, name }, object);
    } else if (this.#table) {
      next.#table = this.#table;
      put(next.#table, { resource, namespace, name }, object);
      this.#table = undefined;
      this.#towards = { version: next, resource, namespace, name, object: before };
    } else {
      // What follows a version that is not in use (the past, say) takes nothing from the one that is.
      next.#towards = { version: this, resource, namespace, name, object };
    }
    return next;
  }

  /** The table, as it is in this version. */
  #owned(): Table {
    return this.#table ?? this.#takeOver();
  }

  #takeOver(): Table {
    const way: Objects[] = [this];
    let owner = this.#towards!.version;
    for (; owner.#towards; owner = owner.#towards.version) way.push(owner);
    if (way.length > NEAR + this.size * NEAR_OF_SIZE) return this.#copy(way, owner.#table!);
    const table = owner.#table!;
    for (let version = way.pop(); version; version = way.pop()) {
      const { resource, namespace, name, object } = version.#towards!;
      owner.#towards = { version, resource, namespace, name, object: table.get(resource)?.get(namespace)?.get(name) };
      put(table, version.#towards!, object);
      owner.#table = undefined;
      version.#towards = undefined;
      version.#table = table;
      owner = version;
    }
    return table;
  }

  /** A table of its own, made from the one of another version at the end of a way. */
  #copy(way: readonly Objects[], other: Table): Table {
    const table: Table = new Map();
    for (const [resource, spaces] of other) table.set(resource, new Map([...spaces].map(([namespace, named]) => [namespace, new Map(named)])));
    for (const version of way.toReversed()) put(table, version.#towards!, version.#towards!.object);
    this.#towards = undefined;
    this.#table = table;
    return table;
  }
}

type Named = Map<string, KubeObject>;
type Table = Map<GroupResource, Map<string, Named>>;

interface Difference extends ObjectKey {
  /** Which is otherwise the same as the version that has the difference. */
  readonly version: Objects;
  readonly object: KubeObject | undefined;
}

/**
 * How many differences away a version may be to take the table over. Further away, that and the way back cost more than a copy; and the newest version, while
 * it is not asked, would hold on to the objects of one that has long been forgotten.
 */
const NEAR = 1_000;
const NEAR_OF_SIZE = 1 / 16;

function put(table: Table, { resource, namespace, name }: ObjectKey, object: KubeObject | undefined): void {
  let spaces = table.get(resource);
  if (!spaces) {
    spaces = new Map();
    table.set(resource, spaces);
  }
  let named = spaces.get(namespace);
  if (!named) {
    named = new Map();
    spaces.set(namespace, named);
  }
  if (object) named.set(name, object);
  else named.delete(name);
}
