import { describe, expect, it } from 'vitest';
import { StatusError } from '../../kube/status.ts';
import { WatchSlots } from './watch-slots.ts';

/** Takes slots for a user until there are no more; how many there were. */
function takeAll(slots: WatchSlots, user: string): number {
  for (let taken = 0; ; taken++) {
    try {
      slots.take(user);
    } catch {
      return taken;
    }
  }
}

describe('slots for watches', () => {
  it('are half of them for one user, and half of what is left for each that comes after', () => {
    const slots = new WatchSlots(2_000);
    expect(['a', 'b', 'c', 'd'].map((user) => takeAll(slots, user))).toEqual([1_000, 500, 250, 125]);
  });

  it('are shared evenly by users that come together', () => {
    const slots = new WatchSlots(2_000);
    const users = ['a', 'b', 'c'];
    const held = users.map(() => 0);
    for (let round = 0; round < 2_000; round++) {
      for (const [i, user] of users.entries()) {
        try {
          slots.take(user);
          held[i]!++;
        } catch {}
      }
    }
    expect(held).toEqual([500, 500, 500]);
  });

  it('leave some for users that want few, however many want all', () => {
    const slots = new WatchSlots(2_000);
    for (const user of ['a', 'b', 'c', 'd']) takeAll(slots, user);
    for (let i = 0; i < 30; i++) slots.take('operator');
  });

  it('come back once, and count for no user then', () => {
    const slots = new WatchSlots(2);
    const release = slots.take('a');
    expect(takeAll(slots, 'a')).toBe(0);
    release();
    release();
    expect(takeAll(slots, 'a')).toBe(1);
  });

  it('are refused with the time to wait', () => {
    const slots = new WatchSlots(0);
    let refusal: unknown;
    try {
      slots.take('a');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(StatusError);
    expect((refusal as StatusError).status).toMatchObject({ code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 5 } });
  });
});
