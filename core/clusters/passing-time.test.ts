import { describe, expect, it } from 'vitest';
import { systemEnv } from '../env.ts';
import { clusterInstant, plus } from '../instant.ts';
import type { Replica } from '../replica/replica.ts';
import { ClusterWork, LONGEST_MS, passTime } from './passing-time.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;

/** The steps that time takes in a cluster where something is due at each of these moments, in ms from the start. `restless`: there is always something to do at once. */
async function steps(way: number, { due = [], restless = false, enough = Number.POSITIVE_INFINITY }: { due?: number[]; restless?: boolean; enough?: number }) {
  let now = clusterInstant(START);
  let left = way;
  const taken: number[] = [];
  const next = () => (restless ? now : due.map((ms) => plus(clusterInstant(START), ms)).find((moment) => moment > now));
  const done = await passTime(
    { now: () => now } as Replica,
    { settle: async () => next() },
    {
      left: () => left,
      step: async (ms) => {
        now = plus(now, ms);
        left -= ms;
        taken.push(ms);
      },
      isEnough: () => taken.length >= enough,
    },
  );
  return { taken, done };
}

describe('time that passes', () => {
  it.each([
    { name: 'stops at what is due', way: 100, given: { due: [10, 30, 99, 200] }, want: { taken: [10, 20, 69, 1], done: true } },
    { name: 'goes all the way where nothing is', way: 100, given: {}, want: { taken: [100], done: true } },
    { name: 'goes on where there is always something to do', way: 2_500, given: { restless: true }, want: { taken: [1_000, 1_000, 500], done: true } },
    { name: 'stops when it is enough', way: 100, given: { due: [10, 20, 30], enough: 2 }, want: { taken: [10, 10], done: false } },
    {
      name: 'jumps over all but the last month',
      way: LONGEST_MS + DAY,
      given: { due: [1, 2, 2 * DAY] },
      want: { taken: [DAY, DAY, LONGEST_MS - DAY], done: true },
    },
    { name: 'takes no step where there is no way', way: 0, given: { due: [1] }, want: { taken: [], done: true } },
  ])('$name', async ({ way, given, want }) => {
    expect(await steps(way, given)).toEqual(want);
  });
});

it('is given back to other clusters in the middle, when it is enough', async () => {
  const now = clusterInstant(START);
  let runs = 0;
  const replica = {
    state: { offset: 0 },
    now: () => now,
    catchUp: async () => {
      runs++;
      throw new Error('is not to run');
    },
  } as unknown as Replica;
  const work = new ClusterWork({ replica, env: systemEnv, admissionPlugins: [] }, [{ name: 'any', reconcile: () => ({ mutations: [], wakeups: new Map() }) }]);
  expect(await work.settle(() => true)).toBe(now);
  expect(runs).toBe(0);
});
