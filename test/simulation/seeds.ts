import { describe, expect, it } from 'vitest';
import { simulate } from './simulation.ts';

/**
 * A test for each seed of a range, both ends included. Those of `npm test` are divided, so that they run on two CPUs, and shorter than those of `npm run sim`: the same
 * seeds find what is new or nothing.
 */
export function seeds(from: number, to: number): void {
  describe('the deployed core, with faults', () => {
    for (let seed = from; seed <= to; seed++) {
      it(`does what it should for seed ${seed}`, async () => {
        const { findings } = await simulate(seed, { minutes: MINUTES });
        expect(findings, `npm run sim -- --seed ${seed} --minutes ${MINUTES}`).toEqual([]);
      });
    }
  });
}

const MINUTES = 2;
