import type { GroupResource, Key, KubeObject } from '../kube/object.ts';

/**
 * The resources whose objects no reconciler waits for: telemetry, of which there may be more than of all else. They make no snapshot due, and what a snapshot has of
 * them stays as it was stored until it is asked for (docs/decisions/0017-snapshots.md).
 */
export const LIGHT: ReadonlySet<GroupResource> = new Set(['leases.coordination.k8s.io', 'events']);

interface UnreadOptions {
  readonly first: string;
  readonly count: number;
  readonly written?: number | undefined;
  readonly bytes: readonly Uint8Array[];
  readonly decode: (bytes: readonly Uint8Array[]) => Entries;
}

type Entries = readonly (readonly [Key, KubeObject])[];

/**
 * A stretch of one resource's objects, in the order of their keys, as a snapshot brought it: bytes, until one of the objects is asked for. They decide what is in it, so that a
 * state stays the same value whether it was decoded or not; and every reader gets the same objects.
 */
export class Unread {
  /** `namespace/name` of the first object. */
  readonly first: string;
  /** How many objects there are. */
  readonly count: number;
  /** When the Events among them were last written: the oldest of them, ms since the epoch. */
  readonly written: number | undefined;
  /** How many bytes it has as it was stored. */
  readonly size: number;
  #encoded: Pick<UnreadOptions, 'bytes' | 'decode'> | undefined;
  #objects: Entries | undefined;

  constructor({ first, count, written, bytes, decode }: UnreadOptions) {
    this.first = first;
    this.count = count;
    this.written = written;
    this.size = bytes.reduce((sum, { length }) => sum + length, 0);
    this.#encoded = { bytes, decode };
  }

  /** `namespace/name` of the last object: decodes it. */
  get last(): string {
    const key = this.objects.at(-1)![0];
    return key.slice(key.indexOf('/') + 1);
  }

  /** What is in it: decodes it. */
  get objects(): Entries {
    this.#objects ??= this.#encoded!.decode(this.#encoded!.bytes);
    this.#encoded = undefined;
    return this.#objects;
  }
}

/** The stretches of one resource that a table has not taken in yet. */
export class Stretches {
  readonly #firsts: readonly string[];
  /** In the order of `#firsts`; those that were taken are gone. */
  readonly #left: (Unread | undefined)[];

  private constructor(firsts: readonly string[], left: readonly (Unread | undefined)[]) {
    this.#firsts = firsts;
    this.#left = [...left];
  }

  static of(stretches: readonly Unread[]): Stretches {
    return new Stretches(
      stretches.map(({ first }) => first),
      stretches,
    );
  }

  copy(): Stretches {
    return new Stretches(this.#firsts, this.#left);
  }

  /** Those that are left, in order. */
  get left(): readonly Unread[] {
    return this.#left.filter((stretch) => stretch !== undefined);
  }

  /** Takes all that are left. */
  take(): readonly Unread[] {
    const { left } = this;
    this.#left.fill(undefined);
    return left;
  }

  /** Takes the one that an object is in, if it is in any that is left. */
  takeAt(path: string): Unread | undefined {
    let [from, to] = [0, this.#firsts.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#firsts[middle]! <= path) from = middle + 1;
      else to = middle;
    }
    const stretch = this.#left[from - 1];
    if (stretch) this.#left[from - 1] = undefined;
    return stretch;
  }
}
