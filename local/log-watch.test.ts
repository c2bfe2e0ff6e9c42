import { expect, it } from 'vitest';
import type { Clock } from '../core/env.ts';
import { clusterInstant } from '../core/instant.ts';
import { userNamed } from '../core/kube/user.ts';
import { type EventLog, LogUnavailable, LogUnwritable } from '../core/log/log.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { LogWatch } from './log-watch.ts';

/** A watched log that fails on demand, and a clock whose sleepers wake on demand. */
function setUp() {
  let failure: Error | undefined;
  let sleepers: (() => void)[] = [];
  const stop = new AbortController();
  const told: string[] = [];
  const inner = memoryLog();
  const failing: EventLog = {
    ...inner,
    append: async (...asked) => {
      if (failure) throw failure;
      return inner.append(...asked);
    },
    check: async () => {
      if (failure) throw failure;
    },
  };
  const clock: Pick<Clock, 'sleep'> = { sleep: () => new Promise((resolve) => sleepers.push(resolve)) };
  const watch = new LogWatch(failing, {
    clock,
    problem: (message) => told.push(message),
    recovered: () => told.push('woken'),
    signal: stop.signal,
  });
  return {
    watch,
    told,
    stop,
    fail: (error: Error | undefined) => {
      failure = error;
    },
    append: () => watch.log.append('c', { after: 0, events: [{ type: 'DELETED', key: 'a/b/c', actor: userNamed('a') }], writer: 'w', time: clusterInstant(1) }),
    sleeping: () => sleepers.length,
    async look() {
      const due = sleepers;
      sleepers = [];
      for (const wake of due) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('tells once that a log takes nothing, looks after it until it does, and then wakes all', async () => {
  const { watch, told, fail, append, look, sleeping } = setUp();
  const full = new LogUnwritable('the disk is full');
  fail(full);
  for (let i = 0; i < 3; i++) await expect(append()).rejects.toBe(full);
  await expect(watch.log.check()).rejects.toBe(full);
  expect(told).toEqual(['nothing can be written: the disk is full']);
  await look();
  expect(watch.failing).toBe(true);
  fail(undefined);
  await look();
  expect(watch.failing).toBe(false);
  expect(told.slice(1)).toEqual(['the log takes writes again', 'woken']);
  expect(sleeping()).toBe(0);
  fail(full);
  await expect(append()).rejects.toBe(full);
  expect(told).toHaveLength(4);
});

it('says nothing of a log that is slow to answer, nor after the host was stopped', async () => {
  const { told, fail, append, look, stop, watch, sleeping } = setUp();
  fail(new LogUnavailable('no answer'));
  await expect(append()).rejects.toThrow('no answer');
  expect(told).toEqual([]);
  fail(new LogUnwritable('the disk is full'));
  await expect(append()).rejects.toThrow('the disk is full');
  stop.abort();
  fail(undefined);
  await look();
  expect(told).toEqual(['nothing can be written: the disk is full']);
  expect([watch.failing, sleeping()]).toEqual([true, 0]);
});
