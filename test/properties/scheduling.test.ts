import { describe, expect, it } from 'vitest';
import { Rounds } from './reference-scheduler/rounds.ts';

describe('the scheduler, beside one that works everything out anew from the documentation', () => {
  it.each(Array.from({ length: 40 }, (_, i) => `scheduling ${i}`))('never forbids nor scores otherwise (seed "%s")', (seed) => {
    const rounds = new Rounds(seed);
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 8; i++) rounds.change();
      rounds.pass();
    }
    expect(rounds.faults).toEqual([]);
    expect(rounds.decisions).toBeGreaterThan(0);
  });
});
