import { deadLetters, deadWakeups } from './queues.ts';

// A message that ends here means that a cluster stands still, or that Logplane has a bug.
alarm('DeadWakeupsAlarm', deadWakeups);
alarm('DeadLettersAlarm', deadLetters);

/** In alarm while a dead-letter queue is not empty. Whom it tells is for the account to say. */
function alarm(name: string, queue: sst.aws.Queue) {
  new aws.cloudwatch.MetricAlarm(name, {
    alarmDescription: 'Logplane put a message aside that failed again and again.',
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: queue.nodes.queue.name },
    statistic: 'Maximum',
    comparisonOperator: 'GreaterThanThreshold',
    threshold: 0,
    period: 60,
    evaluationPeriods: 1,
    treatMissingData: 'notBreaching',
  });
}
