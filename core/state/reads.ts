import { type GroupResource, type Key, keyOf, parseKey } from '../kube/object.ts';
import type { Change } from './change.ts';
import type { Index } from './indexes.ts';
import type { View } from './view.ts';

/**
 * What a decision has read of a state: objects, also absent ones; lists; values of indexes; views. As long as no change touches that, the decision would be the
 * same again.
 */
export class Reads {
  readonly #keys = new Set<Key>();
  /** `pods` for all of them, `pods/default/` for those of a namespace. */
  readonly #lists = new Set<string>();
  readonly #indexes = new Map<Index<never>, Set<string>>();
  readonly #views = new Set<View<unknown>>();
  #everything = false;

  object(resource: GroupResource, namespace: string | undefined, name: string): void {
    this.#keys.add(keyOf(resource, namespace, name));
  }

  list(resource: GroupResource, namespace: string | undefined): void {
    this.#lists.add(namespace === undefined ? resource : `${resource}/${namespace}/`);
  }

  index(index: Index<never>, value: string): void {
    const values = this.#indexes.get(index);
    if (values) values.add(value);
    else this.#indexes.set(index, new Set([value]));
  }

  view(view: View<unknown>): void {
    this.#views.add(view);
  }

  everything(): void {
    this.#everything = true;
  }

  touchedBy(changes: readonly Change[]): boolean {
    return changes.some((change) => this.#isTouchedBy(change));
  }

  #isTouchedBy({ key, object, previous }: Change): boolean {
    if (this.#everything || this.#keys.has(key)) return true;
    const { resource, namespace } = parseKey(key);
    if (this.#lists.has(resource) || this.#lists.has(`${resource}/${namespace}/`)) return true;
    for (const view of this.#views) if (concerns(view, resource)) return true;
    for (const [index, values] of this.#indexes) {
      if (!concerns(index, resource)) continue;
      // Also where it stood and stands under the same value: who asked for that was given the object.
      for (const version of previous ? [previous, object] : [object]) if (index.valuesOf(key, version as never).some((value) => values.has(value))) return true;
    }
    return false;
  }
}

const concerns = ({ of }: Pick<View<unknown>, 'of'>, resource: GroupResource) => of === 'all' || of.includes(resource);
