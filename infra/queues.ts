/** How long one run of a reconciler may take. */
export const runSeconds = 60;

/** How long the function that passes timers on may take. */
export const timersSeconds = 30;

/** How often a message is received before it is put aside. Retries come further and further apart: these take a quarter of an hour. */
export const maxReceives = 8;

/** Wake-ups on which a reconciler failed again and again. */
export const deadWakeups = deadLetterQueue('DeadWakeups', { fifo: true });

/** Timers that could not be passed on, and calls to wake every cluster that failed. */
export const deadLetters = deadLetterQueue('DeadLetters', { fifo: false });

/** One queue for each reconciler. */
export const reconcilers = {
  scheduler: wakeupQueue('SchedulerWakeups'),
  controllers: wakeupQueue('ControllersWakeups'),
  nodes: wakeupQueue('NodesWakeups'),
};

/** And one for each worker besides, that few changes are for: who knows the state of a cluster wakes it, and nothing is sent where there is no work for it. */
export const wakeups = { ...reconcilers, clusters: wakeupQueue('ClustersWakeups'), subscriptions: wakeupQueue('SubscriptionsWakeups') };

/** Holds wake-ups back until their time. FIFO queues cannot delay a single message. */
export const delayed = new sst.aws.Queue('DelayedWakeups', {
  visibilityTimeout: visibilityFor(timersSeconds),
  dlq: { queue: deadLetters.arn, retry: maxReceives },
});

/** A group for each cluster: a cluster's wake-ups come one after the other, those of many clusters side by side. */
function wakeupQueue(name: string) {
  return new sst.aws.Queue(name, {
    fifo: true,
    visibilityTimeout: visibilityFor(runSeconds),
    dlq: { queue: deadWakeups.arn, retry: maxReceives },
    transform: {
      queue: (args) => {
        // High throughput: what is deduplicated and limited is a group, not the queue.
        args.deduplicationScope = 'messageGroup';
        args.fifoThroughputLimit = 'perMessageGroupId';
      },
    },
  });
}

/** Keeps for two weeks what the operator has to look at. */
function deadLetterQueue(name: string, { fifo }: { fifo: boolean }) {
  return new sst.aws.Queue(name, {
    fifo,
    transform: {
      queue: (args) => {
        args.messageRetentionSeconds = 14 * 24 * 3600;
      },
    },
  });
}

/**
 * Six times what the function may take (AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping"). A run that failed
 * comes back sooner: the function then shortens the time itself.
 */
function visibilityFor(seconds: number): `${number} seconds` {
  return `${6 * seconds} seconds`;
}
