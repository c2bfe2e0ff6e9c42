import { describe, expect, it } from 'vitest';
import { Timers } from './timers.ts';

function setUp() {
  const asked: string[] = [];
  const timers = new Timers({
    appended: async () => {},
    later: async (cluster, reconciler, at) => {
      asked.push(`${cluster} ${reconciler} ${at}`);
    },
  });
  return { timers, asked };
}

describe('timers', () => {
  it.each([
    { name: 'ask for nothing when nobody waits', given: [[undefined, 0]], want: [] },
    {
      name: 'ask once for the same time',
      given: [
        [100, 0],
        [100, 50],
      ],
      want: [100],
    },
    {
      name: 'ask for an earlier time',
      given: [
        [100, 0],
        [60, 50],
      ],
      want: [100, 60],
    },
    {
      name: 'wait for the one that is to come before they ask for a later time',
      given: [
        [100, 0],
        [200, 50],
        [200, 100],
      ],
      want: [100, 200],
    },
    {
      name: 'ask again when the one that was to come is past',
      given: [
        [100, 0],
        [100, 100],
      ],
      want: [100, 100],
    },
  ] as { name: string; given: [number | undefined, number][]; want: number[] }[])('$name', async ({ given, want }) => {
    const { timers, asked } = setUp();
    for (const [at, now] of given) await timers.next('c', 'nodes', at, now);
    expect(asked).toEqual(want.map((at) => `c nodes ${at}`));
  });

  it('know clusters and reconcilers apart', async () => {
    const { timers, asked } = setUp();
    await timers.next('c', 'nodes', 100, 0);
    await timers.next('d', 'nodes', 100, 0);
    await timers.next('c', 'scheduler', 100, 0);
    expect(asked).toEqual(['c nodes 100', 'd nodes 100', 'c scheduler 100']);
  });
});
