import { type Clock, type Env, idsFrom, seededRandom } from '../env.ts';
import { clusterInstant, elapsedAt, realInstant } from '../instant.ts';

/** A clock, with chance and ids that are the same in every run. */
export function seededEnv({ clock = STANDING, seed = 1 }: { clock?: Clock; seed?: number } = {}): Env {
  const random = seededRandom(seed);
  return { clock, random, ids: idsFrom(random) };
}

/** Ids that count: `u1`, `u2`; suffixes are all the same. */
export function countingEnv(): Env {
  let n = 0;
  const random = { next: () => 0 };
  return { clock: STANDING, random, ids: idsFrom(random, () => `u${++n}`) };
}

/** When it is in the tests. */
export const NOW = clusterInstant('2026-01-02T03:04:05Z');

/** The same, for tests that count from a round time on. */
export const START = clusterInstant('2026-01-01T00:00:00Z');

const STANDING: Clock = { now: () => realInstant(NOW), elapsed: () => elapsedAt(NOW), sleep: async () => {}, turn: async () => {} };
