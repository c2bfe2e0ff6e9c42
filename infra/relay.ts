import { lambda, wakeReconcilers } from './functions.ts';
import { resync } from './resync.ts';
import { table } from './table.ts';

/** Wakes the reconcilers of every cluster whose log grew: the sure path of wake-ups, behind the fast one of the writer itself. */
export const relay = lambda('Relay', 'relay', {
  timeout: '30 seconds',
  memory: '256 MB',
  permissions: [
    {
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      resources: [table.nodes.table.streamArn],
    },
    wakeReconcilers,
    { actions: ['sns:Publish'], resources: [resync.arn] },
  ],
});

/** A stream keeps a record for 24 hours. An hour before, the relay gives up, while Lambda can still say so. */
const giveUpSeconds = 23 * 3600;

table.subscribe('Relay', relay.arn, {
  // Only entries have a writer; snapshots, parts and the names of the clusters wake no reconciler.
  filters: [{ eventName: ['INSERT'], dynamodb: { NewImage: { writer: { S: [{ exists: true }] } } } }],
  transform: {
    eventSourceMapping: (args) => {
      args.startingPosition = 'TRIM_HORIZON';
      args.batchSize = 1_000;
      // The writer has sent the same wake-ups already. Waiting for a second makes one invocation of what a busy cluster writes in that time.
      args.maximumBatchingWindowInSeconds = 1;
      args.parallelizationFactor = 4;
      args.bisectBatchOnFunctionError = true;
      // It fails when SQS does, and then for every record: there is nothing to be gained by going on to the next one.
      args.maximumRetryAttempts = -1;
      args.maximumRecordAgeInSeconds = giveUpSeconds;
      args.destinationConfig = { onFailure: { destinationArn: resync.arn } };
    },
  },
});
