/** What a process keeps of an open cluster. */
export interface Sized {
  /** About how much memory it takes. */
  readonly bytes: number;
}

interface OpenClustersOptions {
  /** How much memory the open clusters may take together, about. */
  readonly budgetBytes: number;
}

/**
 * The clusters that are open in one process, within one budget of bytes: those that were used least recently are let go when all of them take more. The one that is asked
 * for stays, however large. One that was let go while a watch or a request still holds it is the same when it is asked for again: a process never has two of a cluster.
 */
export class OpenClusters<T extends Sized> {
  readonly #open: (name: string, like: T | undefined) => Promise<T | undefined>;
  readonly #budget: number;
  /** What was used last comes last, as a Map keeps the order of insertion. */
  readonly #kept = new Map<string, Kept<T>>();
  readonly #letGo = new Map<string, WeakRef<T>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (!this.#letGo.get(name)?.deref()) this.#letGo.delete(name);
  });
  #bytes = 0;

  /**
   * `open`: undefined when there is no such cluster; that is not kept, nor is a failure. It may share with another cluster that is open (`like`) what is the
   * same in both, as what every cluster begins with.
   */
  constructor(open: (name: string, like: T | undefined) => Promise<T | undefined>, { budgetBytes }: OpenClustersOptions) {
    this.#open = open;
    this.#budget = budgetBytes;
  }

  /** The names of those that are kept, the one that was used last at the end. */
  get names(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** The one that is open, without a use of it; undefined: it is not. */
  kept(name: string): T | undefined {
    return this.#kept.get(name)?.made ?? this.#letGo.get(name)?.deref();
  }

  async get(name: string): Promise<T | undefined> {
    const kept = this.#kept.get(name) ?? { opened: this.#reopen(name), made: undefined, bytes: 0 };
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    try {
      kept.made = await kept.opened;
    } catch (error) {
      this.#drop(name, kept);
      throw error;
    }
    if (kept.made) this.#used(name);
    else this.#drop(name, kept);
    return kept.made;
  }

  /** The next caller gets a new one, also while others hold this one. */
  forget(name: string): void {
    const kept = this.#kept.get(name);
    if (kept) this.#drop(name, kept);
    this.#letGo.delete(name);
  }

  #reopen(name: string): Promise<T | undefined> {
    const held = this.#letGo.get(name)?.deref();
    this.#letGo.delete(name);
    return held ? Promise.resolve(held) : this.#open(name, this.#newest());
  }

  /** What was used last, of those that are open. */
  #newest(): T | undefined {
    return [...this.#kept.values()].findLast(({ made }) => made)?.made;
  }

  #used(name: string): void {
    // One that is alone is not weighed: that would cost something for each of its changes.
    if (this.#kept.size === 1) return;
    for (const [other, kept] of this.#kept) if (other === name || kept.bytes === 0) this.#weigh(kept);
    for (const [other, kept] of this.#kept) {
      if (this.#bytes <= this.#budget || other === name) return;
      if (!kept.made) continue;
      this.#drop(other, kept);
      this.#letGo.set(other, new WeakRef(kept.made));
      this.#collected.register(kept.made, other);
    }
  }

  #weigh(kept: Kept<T>): void {
    const bytes = kept.made?.bytes ?? 0;
    this.#bytes += bytes - kept.bytes;
    kept.bytes = bytes;
  }

  #drop(name: string, kept: Kept<T>): void {
    if (this.#kept.get(name) !== kept) return;
    this.#kept.delete(name);
    this.#bytes -= kept.bytes;
  }
}

interface Kept<T> {
  readonly opened: Promise<T | undefined>;
  /** Once it is open. */
  made: T | undefined;
  /** When it was weighed last. */
  bytes: number;
}
