import { describe, expect, it } from 'vitest';
import type { Clock } from '../core/env.ts';
import { elapsedAt, realInstant } from '../core/instant.ts';
import { Queue, type QueueOptions } from './queue.ts';

/** A clock that moves only when told to; `sleep` ends when the time has come. `jump` sets its wall clock. */
function manualClock() {
  let now = 0;
  let jumped = 0;
  const sleepers = new Set<() => void>();
  const clock: Clock = {
    now: () => realInstant(now + jumped),
    elapsed: () => elapsedAt(now),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const until = now + ms;
        const check = () => {
          if (now < until && !signal?.aborted) return;
          sleepers.delete(check);
          resolve();
        };
        sleepers.add(check);
        signal?.addEventListener('abort', check);
        check();
      }),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
  return {
    clock,
    jump: (ms: number) => {
      jumped += ms;
    },
    async advance(ms: number) {
      now += ms;
      for (const check of [...sleepers]) check();
      for (let i = 0; i < 5; i++) await clock.turn();
    },
  };
}

function setUp(options: Omit<QueueOptions, 'clock'>) {
  const { clock, advance, jump } = manualClock();
  const queue = new Queue('q', { clock, ...options });
  const received: string[] = [];
  const stop = new AbortController();
  let outcome: (body: string) => Promise<void> = async () => undefined;
  const handler = (body: string) => {
    received.push(body);
    return outcome(body);
  };
  const start = (concurrency = 1) => void queue.consume(handler, { signal: stop.signal, concurrency });
  return { queue, received, stop, advance, jump, start, clock, on: (f: typeof outcome) => (outcome = f) };
}

describe('a queue', () => {
  it.each([400 * 86_400_000, -400 * 86_400_000])('delays by real time, though the wall clock is set by %d ms', async (ms) => {
    const { queue, received, advance, jump, start } = setUp({ fifo: true });
    queue.send({ body: 'a', delayMs: 1_000, deduplicationId: '1' });
    start();
    jump(ms);
    await advance(999);
    expect(received).toEqual([]);
    await advance(1);
    expect(received).toEqual(['a']);
    queue.send({ body: 'a', deduplicationId: '1' });
    await advance(0);
    expect(received).toEqual(['a']);
  });

  it('delivers what was sent before and after the consumer started', async () => {
    const { queue, received, advance, start } = setUp({});
    queue.send({ body: 'a' });
    start();
    await advance(0);
    queue.send({ body: 'b' });
    await advance(0);
    expect(received).toEqual(['a', 'b']);
    expect(queue.depth).toBe(0);
  });

  it('delivers again what failed, when its visibility time-out ends', async () => {
    const { queue, received, advance, start, on } = setUp({ visibilityTimeoutMs: 1000 });
    on(async () => Promise.reject(new Error('no')));
    queue.send({ body: 'a' });
    start();
    await advance(999);
    expect(received).toEqual(['a']);
    await advance(1);
    expect(received).toEqual(['a', 'a']);
  });

  it('moves what fails too often to the dead-letter queue', async () => {
    const { clock, advance } = manualClock();
    const deadLetters = new Queue('dead', { clock });
    const queue = new Queue('q', { clock, visibilityTimeoutMs: 10, maxReceives: 3, deadLetters });
    let receives = 0;
    void queue.consume(
      async () => {
        receives++;
        throw new Error('no');
      },
      { signal: new AbortController().signal },
    );
    queue.send({ body: 'poison' });
    for (let i = 0; i < 5; i++) await advance(10);
    expect({ receives, left: queue.depth, dead: deadLetters.depth }).toEqual({ receives: 3, left: 0, dead: 1 });
  });

  it('holds a delayed message back until its time', async () => {
    const { queue, received, advance, start } = setUp({});
    start();
    queue.send({ body: 'later', delayMs: 5000 });
    await advance(4999);
    expect(received).toEqual([]);
    await advance(1);
    expect(received).toEqual(['later']);
  });

  it('FIFO: one message of a group at a time, groups side by side, in order', async () => {
    const { queue, received, advance, start, on } = setUp({ fifo: true });
    const settle = new Map<string, () => void>();
    on((body) => new Promise((resolve) => settle.set(body, resolve)));
    for (const [body, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const)
      queue.send({ body, group });
    start(4);
    await advance(0);
    expect(received).toEqual(['a1', 'b1']);
    settle.get('a1')!();
    await advance(0);
    expect(received).toEqual(['a1', 'b1', 'a2']);
  });

  it('FIFO: a failed message holds its group back until it is visible again', async () => {
    const { queue, received, advance, start, on } = setUp({ fifo: true, visibilityTimeoutMs: 100 });
    on(async (body) => (received.length === 1 ? Promise.reject(new Error(body)) : undefined));
    queue.send({ body: 'a1', group: 'a' });
    queue.send({ body: 'a2', group: 'a' });
    start(2);
    await advance(99);
    expect(received).toEqual(['a1']);
    await advance(1);
    await advance(0);
    expect(received).toEqual(['a1', 'a1', 'a2']);
  });

  it('FIFO: takes a deduplication id once in five minutes', async () => {
    const { queue, received, advance, start } = setUp({ fifo: true });
    start();
    queue.send({ body: 'a', group: 'a', deduplicationId: '1' });
    await advance(0);
    queue.send({ body: 'a', group: 'a', deduplicationId: '1' });
    await advance(5 * 60_000);
    queue.send({ body: 'again', group: 'a', deduplicationId: '1' });
    await advance(0);
    expect(received).toEqual(['a', 'again']);
  });

  it('stops when told to', async () => {
    const { queue, received, stop, advance, start } = setUp({});
    start();
    await advance(0);
    stop.abort();
    await advance(0);
    queue.send({ body: 'a' });
    await advance(0);
    expect(received).toEqual([]);
  });
});

it('delivers what becomes visible between the look for it and the wait for it', async () => {
  // Every look at the clock takes its time.
  let now = 0;
  const clock: Clock = { ...manualClock().clock, elapsed: () => elapsedAt(now++), sleep: async () => undefined };
  const queue = new Queue('q', { clock });
  queue.send({ body: 'a', delayMs: 2 });
  const stop = new AbortController();
  const received = new Promise<string>((resolve) => {
    void queue.consume(async (body) => resolve(body), { signal: stop.signal });
  });
  const turns = (async () => {
    for (let i = 0; i < 50; i++) await clock.turn();
    return 'nothing';
  })();
  expect(await Promise.race([received, turns])).toBe('a');
  stop.abort();
});

describe('quiet', () => {
  it('is a group of which nothing is due or in flight, whatever waits for later', async () => {
    const { queue, advance, start, on } = setUp({ fifo: true });
    const { promise, resolve: done } = Promise.withResolvers<void>();
    on(() => promise);
    queue.send({ body: 'later', group: 'a', delayMs: 1_000 });
    expect([queue.isQuiet('a'), queue.isQuiet('b')]).toEqual([true, true]);
    await advance(1_000);
    expect([queue.isQuiet('a'), queue.isQuiet('b')]).toEqual([false, true]);
    start();
    await advance(0);
    expect(queue.isQuiet('a')).toBe(false);
    const changed = queue.changed();
    done();
    await changed;
    expect(queue.isQuiet('a')).toBe(true);
  });
});
