import { expect, it } from 'vitest';
import { FairQueues } from './fair-queues.ts';

it('takes from each queue in turn, and from one in the order in which they came', () => {
  const queues = new FairQueues<string>();
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) queues.add(name.charCodeAt(0), name);
  expect(Array.from({ length: 5 }, () => queues.take())).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  expect(queues.length).toBe(0);
});

it('gives a queue no more turns for the time when nothing waited in it', () => {
  const queues = new FairQueues<string>();
  for (let i = 0; i < 10; i++) queues.add(1, `a${i}`);
  for (let i = 0; i < 6; i++) queues.take();
  for (let i = 0; i < 4; i++) queues.add(2, `b${i}`);
  expect(Array.from({ length: 8 }, () => queues.take().charAt(0)).join('')).toBe('babababa');
});

it('forgets what waits no longer', () => {
  const queues = new FairQueues<string>();
  queues.add(1, 'a');
  queues.add(1, 'b');
  queues.remove(1, 'a');
  queues.remove(1, 'a');
  expect([queues.length, queues.lengthOf(1), queues.take()]).toEqual([1, 1, 'b']);
});
