import { describe, expect, it } from 'vitest';
import { clusterInstant, elapsedAt, epochMs, realInstant } from '../instant.ts';
import { realClock } from './cluster-clock.ts';
import { ClusterTime } from './cluster-time.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');

function setUp() {
  let passed = 0.25;
  let set = START;
  const clock = { now: () => realInstant(Math.floor(set + passed)), elapsed: () => elapsedAt(passed), sleep: async () => {}, turn: async () => {} };
  const time = new ClusterTime(clock);
  return {
    clock,
    time,
    pass: (ms: number) => {
      passed += ms;
    },
    set: (ms: number) => {
      set += ms;
    },
  };
}

describe('cluster time', () => {
  it("is the wall clock's while that is ahead of the log", () => {
    const { clock, time, pass, set } = setUp();
    time.reached(clusterInstant(START - DAY), realClock);
    expect(time.now()).toBe(epochMs(clock.now()));
    pass(HOUR);
    set(HOUR);
    expect(time.now()).toBe(START + 2 * HOUR);
    expect(time.aheadMinutes).toBe(0);
  });

  it.each([5 * SECOND, HOUR, 400 * DAY])('goes on from the end of a log that is %d ms ahead, at the rate of real time', (ahead) => {
    const { time, pass } = setUp();
    time.reached(clusterInstant(START + ahead), realClock);
    pass(30 * SECOND);
    time.reached(clusterInstant(START - HOUR), realClock);
    expect(time.now()).toBe(START + ahead + 30 * SECOND);
  });

  it.each([5 * SECOND, HOUR, 400 * DAY])('does not wait for a wall clock that was set back by %d ms', (back) => {
    const { time, pass, set } = setUp();
    time.reached(time.now(), realClock);
    set(-back);
    pass(30 * SECOND);
    expect(time.now()).toBe(START + 30 * SECOND);
  });

  it('has not come so far because the wall clock was ahead while nothing was written', () => {
    const { time, set } = setUp();
    time.reached(time.now(), realClock);
    set(400 * DAY);
    expect(time.now()).toBe(START + 400 * DAY);
    set(-400 * DAY);
    expect(time.now()).toBe(START);
  });

  it('goes on in another process where the wall clock says that it is by now', () => {
    const first = setUp();
    first.time.reached(clusterInstant(START + 400 * DAY), realClock);
    first.pass(30 * SECOND);
    const last = { time: first.time.now(), aheadMinutes: first.time.aheadMinutes };
    const second = setUp();
    second.set(5 * HOUR);
    second.time.resumed(clusterInstant(last.time), last.aheadMinutes, realClock);
    expect(second.time.now()).toBe(START + 400 * DAY + 5 * HOUR);
  });

  it('goes on in another process from the end of the log when no process has measured by how much that is ahead', () => {
    const { time, pass } = setUp();
    time.resumed(clusterInstant(START + 400 * DAY), 0, realClock);
    pass(SECOND);
    expect(time.now()).toBe(START + 400 * DAY + SECOND);
  });

  it('is not driven on by writers whose clocks differ a little', () => {
    const [a, b] = [setUp(), setUp()];
    b.set(-50);
    let last = { time: START + 10.5 * HOUR, aheadMinutes: 0 };
    for (let i = 0; i < 1_000; i++) {
      for (const { time, pass } of [a, b]) {
        pass(1);
        time.resumed(clusterInstant(last.time), last.aheadMinutes, realClock);
        last = { time: Math.max(time.now(), last.time), aheadMinutes: time.aheadMinutes };
      }
    }
    expect(last.time).toBeLessThan(START + 10.5 * HOUR + 60 * SECOND);
  });
});
