import type { FunctionName } from '../aws/bundles.ts';

/**
 * Who may do what: every permission of every function, as `service:Action resource`. `test/infra` checks that the deployment grants these and no others, and
 * `test/aws` that the functions, when they run, ask for nothing else. `LogTable#` are the table's partitions with a `#` in their names.
 */
export const grants: Readonly<Record<FunctionName, readonly string[]>> = {
  api: [...useLog(), ...wakeReconcilers()],
  scheduler: [...consume('SchedulerWakeups'), ...useLog(), ...wakeReconcilers(), 'sqs:SendMessage DelayedWakeups'],
  controllers: [...consume('ControllersWakeups'), ...useLog(), ...wakeReconcilers(), 'sqs:SendMessage DelayedWakeups'],
  nodes: [...consume('NodesWakeups'), ...useLog(), ...wakeReconcilers(), 'sqs:SendMessage DelayedWakeups'],
  timers: [...consume('DelayedWakeups'), ...wakeReconcilers(), 'sqs:SendMessage DelayedWakeups'],
  relay: [
    'dynamodb:DescribeStream LogTable/stream',
    'dynamodb:GetRecords LogTable/stream',
    'dynamodb:GetShardIterator LogTable/stream',
    'dynamodb:ListStreams LogTable/stream',
    ...wakeReconcilers(),
    'sqs:SendMessage DeadLetters',
  ],
};

function useLog() {
  return ['dynamodb:GetItem LogTable', 'dynamodb:Query LogTable', 'dynamodb:PutItem LogTable', 'dynamodb:DeleteItem LogTable#'];
}

function wakeReconcilers() {
  return ['sqs:SendMessage SchedulerWakeups', 'sqs:SendMessage ControllersWakeups', 'sqs:SendMessage NodesWakeups'];
}

function consume(queue: string) {
  return ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility'].map((action) => `sqs:${action} ${queue}`);
}
