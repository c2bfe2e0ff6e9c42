import { parseKey } from '../kube/object.ts';
import { SNAPSHOT_SPACING } from '../log/snapshots.ts';
import type { Change } from '../state/change.ts';
import type { Layout } from '../state/chunks.ts';
import { type Stored, saveSnapshot } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import { LIGHT } from '../state/unread.ts';
import { clusterSettings } from './cluster-settings.ts';

export interface SnapshotOptions {
  /** How many events there are at least between snapshots (10,000 unless told): fewer are read as fast as a snapshot. */
  readonly snapshotEvents?: number;
  /** How long entries are kept at least, ms, unless the cluster is set otherwise; 0 or none: for ever. A snapshot is due when the last one is as old, as no entry behind it can go. */
  readonly retentionMs?: number;
}

/**
 * When a replica takes snapshots, and what it remembers of the last one: how that is divided, so that the next one encodes and writes only what has changed, and a look at the
 * past reads only what is not here.
 */
export class Snapshots {
  readonly #stored: Stored;
  readonly #options: SnapshotOptions;
  #last: { readonly offset: number; readonly time: number };
  #layout: Layout | undefined;
  /** How many events since then tell of anything but Leases and Events. */
  #weighty = 0;

  /** `state`: of the last one. */
  constructor(stored: Stored, { state, layout }: Begun, options: SnapshotOptions) {
    this.#stored = stored;
    this.#options = options;
    this.#last = momentOf(state);
    this.#layout = layout;
  }

  /** How the last snapshot is divided; undefined when it is so long ago that the objects in it are not worth their memory. */
  get layout(): Layout | undefined {
    return this.#layout;
  }

  /** The newest one, when it was not taken here. */
  restored(last: Layout): void {
    this.#last = momentOf(last.state);
    this.#layout = last;
    this.#weighty = 0;
  }

  /** The cluster was reset: the next one is due at once, so that a start need not go back to where it was reset to. */
  reset(): void {
    this.#weighty = Number.POSITIVE_INFINITY;
  }

  /** What came after it. */
  took(changes: readonly Change[]): void {
    for (const { key, offset } of changes) {
      if (!LIGHT.has(parseKey(key).resource)) this.#weighty++;
      if (offset - this.#last.offset > 2 * SNAPSHOT_SPACING) this.#layout = undefined;
    }
  }

  /**
   * Whether enough happened since the last one: as many events as there are objects, never fewer than `snapshotEvents`, and not many more than
   * a reader of the past may have to fold. Leases and Events count only for the last of these: they come by themselves, and no client waits for them. Of a large cluster a reader
   * folds half as many events as it has objects: where all of them change at once, the snapshots of a rollout cost no more than a few times the last of them.
   */
  isDue(state: State, now: number): boolean {
    const since = state.offset - this.#last.offset;
    const { snapshotEvents = SNAPSHOT_EVENTS } = this.#options;
    const retentionMs = retentionOf(state, this.#options);
    if (since > 0 && retentionMs > 0 && now - this.#last.time >= retentionMs) return true;
    let objects = state.size;
    for (const resource of LIGHT) objects -= state.count(resource);
    const spacing = Math.max(SNAPSHOT_SPACING, state.size / 2);
    return this.#weighty >= Math.max(snapshotEvents, Math.min(objects, spacing)) || since >= Math.max(snapshotEvents, spacing);
  }

  async take(state: State): Promise<void> {
    const before = { last: this.#last, weighty: this.#weighty };
    const taken = momentOf(state);
    this.#last = taken;
    this.#weighty = 0;
    try {
      const layout = await saveSnapshot(this.#stored, state, this.#layout);
      if (this.#last === taken) this.#layout = layout;
    } catch (error) {
      if (this.#last === taken) {
        this.#last = before.last;
        this.#weighty += before.weighty;
      }
      throw error;
    }
  }
}

/** How long the entries of a cluster are kept at least: as it is set itself, or as its host has it. */
export const retentionOf = (state: State, { retentionMs = 0 }: Pick<SnapshotOptions, 'retentionMs'>): number =>
  state.view(clusterSettings).retentionMs ?? retentionMs;

/** With what a replica begins. */
export interface Begun {
  readonly state: State;
  /** How a snapshot is divided that has most of it, if one is known. */
  readonly layout: Layout | undefined;
}

/** Not the state itself: that would keep what it has in memory until the next one is taken. */
const momentOf = ({ offset, time }: State): { readonly offset: number; readonly time: number } => ({ offset, time });

const SNAPSHOT_EVENTS = 10_000;
