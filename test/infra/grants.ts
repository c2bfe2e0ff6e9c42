import {
  chunkPartition,
  endedPartition,
  failuresPartition,
  latePartition,
  partsPartition,
  pendingPartition,
  piecesPartition,
  proposalsPartition,
  registryPartition,
  snapshotsPartition,
} from '../../core/log/dynamodb/keys.ts';
import type { FunctionName } from '../aws/bundles.ts';

/**
 * Who may do what: every permission of every function, as `service:Action resource`. `test/infra` checks that the deployment grants these and no others, and
 * `test/aws` that the functions, when they run, ask for nothing else. `LogTable/entries` are the table's partitions that hold entries.
 */
export const grants: Readonly<Record<FunctionName, readonly string[]>> = {
  api: [...useLog(), 'dynamodb:Query LogTable/failures', ...beginClusters(), ...wakeWorkers()],
  scheduler: [...consume('SchedulerWakeups'), ...useLog(), ...noteFailures(), ...wakeWorkers(), 'sqs:SendMessage DelayedWakeups'],
  controllers: [
    ...consume('ControllersWakeups'),
    ...useLog(),
    ...noteFailures(),
    'dynamodb:PutItem LogTable/registry',
    'dynamodb:PutItem LogTable/snapshots',
    'dynamodb:DeleteItem LogTable/snapshots',
    'dynamodb:Query LogTable/chunks',
    'dynamodb:PutItem LogTable/chunks',
    'dynamodb:DeleteItem LogTable/chunks',
    'dynamodb:Query LogTable/pending',
    'dynamodb:Query LogTable/late',
    'dynamodb:PutItem LogTable/late',
    'dynamodb:DeleteItem LogTable/late',
    'dynamodb:DeleteItem LogTable/entries',
    ...wakeWorkers(),
    'sqs:SendMessage DelayedWakeups',
  ],
  nodes: [...consume('NodesWakeups'), ...useLog(), ...noteFailures(), ...wakeWorkers(), 'sqs:SendMessage DelayedWakeups'],
  subscriptions: [...consume('SubscriptionsWakeups'), ...useLog(), ...noteFailures(), ...wakeWorkers(), 'sqs:SendMessage DelayedWakeups'],
  clusters: [
    ...consume('ClustersWakeups'),
    ...useLog(),
    ...noteFailures(),
    ...beginClusters(),
    'dynamodb:Query LogTable/failures',
    'dynamodb:Query LogTable/ended',
    'dynamodb:PutItem LogTable/ended',
    'dynamodb:DeleteItem LogTable/ended',
    'dynamodb:DeleteItem LogTable/entries',
    'dynamodb:PutItem LogTable/snapshots',
    'dynamodb:DeleteItem LogTable/snapshots',
    'dynamodb:Query LogTable/chunks',
    'dynamodb:PutItem LogTable/chunks',
    'dynamodb:DeleteItem LogTable/chunks',
    'dynamodb:Query LogTable/pending',
    'dynamodb:Query LogTable/late',
    'dynamodb:PutItem LogTable/late',
    'dynamodb:DeleteItem LogTable/late',
    ...wakeWorkers(),
    'sqs:SendMessage DelayedWakeups',
  ],
  timers: [...consume('DelayedWakeups'), ...wakeWorkers(), 'sqs:SendMessage DelayedWakeups'],
  relay: [
    'dynamodb:DescribeStream LogTable/stream',
    'dynamodb:GetRecords LogTable/stream',
    'dynamodb:GetShardIterator LogTable/stream',
    'dynamodb:ListStreams LogTable/stream',
    ...wakeReconcilers(),
    'sns:Publish Resync',
  ],
  resync: ['dynamodb:Query LogTable/registry', 'dynamodb:Query LogTable/entries', ...wakeWorkers(), 'sqs:SendMessage DeadLetters'],
};

function useLog() {
  return [
    'dynamodb:GetItem LogTable/registry',
    'dynamodb:Query LogTable/registry',
    'dynamodb:GetItem LogTable/entries',
    'dynamodb:Query LogTable/entries',
    'dynamodb:PutItem LogTable/entries',
    'dynamodb:Query LogTable/parts',
    'dynamodb:PutItem LogTable/parts',
    'dynamodb:DeleteItem LogTable/parts',
    'dynamodb:PutItem LogTable/pending',
    'dynamodb:DeleteItem LogTable/pending',
    'dynamodb:Query LogTable/proposals',
    'dynamodb:PutItem LogTable/proposals',
    'dynamodb:DeleteItem LogTable/proposals',
    'dynamodb:GetItem LogTable/snapshots',
    'dynamodb:Query LogTable/snapshots',
    'dynamodb:GetItem LogTable/chunks',
    'dynamodb:GetItem LogTable/ended',
  ];
}

function noteFailures() {
  return ['GetItem', 'PutItem', 'DeleteItem'].map((action) => `dynamodb:${action} LogTable/failures`);
}

function wakeReconcilers() {
  return ['sqs:SendMessage SchedulerWakeups', 'sqs:SendMessage ControllersWakeups', 'sqs:SendMessage NodesWakeups'];
}

function wakeWorkers() {
  return [...wakeReconcilers(), 'sqs:SendMessage ClustersWakeups', 'sqs:SendMessage SubscriptionsWakeups'];
}

function beginClusters() {
  return ['dynamodb:PutItem LogTable/registry', 'dynamodb:DeleteItem LogTable/registry'];
}

function consume(queue: string) {
  return ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility'].map((action) => `sqs:${action} ${queue}`);
}

/** Partitions of the table, as the adapter names them, by what is in them. */
export const partitions: Readonly<Record<string, readonly string[]>> = {
  entries: ['default', 'a', 'x-1', 'x-1~0b9c'],
  parts: [partsPartition('default', 5, 'e1f0/7'), partsPartition('a', 1, 'w')],
  pending: [pendingPartition('default'), pendingPartition('a')],
  late: [latePartition('default'), latePartition('x-1~0b9c')],
  proposals: [proposalsPartition('default'), proposalsPartition('a')],
  failures: [failuresPartition('default'), failuresPartition('x-1~0b9c')],
  snapshots: [snapshotsPartition('default'), snapshotsPartition('a'), piecesPartition('default', 'e1f0')],
  chunks: [chunkPartition('5bN-_x'), chunkPartition('a')],
  registry: [registryPartition],
  ended: [endedPartition],
};

/** What is in a partition. */
export function contentsOf(partition: string): string {
  if (partition === registryPartition) return 'registry';
  if (partition === endedPartition) return 'ended';
  if (partition.startsWith(chunkPartition(''))) return 'chunks';
  const [, kind] = partition.split('#');
  return kind === undefined ? 'entries' : kind === 'snapshot' ? 'snapshots' : kind;
}
