import { describe, expect, it } from 'vitest';
import { elapsedAt } from '../../instant.ts';
import { TestClock } from '../../testing/clock.ts';
import { SharedTimer } from './shared-timer.ts';

function timer() {
  const clock = new TestClock(0);
  const shared = new SharedTimer(clock);
  const called: string[] = [];
  const at = (time: number, name = String(time)) => shared.at(elapsedAt(time), () => called.push(name));
  const advance = async (ms: number) => {
    clock.advance(ms);
    await clock.turn();
    await clock.turn();
  };
  return { clock, shared, at, called, advance };
}

describe('a shared timer', () => {
  it('calls all that are due, in the order in which they asked, with one sleeper of the clock', async () => {
    const { clock, at, called, advance } = timer();
    at(3_000, 'c');
    at(1_000, 'a');
    at(2_000, 'b');
    at(1_000, 'a2');
    expect(clock.sleepers).toBe(1);
    await advance(1_000);
    expect(called).toEqual(['a', 'a2']);
    expect(clock.sleepers).toBe(1);
    await advance(5_000);
    expect(called.slice(2)).toEqual(['c', 'b']);
    expect(clock.sleepers).toBe(0);
  });

  it('makes no call that was cancelled, and sleeps no more once all were', async () => {
    const { clock, at, called, advance } = timer();
    const [first, second] = [at(1_000, 'first'), at(1_000, 'second')];
    const third = at(2_000, 'third');
    first();
    await advance(1_000);
    expect(called).toEqual(['second']);
    second();
    third();
    expect(clock.sleepers).toBe(0);
    await advance(5_000);
    expect(called).toEqual(['second']);
  });

  it('goes on when a callback asks for another time, or cancels the one that would be next', async () => {
    const { shared, at, called, advance } = timer();
    const next = at(2_000, 'cancelled');
    at(3_000, 'kept');
    shared.at(elapsedAt(1_000), () => {
      next();
      at(1_500, 'asked for');
    });
    await advance(1_000);
    await advance(500);
    expect(called).toEqual(['asked for']);
    await advance(1_500);
    expect(called).toEqual(['asked for', 'kept']);
  });

  it('waits for longer than the timers of Node can', async () => {
    const { at, called, advance } = timer();
    at(2 ** 32, 'far');
    await advance(2 ** 31);
    expect(called).toEqual([]);
    await advance(2 ** 31);
    expect(called).toEqual(['far']);
  });
});
