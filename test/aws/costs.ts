// What docs/deploy.md says that things cost: `node test/aws/costs.ts` runs them through the functions, and prices what they consumed.

import { setTimeout as sleep } from 'node:timers/promises';
import { type AwsHost, startAwsHost, type Usage } from './aws-host.ts';
import { functionNames } from './bundles.ts';
import { create, deployment, json, phases } from './requests.ts';

/** List prices in US dollars (us-east-1, without free tiers). */
const prices = {
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  fifoRequest: 0.5 / 1e6,
  apiRequest: 3.5 / 1e6,
  invocation: 0.2 / 1e6,
  /** arm64 */
  gbSecond: 13.3334 / 1e6,
};

const configMap = (i: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `settings-${i}` }, data: { mode: 'fast', level: String(i) } });
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const each = async (count: number, act: (i: number) => Promise<unknown>) => {
  for (let i = 0; i < count; i++) await act(i);
};

/** Each: what is done, how often, and how. */
const operations: readonly [string, number, (host: AwsHost) => Promise<unknown>][] = [
  ['1,000 ConfigMaps created, one request each', 1_000, (host) => each(1_000, (i) => create(host, CONFIGMAPS, configMap(i)))],
  ['1,000 ConfigMaps read, one request each', 1_000, (host) => each(1_000, async (i) => (await host.fetch(`${CONFIGMAPS}/settings-${i}`)).text())],
  ['1 list of 1,000 ConfigMaps', 1, async (host) => (await host.fetch(CONFIGMAPS)).text()],
  ['1 Deployment of 1,000 pods, until all run', 1, (host) => create(host, DEPLOYMENTS, deployment('web', 1_000))],
  ['the same scaled to 0, until all are gone', 1, scaledToNothing],
  ['1 watch of 1 minute, nothing happens', 1, async (host) => (await host.fetch('/api/v1/pods?watch=true&timeoutSeconds=60&resourceVersion=0')).text()],
];

async function scaledToNothing(host: AwsHost): Promise<void> {
  await host.fetch(`${DEPLOYMENTS}/web`, json('PATCH', { spec: { replicas: 0 } }));
  // Pods take their leave for a while. Looking costs, so this looks once, when they must be gone.
  await sleep(40_000);
  const left = await phases(host);
  if (left.length > 0) throw new Error(`${left.length} pods are left`);
}

const host = await startAwsHost({ nodes: 20, streamWindowMs: 1_000 });
try {
  await (await host.fetch('/api/v1/nodes')).text();
  await host.quiet();
  host.takeUsage();
  console.log('| what | write units | read units | SQS requests | invocations | GB-s | US$ |');
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, requests, act] of operations) {
    await act(host);
    await host.quiet();
    console.log(row(name, requests, host.takeUsage()));
  }
} finally {
  await host.close();
}

function row(name: string, apiRequests: number, { writeUnits, readUnits, requests, invocations, gbSeconds }: Usage): string {
  const queueRequests = Object.entries(requests).reduce(
    (sum, [request, count]) => sum + (/ (SendMessageBatch|DeleteMessageBatch)$/.test(request) ? count : 0),
    0,
  );
  // Each batch that is deleted was received before. Receives that bring nothing go on all the time, and are counted apart.
  const received = Object.entries(requests).reduce((sum, [request, count]) => sum + (request.endsWith(' DeleteMessageBatch') ? count : 0), 0);
  const invoked = functionNames.reduce((sum, name) => sum + invocations[name], 0);
  const cost =
    writeUnits * prices.writeUnit +
    readUnits * prices.readUnit +
    (queueRequests + received) * prices.fifoRequest +
    apiRequests * prices.apiRequest +
    invoked * prices.invocation +
    gbSeconds * prices.gbSecond;
  const numbers = [writeUnits, readUnits, queueRequests + received, invoked].map((value) => Math.round(value).toLocaleString('en'));
  return `| ${[name, ...numbers, gbSeconds.toFixed(1), cost.toPrecision(2)].join(' | ')} |`;
}
