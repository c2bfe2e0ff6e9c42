import { controllerOf, type Key, type KubeObject, parseKey, same } from '../kube/object.ts';
import { componentOf } from '../kube/user.ts';
import type { Offset } from '../log/event.ts';
import type { Change } from '../state/change.ts';
import { contentOf } from './content.ts';
import { isLeftAlone } from './left-alone.ts';

/** Which changes are to be undone: one, one and all that it caused, or those of a user with all that they caused. */
export type Which = { readonly offset: Offset } | { readonly request: Offset } | { readonly actor: string };

/**
 * The changes that are to be undone, found while the log is read on from the first of them, and what else was done to the same objects since. What a controller did to an object that it or another
 * controls follows from the object above it; of what the control plane did to others, only that they came and went.
 */
export class Matched {
  readonly #which: Which;
  readonly #namespace: string | undefined;
  readonly #causes = new Set<Offset>();
  readonly #changes = new Map<Key, Change[]>();
  readonly #touched = new Set<Key>();
  count = 0;

  constructor(which: Which, namespace: string | undefined) {
    this.#which = which;
    this.#namespace = namespace;
  }

  /** By object, oldest first. */
  get changes(): ReadonlyMap<Key, readonly Change[]> {
    return this.#changes;
  }

  /** Whether clients have changed an object since otherwise. */
  isTouched(key: Key): boolean {
    return this.#touched.has(key);
  }

  add(change: Change): void {
    const { key } = change;
    if (this.#isWanted(change)) this.#causes.add(change.offset);
    const { resource, namespace } = parseKey(key);
    if (isLeftAlone(resource) || (this.#namespace !== undefined && namespace !== this.#namespace)) return;
    if (this.#causes.has(change.offset) && this.#counts(change)) {
      const others = this.#changes.get(key);
      if (others) others.push(change);
      else this.#changes.set(key, [change]);
      this.count++;
    } else if (this.#changes.has(key) && !isByControlPlane(change) && changesContent(change)) {
      this.#touched.add(key);
    }
  }

  #isWanted({ offset, cause, actor }: Change): boolean {
    const which = this.#which;
    if ('offset' in which) return offset === which.offset;
    if (cause !== undefined && this.#causes.has(cause)) return true;
    return 'request' in which ? offset === which.request : actor.username === which.actor;
  }

  /** Whether it is undone by itself. A root is, whoever made it. */
  #counts(change: Change): boolean {
    const which = this.#which;
    if (('offset' in which && change.offset === which.offset) || !isByControlPlane(change)) return true;
    return !controllerOf(change.object) && (alive(change.previous) === undefined) !== (aliveAfter(change) === undefined);
  }
}

const isByControlPlane = ({ actor }: Change): boolean => componentOf(actor) !== 'unknown';

/** An object that is there, and not on its way out. */
export const alive = (object: KubeObject | undefined): KubeObject | undefined => (object?.metadata.deletionTimestamp ? undefined : object);

export const aliveAfter = ({ type, object }: Change): KubeObject | undefined => (type === 'DELETED' ? undefined : alive(object));

function changesContent(change: Change): boolean {
  const [before, after] = [alive(change.previous), aliveAfter(change)];
  return before && after ? !same(contentOf(before), contentOf(after)) : before !== after;
}
