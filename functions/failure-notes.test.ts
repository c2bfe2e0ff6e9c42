import { expect, it } from 'vitest';
import { systemEnv } from '../core/env.ts';
import { elapsedAt, realInstant } from '../core/instant.ts';
import type { DynamodbLog } from '../core/log/dynamodb/dynamodb-log.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import type { WorkerFailure, WorkerFailures } from '../core/log/worker-failure.ts';
import { FailureNotes } from './failure-notes.ts';

let now = 0;
const clock = { ...systemEnv.clock, now: () => realInstant(now), elapsed: () => elapsedAt(now) };

async function notesOf(failures: Partial<WorkerFailures>) {
  const log = memoryLog();
  await log.branches.begin({ cluster: 'lab', log: 'lab', base: [] });
  const problems: string[] = [];
  const wiring = { log: { ...log, branches: log.branches, failures } as DynamodbLog, env: { ...systemEnv, clock }, maxReceives: 8 };
  return { problems, process: () => new FailureNotes('nodes', { ...wiring, problem: (message) => problems.push(message) }) };
}

it('are found by a process that knew of none, before the wake-up after the one that was put aside is done', async () => {
  const kept = new Map<string, WorkerFailure>();
  const { process } = await notesOf({
    get: async (_, name) => kept.get(name),
    put: async (_, failure) => void kept.set(failure.name, failure),
    delete: async (_, name) => void kept.delete(name),
  });
  const [warm, other] = [process(), process()];
  const noted = { log: 'lab' };
  await warm.succeeded(noted, { receives: 1 });
  for (const [i, seconds] of [0, 1, 4, 16, 64, 256, 300, 300].entries()) {
    now += seconds * 1000;
    await other.failed('lab', new Error('no'), { receives: i + 1 });
  }
  expect([...kept.values()]).toEqual([{ name: 'nodes', error: 'no', since: '1970-01-01T00:00:00Z', attempts: 8, deadLettered: true }]);
  await warm.succeeded(noted, { receives: 1 });
  expect(kept.size).toBe(0);
});

it('are left out where the table does not answer, and of clusters that there are not', async () => {
  const refuse = () => Promise.reject(new Error('no answer'));
  const { process, problems } = await notesOf({ get: refuse, put: refuse, delete: refuse });
  await process().failed('none', new Error('no'), { receives: 1 });
  expect(problems).toEqual([]);
  await process().failed('lab', new Error('no'), { receives: 1 });
  await process().again('lab', { receives: 2 });
  await process().succeeded({ log: 'lab' }, { receives: 1 });
  expect(problems).toEqual(Array.from({ length: 3 }, () => 'whether nodes fails on cluster lab was not noted'));
});
