import { parseRetention } from '../core/replica/retention-setting.ts';
import { type FunctionKey, scalingFor } from './concurrency.ts';
import { consume, environment, lambda, wakeLater, wakeReconcilers } from './functions.ts';
import { deleteEntries, keepSnapshots, useLog } from './log-access.ts';
import { delayed, runSeconds, timersSeconds, wakeups } from './queues.ts';
import { settings } from './settings.ts';

reconciler('Scheduler', 'scheduler');
reconciler('Controllers', 'controllers', [...keepSnapshots, ...(parseRetention(settings.retention) ? deleteEntries : [])]);
reconciler('Nodes', 'nodes');

const timers = lambda('Timers', 'timers', {
  timeout: `${timersSeconds} seconds`,
  memory: '256 MB',
  permissions: [consume(delayed), wakeReconcilers, wakeLater],
});
delayed.subscribe(timers.arn, source('timers'));

function reconciler(name: string, key: keyof typeof wakeups, more: typeof useLog = []) {
  const queue = wakeups[key];
  const fn = lambda(name, key, {
    timeout: `${runSeconds} seconds`,
    // A pass is all computing: from this size on a function has one whole CPU.
    memory: '1769 MB',
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
