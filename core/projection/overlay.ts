import { type LogEntry, type LogEvent, lastOffset, type Offset } from '../log/log.ts';
import { type GroupResource, type Key, type KubeObject, keyOf, parseKey } from '../object.ts';
import { evolve } from './evolve.ts';
import { IndexSet } from './index-set.ts';
import type { Change, IndexName, State } from './state.ts';

/**
 * A state with differences laid over it: events that are not appended yet (a draft), or older objects over the newest (a view of the past).
 * It reads through to its base, so it is good only as long as the base does not move: use it up before the next `await`.
 */
export class Overlay implements State {
  readonly #base: State;
  #offset: Offset;
  /** By resource: `namespace/name` → the object here, or undefined where there is none. */
  readonly #over = new Map<GroupResource, Map<string, KubeObject | undefined>>();
  readonly #index = new IndexSet();
  readonly #listed = new Map<GroupResource, readonly KubeObject[]>();

  constructor(base: State, offset: Offset = base.offset) {
    this.#base = base;
    this.#offset = offset;
  }

  get offset(): Offset {
    return this.#offset;
  }

  /** Folds events that would be appended next; the objects get the resourceVersions that they will have. */
  apply(events: readonly LogEvent[], time: number): Change[] {
    return events.map((event) => {
      const offset = ++this.#offset;
      const { resource, namespace, name } = parseKey(event.key);
      const previous = this.get(resource, namespace, name);
      const object = evolve(previous, event, offset);
      this.put(event.key, event.type === 'DELETED' ? undefined : object);
      return changeOf(event, { offset, object, previous, time });
    });
  }

  /** Says what stands at a key here, whatever stands there in the base. */
  put(key: Key, object: KubeObject | undefined): void {
    const { resource, namespace, name } = parseKey(key);
    const path = `${namespace}/${name}`;
    let over = this.#over.get(resource);
    if (!over) {
      over = new Map();
      this.#over.set(resource, over);
    }
    this.#index.replace(key, over.get(path), object);
    over.set(path, object);
    this.#listed.delete(resource);
  }

  /** Says what stands at a key here and is about to change in the base. What was said of it before stands. */
  keep(key: Key, object: KubeObject | undefined): void {
    const { resource, namespace, name } = parseKey(key);
    const path = `${namespace}/${name}`;
    let over = this.#over.get(resource);
    if (!over) {
      over = new Map();
      this.#over.set(resource, over);
    }
    if (over.has(path)) return;
    this.#index.replace(key, undefined, object);
    over.set(path, object);
  }

  get<T extends KubeObject = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined {
    const over = this.#over.get(resource);
    const path = `${namespace ?? ''}/${name}`;
    if (over?.has(path)) return over.get(path) as T | undefined;
    return this.#base.get<T>(resource, namespace, name);
  }

  list<T extends KubeObject = KubeObject>(resource: GroupResource, namespace?: string): readonly T[] {
    const over = this.#over.get(resource);
    if (!over) return this.#base.list<T>(resource, namespace);
    if (namespace === undefined) {
      let listed = this.#listed.get(resource);
      if (!listed) {
        listed = merged(this.#base.list(resource), over);
        this.#listed.set(resource, listed);
      }
      return listed as readonly T[];
    }
    const within = new Map([...over].filter(([path]) => path.startsWith(`${namespace}/`)));
    return merged(this.#base.list(resource, namespace), within) as T[];
  }

  keys(index: IndexName, value: string): readonly Key[] {
    const out: Key[] = [...this.#index.keys(index, value)];
    for (const key of this.#base.keys(index, value)) {
      const { resource, namespace, name } = parseKey(key);
      if (!this.#over.get(resource)?.has(`${namespace}/${name}`)) out.push(key);
    }
    return out;
  }

  by<T extends KubeObject = KubeObject>(index: IndexName, value: string): readonly T[] {
    return this.keys(index, value).map((key) => {
      const { resource, namespace, name } = parseKey(key);
      return this.get<T>(resource, namespace, name)!;
    });
  }
}

/** The fold of one event as a Change. */
export function changeOf(event: LogEvent, folded: { offset: Offset; object: KubeObject; previous: KubeObject | undefined; time: number }): Change {
  const { offset, object, previous, time } = folded;
  return {
    offset,
    type: event.type,
    key: event.key,
    object,
    ...(previous && { previous }),
    actor: event.actor,
    ...(event.cause !== undefined && { cause: event.cause }),
    time,
  };
}

/** Whether `entry` comes right after what `state` contains. */
export const follows = (state: State, entry: LogEntry): boolean => entry.offset === state.offset + 1 && lastOffset(entry) >= entry.offset;

const pathOf = (object: KubeObject): string => keyOf('', object.metadata.namespace, object.metadata.name).slice(1);

function merged(base: readonly KubeObject[], over: ReadonlyMap<string, KubeObject | undefined>): KubeObject[] {
  const added = [...over].filter(([, object]) => object !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  const out: KubeObject[] = [];
  let i = 0;
  for (const object of base) {
    const path = pathOf(object);
    while (i < added.length && added[i]![0] < path) out.push(added[i++]![1]!);
    if (!over.has(path)) out.push(object);
  }
  while (i < added.length) out.push(added[i++]![1]!);
  return out;
}
