import { expect, it } from 'vitest';
import { LeastRecentlyUsed } from './least-recently-used.ts';

it('forgets what was not used for the longest, as far as there is no room', () => {
  const kept = new LeastRecentlyUsed<{ of: string; bytes: number }>(20);
  const made: string[] = [];
  const get = (of: string) =>
    kept.get(of, () => {
      made.push(of);
      return { of, bytes: 10 };
    });
  for (const of of ['a', 'b', 'a', 'c', 'a', 'd', 'b']) get(of);
  // At most three are there: two that fit, and the one that was made last.
  expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
  expect(get('a').of).toBe('a');
  expect(made).toHaveLength(5);
});
