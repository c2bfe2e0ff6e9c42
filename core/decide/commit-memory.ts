import { Answers } from '../admission/ask.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';

/**
 * What a commit keeps from one decision to the next: what has been answered, what was drawn, and what time it was. An object that was asked
 * about is the one that is stored then, with its uid, its name and its creationTimestamp.
 */
export class CommitMemory {
  readonly answers = new Answers();
  readonly #draws: PinnedDraws[] = [];
  #now: ClusterInstant | undefined;

  /** The time of the first decision. */
  now(now: ClusterInstant): ClusterInstant {
    this.#now ??= now;
    return this.#now;
  }

  /** The env for a decision of the mutation at this place of the commit: it draws the same again. */
  env(place: number, env: Env): Env {
    this.#draws[place] ??= new PinnedDraws();
    return this.#draws[place].again(env);
  }
}

/** What was drawn, each kind in its order. */
class PinnedDraws {
  readonly #uids: string[] = [];
  readonly #suffixes: string[] = [];
  readonly #numbers: number[] = [];

  /** From the first draw on; what was not drawn before comes from `env`. */
  again({ clock, random, ids }: Env): Env {
    const uid = replay(this.#uids, () => ids.uid());
    const suffix = replay(this.#suffixes, () => ids.suffix());
    return { clock, random: { next: replay(this.#numbers, () => random.next()) }, ids: { uid, suffix } };
  }
}

function replay<T>(drawn: T[], draw: () => T): () => T {
  let at = 0;
  return () => {
    if (at === drawn.length) drawn.push(draw());
    return drawn[at++]!;
  };
}
