import { parseRetention } from '../core/replica/retention-setting.ts';
import { type FunctionKey, scalingFor } from './concurrency.ts';
import { consume, environment, lambda, places, wakeLater, wakeReconcilers } from './functions.ts';
import { deleteEntries, keepSnapshots, useLog } from './log-access.ts';
import { delayed, runSeconds, timersSeconds, wakeups } from './queues.ts';
import { settings } from './settings.ts';
import { signingKey } from './signing-key.ts';

reconciler('Scheduler', 'scheduler');
// It signs certificates, and tokens that stand in Secrets.
reconciler('Controllers', 'controllers', {
  more: [...keepSnapshots, ...(parseRetention(settings.retention) ? deleteEntries : [])],
  link: [places, signingKey],
});
reconciler('Nodes', 'nodes');

const timers = lambda('Timers', 'timers', {
  timeout: `${timersSeconds} seconds`,
  memory: '256 MB',
  permissions: [consume(delayed), wakeReconcilers, wakeLater],
});
delayed.subscribe(timers.arn, source('timers'));

function reconciler(name: string, key: keyof typeof wakeups, { more = [], link = [places] }: { more?: typeof useLog; link?: object[] } = {}) {
  const queue = wakeups[key];
  const fn = lambda(name, key, {
    timeout: `${runSeconds} seconds`,
    // A pass is all computing: from this size on a function has one whole CPU.
    memory: '1769 MB',
    link,
    environment,
    permissions: [consume(queue), ...useLog, ...more, wakeReconcilers, wakeLater],
  });
  queue.subscribe(fn.arn, source(key));
}

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
