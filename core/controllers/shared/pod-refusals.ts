import { type ClusterInstant, plus } from '../../instant.ts';
import type { Key, KubeObject } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import type { Attributed, Pass } from '../../reconcile/reconciler.ts';

/** Why a pod was refused after it had been tried. */
export interface PodRefusal {
  readonly status: Status;
  /** Nobody has been told yet. */
  readonly isNew: boolean;
}

/**
 * The primaries whose pods were refused after all, by a webhook, say, which had to be asked first. Each is told once, and wants none for a while: what it says of it is a change
 * that would have it try again at once, without end. Forgotten, it tries again.
 */
export class PodRefusals {
  readonly #senderOf: (mutation: Attributed) => Key | undefined;
  readonly #known = new Map<Key, { readonly status: Status; readonly until: ClusterInstant; generation: number | undefined }>();
  #new = new Set<Key>();

  constructor(senderOf: (mutation: Attributed) => Key | undefined) {
    this.#senderOf = senderOf;
  }

  /** Of the refusals that a pass tells of: whose pods they were. */
  learn({ failures, now }: Pick<Pass, 'failures' | 'now'>): Key[] {
    for (const [key, { until }] of this.#known) if (until <= now) this.#known.delete(key);
    this.#new = new Set();
    for (const { mutation, status } of failures) {
      const key = mutation.type === 'create' && mutation.resource === 'pods' ? this.#senderOf(mutation) : undefined;
      if (key === undefined) continue;
      this.#known.set(key, { status, until: plus(now, HELD_FOR), generation: undefined });
      this.#new.add(key);
    }
    return [...this.#new];
  }

  /** Whose spec has changed since tries again. */
  of(key: Key, primary: KubeObject | undefined, now: ClusterInstant): PodRefusal | undefined {
    const known = this.#known.get(key);
    if (!known || known.until <= now) return undefined;
    known.generation ??= primary?.metadata.generation;
    return known.generation === primary?.metadata.generation ? { status: known.status, isNew: this.#new.has(key) } : undefined;
  }
}

const HELD_FOR = 60_000;
