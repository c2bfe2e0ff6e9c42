import { type ClusterInstant, plus } from '../../instant.ts';
import type { GroupResource, Key, KubeObject } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import type { Attributed, Pass } from '../../reconcile/reconciler.ts';

/** Why an object that a controller wanted was refused after it had been tried. */
export interface Refusal {
  readonly status: Status;
  /** No Event has told of it yet. */
  readonly isNew: boolean;
}

/**
 * The primaries whose pods, ReplicaSets or Jobs were refused after all, by a webhook, say, which had to be asked first. Each is told once, and wants none for a while: what it
 * says of it is a change that would have it try again at once, without end. Forgotten, it tries again. One reconciler serves many clusters: what was refused in one is nothing to another.
 */
export class Refusals {
  readonly #senderOf: (mutation: Attributed) => Key | undefined;
  /** By cluster and key. */
  readonly #known = new Map<string, { readonly status: Status; readonly until: ClusterInstant; generation: number | undefined }>();
  #new = new Set<string>();

  constructor(senderOf: (mutation: Attributed) => Key | undefined) {
    this.#senderOf = senderOf;
  }

  /** Of the refusals that a pass tells of: whose objects they were. */
  learn({ cluster, failures, now }: Told): Key[] {
    for (const [key, { until }] of this.#known) if (until <= now) this.#known.delete(key);
    this.#new = new Set();
    const refused: Key[] = [];
    for (const { mutation, status } of failures) {
      const key = mutation.type === 'create' && TOLD.has(mutation.resource) ? this.#senderOf(mutation) : undefined;
      if (key === undefined) continue;
      const place = placeOf(cluster, key);
      this.#known.set(place, { status, until: plus(now, HELD_FOR), generation: undefined });
      this.#new.add(place);
      refused.push(key);
    }
    return refused;
  }

  /** Whose spec has changed since tries again. */
  of(key: Key, primary: KubeObject | undefined, { cluster, now }: Pick<Pass, 'cluster' | 'now'>): Refusal | undefined {
    const place = placeOf(cluster, key);
    const known = this.#known.get(place);
    if (!known || known.until <= now) return undefined;
    known.generation ??= primary?.metadata.generation;
    return known.generation === primary?.metadata.generation ? { status: known.status, isNew: this.#new.has(place) } : undefined;
  }
}

type Told = Pick<Pass, 'cluster' | 'failures' | 'now'>;

const placeOf = (cluster = '', key: Key): string => `${cluster} ${key}`;

/** What a controller makes that waits for its answer: each of these gives it, and asks `refusal` before it makes another one. */
const TOLD: ReadonlySet<GroupResource> = new Set(['pods', 'replicasets.apps', 'jobs.batch']);

const HELD_FOR = 60_000;
