import { type FunctionKey, reservedFor } from './concurrency.ts';
import { delayed, reconcilers, wakeups } from './queues.ts';
import { settings } from './settings.ts';
import { table } from './table.ts';

/** Where things are, for functions/wiring.ts. To be told so grants nothing: who may do what is said below, action by action. */
export const places = new sst.Linkable('Places', {
  properties: {
    table: table.name,
    scheduler: wakeups.scheduler.url,
    controllers: wakeups.controllers.url,
    nodes: wakeups.nodes.url,
    subscriptions: wakeups.subscriptions.url,
    clusters: wakeups.clusters.url,
    delayed: delayed.url,
  },
});

/** Which cluster the root path shows, how many nodes a new cluster gets, how long Events and the past stay, and which admission plugins run. */
export const environment = {
  LOGPLANE_CLUSTER: settings.cluster,
  LOGPLANE_NODES: String(settings.nodes),
  LOGPLANE_EVENT_TTL: settings.eventTtl,
  LOGPLANE_RETENTION: settings.retention,
  ...(settings.webhookServices !== undefined && { LOGPLANE_WEBHOOK_SERVICES: settings.webhookServices }),
  ...(settings.scheduler !== undefined && { LOGPLANE_SCHEDULER_CONFIGURATION: settings.scheduler }),
  ...settings.admission,
};

export const wakeReconcilers = { actions: ['sqs:SendMessage'], resources: Object.values(reconcilers).map((queue) => queue.arn) };

export const wakeWorkers = { actions: ['sqs:SendMessage'], resources: Object.values(wakeups).map((queue) => queue.arn) };

export const wakeLater = { actions: ['sqs:SendMessage'], resources: [delayed.arn] };

/** What the event source of a function does in the function's name, and to give a message back before its time-out. */
export const consume = (queue: sst.aws.Queue) => ({
  actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
  resources: [queue.arn],
});

/** A function as all of them are; SST would let every principal in the account take on its role. */
export function lambda(name: string, key: FunctionKey, args: Omit<sst.aws.FunctionArgs, 'handler'>) {
  return new sst.aws.Function(name, {
    handler: `functions/${key}.handler`,
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    nodejs: { minify: true },
    logging: { format: 'json', retention: '1 month' },
    link: [places],
    concurrency: reservedFor(key),
    ...args,
    transform: {
      role: (role) => {
        role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: 'lambda.amazonaws.com' });
      },
    },
  });
}
