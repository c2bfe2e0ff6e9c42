import { type FunctionKey, scalingFor } from './concurrency.ts';
import { consume, environment, lambda, places, wakeLater, wakeWorkers } from './functions.ts';
import { beginClusters, deleteEntries, endClusters, keepSnapshots, noteFailures, useLog } from './log-access.ts';
import { delayed, maxReceives, runSeconds, timersSeconds, wakeups } from './queues.ts';
import { settings } from './settings.ts';
import { signingKey } from './signing-key.ts';
import { targetPermissions } from './subscription-targets.ts';

reconciler('Scheduler', 'scheduler');
// It signs certificates, and tokens that stand in Secrets.
reconciler('Controllers', 'controllers', {
  more: [...keepSnapshots, ...deleteEntries],
  link: [places, signingKey],
});
reconciler('Nodes', 'nodes');
// It works on the cluster that all others are objects of, and on the logs of those.
// What works in a cluster is read when time is put forward in one.
reconciler('Clusters', 'clusters', { more: [...beginClusters, ...endClusters], splitting: true });
// It reaches the targets that the deployment names, and no others of the account.
reconciler('Subscriptions', 'subscriptions', { more: targetPermissions(settings.subscriptionTargets) });

const timers = lambda('Timers', 'timers', {
  timeout: `${timersSeconds} seconds`,
  memory: '256 MB',
  permissions: [consume(delayed), wakeWorkers, wakeLater],
});
delayed.subscribe(timers.arn, source('timers'));

function reconciler(
  name: string,
  key: keyof typeof wakeups,
  { more = [], link = [places], splitting = false }: { more?: Permissions; link?: object[]; splitting?: boolean } = {},
) {
  const queue = wakeups[key];
  const fn = lambda(name, key, {
    timeout: `${runSeconds} seconds`,
    // A pass is all computing: from this size on a function has one whole CPU.
    memory: '1769 MB',
    link,
    nodejs: { minify: true, splitting },
    environment: { ...environment, LOGPLANE_MAX_RECEIVES: String(maxReceives) },
    permissions: [consume(queue), ...useLog, ...noteFailures, ...more, wakeWorkers, wakeLater],
  });
  queue.subscribe(fn.arn, source(key));
}

type Permissions = readonly (typeof useLog | ReturnType<typeof targetPermissions>)[number][];

/** Messages that failed come back alone. */
function source(key: FunctionKey): sst.aws.QueueSubscriberArgs {
  return {
    batch: { size: 10, partialResponses: true },
    transform: {
      eventSourceMapping: (args) => {
        args.scalingConfig = scalingFor(key);
      },
    },
  };
}
