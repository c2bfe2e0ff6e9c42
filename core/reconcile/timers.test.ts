import { describe, expect, it } from 'vitest';
import { elapsedAt, realDelay } from '../instant.ts';
import { Timers } from './timers.ts';

function setUp() {
  const asked: string[] = [];
  let passed = 0;
  const later = async (cluster: string, reconciler: string, delayMs: number) => {
    asked.push(`${cluster} ${reconciler} ${delayMs}`);
  };
  const timers = new Timers({ appended: async () => {}, later }, { elapsed: () => elapsedAt(passed) });
  return { timers, asked, pass: (ms: number) => (passed += ms) };
}

describe('timers', () => {
  it.each([
    { name: 'ask for nothing when no reconciler waits', given: [[undefined, 0]], want: [] },
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
      want: [100, 10],
    },
    {
      name: 'wait for the one that is to come before they ask for a later time',
      given: [
        [100, 0],
        [200, 50],
        [200, 100],
      ],
      want: [100, 100],
    },
    {
      name: 'ask once for what is far off, however often something nearer comes between',
      given: [
        [3_600_000, 0],
        [60, 50],
        [3_600_000, 60],
        [100, 70],
        [3_600_000, 100],
      ],
      want: [3_600_000, 10, 30],
    },
    {
      name: 'ask again when the one that was to come is past',
      given: [
        [100, 0],
        [100, 100],
      ],
      want: [100, 0],
    },
  ] as { name: string; given: [number | undefined, number][]; want: number[] }[])('$name', async ({ given, want }) => {
    const { timers, asked, pass } = setUp();
    let before = 0;
    for (const [at, now] of given) {
      pass(now - before);
      before = now;
      await timers.next('c', 'nodes', at === undefined ? undefined : realDelay(at - now));
    }
    expect(asked).toEqual(want.map((delay) => `c nodes ${delay}`));
  });

  it('know clusters and reconcilers apart', async () => {
    const { timers, asked } = setUp();
    await timers.next('c', 'nodes', realDelay(100));
    await timers.next('d', 'nodes', realDelay(100));
    await timers.next('c', 'scheduler', realDelay(100));
    expect(asked).toEqual(['c nodes 100', 'd nodes 100', 'c scheduler 100']);
  });

  it('ask again when their time has come and there is more to wait for', async () => {
    const { timers, asked, pass } = setUp();
    await timers.next('c', 'nodes', realDelay(5_000));
    pass(5_000);
    await timers.next('c', 'nodes', realDelay(2_000));
    expect(asked).toEqual(['c nodes 5000', 'c nodes 2000']);
  });
});
