import { api, server as fn, stage } from './api.ts';
import { deadLetters, deadWakeups, wakeups } from './queues.ts';
import { relay } from './relay.ts';
import { resync } from './resync.ts';
import { settings } from './settings.ts';

/** Every alarm is published here. */
const topic = new sst.aws.SnsTopic('Alarms');

for (const [i, address] of settings.alarmsTo.entries()) {
  new aws.sns.TopicSubscription(`AlarmsTo${i + 1}`, { topic: topic.arn, protocol: address.startsWith('https://') ? 'https' : 'email', endpoint: address });
}

/** For the outputs of a deployment: where alarms are sent. */
export const alarms = settings.alarmsTo.join(', ') || 'tell nobody: set LOGPLANE_ALARMS_TO to an e-mail address and deploy again';

const queueOf = (queue: sst.aws.Queue) => ({ QueueName: queue.nodes.queue.name });
const functionOf = (of: sst.aws.Function) => ({ FunctionName: of.name });

/** A message that ends in either means that a cluster stands still, or that Logplane has a bug. */
const putAside = { namespace: 'AWS/SQS', metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum', above: 0 } as const;
alarm('DeadWakeups', 'A reconciler failed on a cluster again and again; the cluster stands still.', { ...putAside, dimensions: queueOf(deadWakeups) });
alarm('DeadLetters', 'A timer, or a call to wake every cluster, failed again and again.', { ...putAside, dimensions: queueOf(deadLetters) });

// Longer than all attempts take: the function is throttled, or not invoked at all.
for (const [name, queue] of Object.entries(wakeups)) {
  alarm(`${name[0]!.toUpperCase()}${name.slice(1)}Waiting`, `Clusters have waited for ${name} for half an hour.`, {
    namespace: 'AWS/SQS',
    metricName: 'ApproximateAgeOfOldestMessage',
    statistic: 'Maximum',
    above: 1800,
    dimensions: queueOf(queue),
  });
}

alarm('RelayBehind', 'The relay is a quarter of an hour behind the log: only the writers themselves wake the reconcilers.', {
  namespace: 'AWS/Lambda',
  metricName: 'IteratorAge',
  statistic: 'Maximum',
  above: 900_000,
  dimensions: functionOf(relay),
  // When it has caught up, or given up: what was lost meanwhile, and could not be told of, is found by looking.
  whenOver: [resync.arn],
});
alarm('RelayGaveUp', 'The relay gave up on entries, and not even that could be told: wake every cluster by hand (docs/deploy.md).', {
  namespace: 'AWS/Lambda',
  metricName: 'DestinationDeliveryFailures',
  statistic: 'Sum',
  above: 0,
  dimensions: functionOf(relay),
});

alarm('ApiErrors', 'The API function crashed or ran out of time.', {
  namespace: 'AWS/Lambda',
  metricName: 'Errors',
  statistic: 'Sum',
  above: 0,
  dimensions: functionOf(fn),
});
alarm('ApiThrottled', 'For three minutes all executions of the API were taken: too many watches, or a flood.', {
  namespace: 'AWS/Lambda',
  metricName: 'Throttles',
  statistic: 'Sum',
  above: 0,
  minutes: 3,
  dimensions: functionOf(fn),
});
alarm('ApiFailures', 'More than ten requests in a minute were answered with 5xx.', {
  namespace: 'AWS/ApiGateway',
  metricName: '5XXError',
  statistic: 'Sum',
  above: 10,
  dimensions: { ApiName: api.nodes.api.name, Stage: stage.stageName },
});

interface Alarm {
  readonly namespace: string;
  readonly metricName: string;
  readonly statistic: 'Maximum' | 'Sum';
  /** It is raised when the metric is greater, for so many minutes (one unless told). */
  readonly above: number;
  readonly minutes?: number;
  readonly dimensions: aws.cloudwatch.MetricAlarmArgs['dimensions'];
  readonly whenOver?: aws.cloudwatch.MetricAlarmArgs['okActions'];
}

function alarm(name: string, alarmDescription: string, { namespace, metricName, statistic, above, minutes = 1, dimensions, whenOver }: Alarm) {
  new aws.cloudwatch.MetricAlarm(`${name}Alarm`, {
    alarmDescription: `Logplane: ${alarmDescription}`,
    namespace,
    metricName,
    dimensions,
    statistic,
    comparisonOperator: 'GreaterThanThreshold',
    threshold: above,
    period: 60,
    evaluationPeriods: minutes,
    treatMissingData: 'notBreaching',
    alarmActions: [topic.arn],
    okActions: whenOver,
  });
}
