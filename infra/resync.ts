import { lambda, wakeWorkers } from './functions.ts';
import { listClusters } from './log-access.ts';
import { deadLetters } from './queues.ts';

/** Whatever is published here wakes every cluster: when wake-ups may have been lost. A topic, because a queue would have to be asked for messages all the time. */
export const resync = new sst.aws.SnsTopic('Resync');

const fn = lambda('ResyncAll', 'resync', {
  timeout: '5 minutes',
  memory: '256 MB',
  permissions: [...listClusters, wakeWorkers, { actions: ['sqs:SendMessage'], resources: [deadLetters.arn] }],
});
resync.subscribe('ResyncAll', fn.arn);

new aws.lambda.FunctionEventInvokeConfig('ResyncAllRetries', {
  functionName: fn.name,
  maximumRetryAttempts: 2,
  maximumEventAgeInSeconds: 6 * 3600,
  destinationConfig: { onFailure: { destination: deadLetters.arn } },
});
