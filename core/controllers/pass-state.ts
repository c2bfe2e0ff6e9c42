import type { GroupResource, Key, KubeObject } from '../object.ts';
import type { IndexName, State } from '../projection/state.ts';

/**
 * The state during one pass of all controllers: nothing changes until the pass returns, so what several primaries need (the orphans of a
 * namespace, the nodes) is computed once.
 */
export class PassState implements State {
  readonly #base: State;
  readonly #computed = new Map<string, unknown>();

  constructor(base: State) {
    this.#base = base;
  }

  get offset(): number {
    return this.#base.offset;
  }

  get<T extends KubeObject = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined {
    return this.#base.get<T>(resource, namespace, name);
  }

  list<T extends KubeObject = KubeObject>(resource: GroupResource, namespace?: string): readonly T[] {
    return this.#base.list<T>(resource, namespace);
  }

  keys(index: IndexName, value: string): readonly Key[] {
    return this.#base.keys(index, value);
  }

  by<T extends KubeObject = KubeObject>(index: IndexName, value: string): readonly T[] {
    return this.#base.by<T>(index, value);
  }

  once<T>(name: string, compute: () => T): T {
    if (!this.#computed.has(name)) this.#computed.set(name, compute());
    return this.#computed.get(name) as T;
  }
}

/** What `compute` gives for `state`: once in a pass, each time for a state that may change. `name` says what it is and of what. */
export const oncePerPass = <T>(state: State, name: string, compute: () => T): T => (state instanceof PassState ? state.once(name, compute) : compute());
