import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Env, idsFrom } from '../env.ts';
import { elapsedAt, realDelay, realInstant } from '../instant.ts';
import { State } from '../state/state.ts';
import { SqsQueues } from './sqs-queues.ts';
import { sqsWakeups } from './sqs-wakeups.ts';

const NOW = 1_000_000;
const sqs = mockClient(SQSClient);
beforeEach(() => void sqs.reset());

const TIMEOUT = 12_345;

/** Time stands still but for what is slept, at once. `timeIsUp`: every attempt takes too long. */
function setUp({ client = new SQSClient({}), timeIsUp = false, occasional = {} } = {}) {
  let now = NOW;
  const env: Env = {
    clock: {
      now: () => realInstant(now),
      elapsed: () => elapsedAt(now),
      sleep: async (ms) => {
        if (ms !== TIMEOUT) now += ms;
        else if (!timeIsUp) return new Promise(() => undefined);
      },
      turn: async () => undefined,
    },
    random: { next: () => 0.5 },
    ids: idsFrom({ next: () => 0.5 }),
  };
  const wakeups = { scheduler: 'https://sqs/scheduler.fifo', nodes: 'https://sqs/nodes.fifo' };
  const queues = new SqsQueues({ client, env, wakeups, occasional, delayed: 'https://sqs/delayed', timeoutMs: TIMEOUT });
  return { queues, now: () => now };
}

const sent = () =>
  sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => {
    const { QueueUrl, Entries } = input as SendMessageBatchCommandInput;
    return { to: QueueUrl!.split('/').at(-1), messages: Entries!.map(({ Id: _, ...message }) => message) };
  });

describe('wake-ups of appends', () => {
  it('go to every reconciler, in the group of the cluster, once for an offset', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await setUp().queues.wakeAll(new Map([['lab', 17]]));
    const messages = [{ MessageBody: 'lab', MessageGroupId: 'lab', MessageDeduplicationId: 'lab:17' }];
    expect(sent()).toEqual([
      { to: 'scheduler.fifo', messages },
      { to: 'nodes.fifo', messages },
    ]);
  });

  it('of a cluster that was begun anew are not those of the log that it had', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await setUp().queues.wakeAll(
      new Map([
        ['lab', 17],
        ['lab~9f', 17],
      ]),
    );
    expect(sent()[0]!.messages).toEqual([
      { MessageBody: 'lab', MessageGroupId: 'lab', MessageDeduplicationId: 'lab:17' },
      { MessageBody: 'lab', MessageGroupId: 'lab', MessageDeduplicationId: 'lab~9f:17' },
    ]);
  });

  it('leave out the reconciler that wrote', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    const { queues } = setUp();
    await sqsWakeups({ queues, writer: 'nodes', lost: (error) => expect.unreachable(String(error)) }).appended('lab', 17, State.empty);
    expect(sent().map(({ to }) => to)).toEqual(['scheduler.fifo']);
  });

  it('reach workers that few changes are for where the state has work for them', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    const { queues } = setUp({ occasional: { deliveries: 'https://sqs/deliveries.fifo' } });
    const wakeups = (wants: boolean) =>
      sqsWakeups({ queues, occasional: [{ name: 'deliveries', wants: () => wants }], lost: (error) => expect.unreachable(String(error)) });
    await wakeups(false).appended('lab', 17, State.empty);
    expect(sent().map(({ to }) => to)).toEqual(['scheduler.fifo', 'nodes.fifo']);
    await wakeups(true).appended('lab', 18, State.empty);
    expect(
      sent()
        .slice(2)
        .map(({ to }) => to),
    ).toEqual(['scheduler.fifo', 'nodes.fifo', 'deliveries.fifo']);
  });

  it('take one request for ten clusters', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await setUp().queues.wakeAll(new Map(Array.from({ length: 23 }, (_, i) => [`lab-${i}`, i + 1])));
    const counts = sent().map(({ to, messages }) => `${to} ${messages.length}`);
    expect(counts.sort()).toEqual(['nodes.fifo 10', 'nodes.fifo 10', 'nodes.fifo 3', 'scheduler.fifo 10', 'scheduler.fifo 10', 'scheduler.fifo 3']);
  });

  it('are none when nothing grew', async () => {
    await setUp().queues.wakeAll(new Map());
    expect(sent()).toEqual([]);
  });
});

describe('wake-ups for later', () => {
  const later = (delayMs: number) => ({ cluster: 'lab', reconciler: 'nodes', delayMs: realDelay(delayMs) });
  it.each([
    { name: 'wait in the delay queue, whole seconds', given: 1_500, want: 2, left: 0 },
    { name: 'wait for a quarter of an hour at most, and know what is left', given: 3_600_000, want: 900, left: 2_700_000 },
  ])('$name', async ({ given, want, left }) => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await setUp().queues.wakeIn(later(given));
    expect(sent()).toEqual([{ to: 'delayed', messages: [{ MessageBody: JSON.stringify(later(left)), DelaySeconds: want }] }]);
  });

  it('go out at once when it is time', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    const { queues } = setUp();
    await queues.wakeIn(later(0));
    expect(sent()).toMatchObject([{ to: 'nodes.fifo', messages: [{ MessageBody: 'lab', MessageGroupId: 'lab' }] }]);
  });

  it('of no reconciler are refused', async () => {
    await expect(setUp().queues.wake('lab', 'nobody', '1')).rejects.toThrow('no reconciler "nobody"');
  });
});

describe('failures of SQS', () => {
  const wake = (queues: SqsQueues) => queues.wake('lab', 'nodes', '1');

  it('are tried again, after a while', async () => {
    sqs.on(SendMessageBatchCommand).rejectsOnce(new Error('throttled')).resolves({});
    const { queues, now } = setUp();
    await wake(queues);
    expect(sent()).toHaveLength(2);
    expect(now()).toBeGreaterThan(NOW);
  });

  it('of some messages are tried again for these', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [], Failed: [{ Id: '1', SenderFault: false, Code: 'InternalError' }] })
      .resolves({});
    const { queues } = setUp();
    await queues.wakeAll(
      new Map([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]),
      { except: 'scheduler' },
    );
    expect(sent().map(({ messages }) => messages.map(({ MessageBody }) => MessageBody))).toEqual([['a', 'b', 'c'], ['b']]);
  });

  it('that last reject', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('gone'));
    await expect(wake(setUp().queues)).rejects.toThrow('1 of 1 messages could not be sent to https://sqs/nodes.fifo');
    expect(sent()).toHaveLength(3);
  });

  it('that last are only told to writers', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('gone'));
    const lost: unknown[] = [];
    const wakeups = sqsWakeups({ queues: setUp().queues, lost: (error) => lost.push(error) });
    await wakeups.appended('lab', 1, State.empty);
    await wakeups.later('lab', 'nodes', realDelay(5_000));
    expect(lost).toHaveLength(2);
  });

  it('include no answer within the time', async () => {
    let given = 0;
    const deaf = {
      send: (_: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          given++;
          abortSignal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    };
    await expect(wake(setUp({ client: deaf as unknown as SQSClient, timeIsUp: true }).queues)).rejects.toThrow('could not be sent');
    expect(given).toBe(3);
  });
});

describe('failed runs', () => {
  it('come back later and later', async () => {
    sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
    await setUp().queues.retrySoon(
      'nodes',
      [1, 2, 4, 9].map((receives) => ({ receipt: `r${receives}`, receives })),
    );
    const [call] = sqs.commandCalls(ChangeMessageVisibilityBatchCommand);
    expect(call!.args[0].input.Entries!.map(({ ReceiptHandle, VisibilityTimeout }) => [ReceiptHandle, VisibilityTimeout])).toEqual([
      ['r1', 1],
      ['r2', 4],
      ['r4', 64],
      ['r9', 300],
    ]);
  });
});
