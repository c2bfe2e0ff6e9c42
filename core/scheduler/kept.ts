/**
 * What placements work out and need again, in the same pass and in later ones. All of it is held against the nodes that a placement sees each time (node-follower.ts), so that it
 * saves work and decides nothing: one without any comes to the same. What can grow is bounded in bytes (least-recently-used.ts).
 */
export class Kept {
  readonly #kept = new Map<new () => unknown, unknown>();

  /** The one of its kind, made when it is asked for. */
  of<T>(kind: new () => T): T {
    let kept = this.#kept.get(kind) as T | undefined;
    if (kept === undefined) {
      kept = new kind();
      this.#kept.set(kind, kept);
    }
    return kept;
  }
}
