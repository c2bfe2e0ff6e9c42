import { consume, environment, lambda, useLog, wakeLater, wakeReconcilers } from './functions.ts';
import { delayed, runSeconds, timersSeconds, wakeups } from './queues.ts';

reconciler('Scheduler', 'functions/scheduler.handler', wakeups.scheduler);
reconciler('Controllers', 'functions/controllers.handler', wakeups.controllers);
reconciler('Nodes', 'functions/nodes.handler', wakeups.nodes);

const timers = lambda('Timers', {
  handler: 'functions/timers.handler',
  timeout: `${timersSeconds} seconds`,
  memory: '256 MB',
  permissions: [consume(delayed), wakeReconcilers, wakeLater],
});
delayed.subscribe(timers.arn, batch());

function reconciler(name: string, handler: string, queue: sst.aws.Queue) {
  const fn = lambda(name, {
    handler,
    timeout: `${runSeconds} seconds`,
    // A pass is all computing: from this size on a function has one whole CPU.
    memory: '1769 MB',
    environment,
    permissions: [consume(queue), ...useLog, wakeReconcilers, wakeLater],
  });
  queue.subscribe(fn.arn, batch());
}

/** Messages that failed come back alone. */
function batch() {
  return { batch: { size: 10, partialResponses: true } };
}
