import { describe, expect, it } from 'vitest';
import { assault } from './assault.ts';
import { subjects } from './subjects.ts';

/** How much of each subject is sent in `npm test`; `npm run fuzz -- --seeds N` sends more. */
const SEEDS = [1, 2, 3, 4, 5, 6];
const REQUESTS = 60;

describe.each(subjects.map((subject) => [subject.name, subject] as const))('random requests about %s', (_name, subject) => {
  it.each(SEEDS)('(seed %i) are answered, and change all that they ask for or nothing', async (seed) => {
    expect(await assault(subject, seed, REQUESTS)).toEqual([]);
  });
});
