import { lambda, wakeReconcilers } from './functions.ts';
import { deadLetters } from './queues.ts';
import { table } from './table.ts';

/** Wakes the reconcilers of every cluster whose log grew: the sure path of wake-ups, behind the fast one of the writer itself. */
const relay = lambda('Relay', {
  handler: 'functions/relay.handler',
  timeout: '30 seconds',
  memory: '256 MB',
  permissions: [
    {
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      resources: [table.nodes.table.streamArn],
    },
    wakeReconcilers,
    { actions: ['sqs:SendMessage'], resources: [deadLetters.arn] },
  ],
});

table.subscribe('Relay', relay.arn, {
  // Only entries have a writer; snapshots, parts and the names of the clusters wake nobody.
  filters: [{ eventName: ['INSERT'], dynamodb: { NewImage: { writer: { S: [{ exists: true }] } } } }],
  transform: {
    eventSourceMapping: (args) => {
      args.startingPosition = 'TRIM_HORIZON';
      args.batchSize = 1_000;
      // The writer has sent the same wake-ups already. Waiting for a second makes one invocation of what a busy cluster writes in that time.
      args.maximumBatchingWindowInSeconds = 1;
      args.parallelizationFactor = 4;
      args.bisectBatchOnFunctionError = true;
      args.maximumRetryAttempts = 10;
      args.maximumRecordAgeInSeconds = 3600;
      args.destinationConfig = { onFailure: { destinationArn: deadLetters.arn } };
    },
  },
});
