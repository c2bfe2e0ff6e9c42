import { describe, expect, it } from 'vitest';
import { simulate } from './simulation.ts';

/** Half of the hundred; the other half runs in `simulation-more.test.ts`, beside it on another CPU. */
describe('the deployed core, with faults', () => {
  for (let seed = 1; seed <= 50; seed++) {
    it(`holds for seed ${seed}`, async () => {
      const { findings } = await simulate(seed);
      expect(findings, `npm run sim -- --seed ${seed}`).toEqual([]);
    }, 60_000);
  }
});

describe('a run', () => {
  it('puts the same bytes into the log for the same seed, whatever ran before', async () => {
    const first = await simulate(4);
    await simulate(6);
    const second = await simulate(4);
    expect(second.hash).toBe(first.hash);
    expect(second.figures).toEqual(first.figures);
  }, 60_000);

  it('puts other bytes into it for another seed', async () => {
    expect((await simulate(4)).hash).not.toBe((await simulate(6)).hash);
  }, 60_000);
});
