import { type GroupResource, type KubeObject, type ObjectKey, parseKey } from '../kube/object.ts';
import { Stretches, type Unread } from './unread.ts';

/**
 * The objects of a cluster by resource, namespace and name, as a value: what comes after it (`with`) is another one. To look something up costs as much as in a
 * `Map`, for it is one: the version that was used last owns a table that is changed in place, and each other version says in what one object it differs
 * from its neighbour on the way there (H. Baker, "Shallow Binding Makes Functional Arrays Fast", 1991). A version that is used again takes the table over,
 * one difference after the other. Versions lie far apart only where the past is looked at: one that is far away gets a table of its own.
 *
 * Some of what a snapshot brought may be unread: it comes into the table once one of its objects is asked for. No version is another one for that, as an object
 * changes only once it is in the table, in all versions that share it.
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
    none.#table = new Table();
    return none;
  }

  /** The objects of a snapshot: those that were read, and stretches of other resources. The version without these is of no use any more. */
  static of(read: Objects, unread: ReadonlyMap<GroupResource, readonly Unread[]>): Objects {
    let { size } = read;
    const stretches = new Map<GroupResource, Stretches>();
    for (const [resource, those] of unread) {
      stretches.set(resource, Stretches.of(those));
      for (const { count } of those) size += count;
    }
    const objects = new Objects(size);
    objects.#table = new Table(read.#owned().spaces, stretches);
    return objects;
  }

  get(resource: GroupResource, namespace: string, name: string): KubeObject | undefined {
    const table = this.#owned();
    const found = table.get(resource, namespace, name);
    return found || table.unread.size === 0 || !table.read(resource, namespace, name) ? found : table.get(resource, namespace, name);
  }

  /** The same, but what is unread is not there. */
  inMemory({ resource, namespace, name }: ObjectKey): KubeObject | undefined {
    return this.#owned().get(resource, namespace, name);
  }

  /** By name, what is in a namespace: to be read at once, for it is the table's own. */
  named(resource: GroupResource, namespace: string): ReadonlyMap<string, KubeObject> | undefined {
    return this.#whole(resource).get(resource)?.get(namespace);
  }

  /** The objects of a resource, in no particular order. */
  *of(resource: GroupResource): Generator<KubeObject> {
    for (const named of this.#whole(resource).get(resource)?.values() ?? []) yield* [...named.values()];
  }

  /** Those of them that are not unread. */
  *ofInMemory(resource: GroupResource): Generator<KubeObject> {
    for (const named of this.#owned().spaces.get(resource)?.values() ?? []) yield* [...named.values()];
  }

  /** The stretches of a resource that are unread. */
  unread(resource: GroupResource): readonly Unread[] {
    return this.#owned().unread.get(resource)?.left ?? [];
  }

  /** About how many bytes of memory the objects of a resource take that a snapshot brought unread: as they were stored, and more once they are read. */
  broughtBytes(resource: GroupResource): number {
    const table = this.#owned();
    let bytes = table.readBytes.get(resource) ?? 0;
    for (const { size } of this.unread(resource)) bytes += size;
    return bytes;
  }

  /** How many objects of a resource there are. */
  count(resource: GroupResource): number {
    let count = 0;
    for (const named of this.#owned().spaces.get(resource)?.values() ?? []) count += named.size;
    for (const stretch of this.unread(resource)) count += stretch.count;
    return count;
  }

  /** The resources that there are objects of, in the order of their names. */
  resources(): GroupResource[] {
    const { spaces, unread } = this.#owned();
    const read = [...spaces.keys()].filter((resource) => [...spaces.get(resource)!.values()].some(({ size }) => size > 0));
    return [...new Set([...read, ...unread.keys()])].sort();
  }

  /** With an object at a place, or with none; `before`: what stands there. */
  with({ resource, namespace, name }: ObjectKey, object: KubeObject | undefined, before: KubeObject | undefined): Objects {
    const next = new Objects(this.size + (object ? 1 : 0) - (before ? 1 : 0));
    if (this.size === 0) {
      // Nothing has to be kept of what holds nothing: clusters that begin with the same empty value have nothing to do with each other.
      next.#table = new Table();
      next.#table.put({ resource, namespace, name }, object);
    } else if (this.#table) {
      next.#table = this.#table;
      // What is added without a look at what is there leaves that unread: the log says that there is none.
      if (before) next.#table.change({ resource, namespace, name }, object);
      else next.#table.put({ resource, namespace, name }, object);
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

  /** With all of a resource in it. */
  #whole(resource: GroupResource): Spaces {
    const table = this.#owned();
    table.readAll(resource);
    return table.spaces;
  }

  #takeOver(): Table {
    const way: Objects[] = [this];
    let owner = this.#towards!.version;
    for (; owner.#towards; owner = owner.#towards.version) way.push(owner);
    if (way.length > NEAR + this.size * NEAR_OF_SIZE) return this.#copy(way, owner.#table!);
    const table = owner.#table!;
    for (let version = way.pop(); version; version = way.pop()) {
      const { resource, namespace, name, object } = version.#towards!;
      owner.#towards = { version, resource, namespace, name, object: table.get(resource, namespace, name) };
      table.change(version.#towards!, object);
      owner.#table = undefined;
      version.#towards = undefined;
      version.#table = table;
      owner = version;
    }
    return table;
  }

  /** A table of its own, made from the one of another version at the end of a way. */
  #copy(way: readonly Objects[], other: Table): Table {
    const table = other.copy();
    for (const version of way.toReversed()) table.change(version.#towards!, version.#towards!.object);
    this.#towards = undefined;
    this.#table = table;
    return table;
  }
}

type Spaces = Map<GroupResource, Map<string, Map<string, KubeObject>>>;

/** What one version has, by resource, namespace and name. */
class Table {
  readonly spaces: Spaces;
  /** What is not in it yet, of resources that have some of that. */
  readonly unread: Map<GroupResource, Stretches>;
  /** About how many bytes of memory what it has read takes. */
  readonly readBytes: Map<GroupResource, number>;

  constructor(spaces: Spaces = new Map(), unread: Map<GroupResource, Stretches> = new Map(), readBytes: Map<GroupResource, number> = new Map()) {
    this.spaces = spaces;
    this.unread = unread;
    this.readBytes = readBytes;
  }

  copy(): Table {
    const spaces: Spaces = new Map();
    for (const [resource, those] of this.spaces) spaces.set(resource, new Map([...those].map(([namespace, named]) => [namespace, new Map(named)])));
    return new Table(spaces, new Map([...this.unread].map(([resource, stretches]) => [resource, stretches.copy()])), new Map(this.readBytes));
  }

  get(resource: GroupResource, namespace: string, name: string): KubeObject | undefined {
    return this.spaces.get(resource)?.get(namespace)?.get(name);
  }

  /** Puts an object in the place of another one, which may be unread here: it was looked up in another table. */
  change(place: ObjectKey, object: KubeObject | undefined): void {
    if (this.unread.size > 0) this.read(place.resource, place.namespace, place.name);
    this.put(place, object);
  }

  put({ resource, namespace, name }: ObjectKey, object: KubeObject | undefined): void {
    let spaces = this.spaces.get(resource);
    if (!spaces) {
      spaces = new Map();
      this.spaces.set(resource, spaces);
    }
    let named = spaces.get(namespace);
    if (!named) {
      named = new Map();
      spaces.set(namespace, named);
    }
    if (object) named.set(name, object);
    else named.delete(name);
  }

  /** Reads the stretch that an object would be in. Returns whether there was one. */
  read(resource: GroupResource, namespace: string, name: string): boolean {
    const stretches = this.unread.get(resource);
    const stretch = stretches?.takeAt(`${namespace}/${name}`);
    if (!stretch) return false;
    if (stretches!.left.length === 0) this.unread.delete(resource);
    this.#takeIn(resource, stretch);
    return true;
  }

  readAll(resource: GroupResource): void {
    const stretches = this.unread.get(resource);
    if (!stretches) return;
    this.unread.delete(resource);
    for (const stretch of stretches.take()) this.#takeIn(resource, stretch);
  }

  #takeIn(resource: GroupResource, stretch: Unread): void {
    for (const [key, object] of stretch.objects) {
      // The object's own name: a part of the key would keep all of that in memory.
      const [{ namespace }, { name }] = [parseKey(key), object.metadata];
      if (this.get(resource, namespace, name)) throw new Error(`${key} was added although it exists already`);
      this.put({ resource, namespace, name }, object);
    }
    this.readBytes.set(resource, (this.readBytes.get(resource) ?? 0) + stretch.size * EXPANSION);
  }
}

/** How much larger objects are in memory than in a snapshot, about. */
const EXPANSION = 13;

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
