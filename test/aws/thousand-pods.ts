import { type AwsHost, type Counts, startAwsHost, type Usage } from './aws-host.ts';
import { deployment, json } from './requests.ts';

/** The figures of a Deployment with 1,000 replicas on 20 nodes, from the request until all is quiet, through the functions of a deployment. */
export interface ThousandPods {
  readonly lambda_requests_per_pod: number;
  readonly lambda_wcu_per_pod: number;
  readonly lambda_rcu_per_pod: number;
  readonly lambda_invocations: number;
  /** From the request to the last pod Running and nothing left to do, with warm containers. */
  readonly lambda_deploy_1000_ms: number;
}

const PODS = 1_000;

/**
 * Measures it. Requests are those of the functions to DynamoDB and SQS and those of their event sources to SQS; polls of queues that stay empty, which
 * go on whether a deployment is used or not, are left out. The relay collects records for a second, as deployed.
 */
export async function measureThousandPods(): Promise<ThousandPods> {
  const host = await startAwsHost({ nodes: 20, streamWindowMs: 1_000 });
  try {
    await begin(host);
    const started = performance.now();
    const created = await host.fetch('/apis/apps/v1/namespaces/default/deployments', json('POST', deployment('web', PODS)));
    if (created.status !== 201) throw new Error(`the Deployment was answered ${created.status}`);
    await host.quiet();
    const ms = performance.now() - started;
    const usage = host.takeUsage();
    const read = (await (await host.fetch('/apis/apps/v1/namespaces/default/deployments/web')).json()) as { status: { readyReplicas?: number } };
    if (read.status.readyReplicas !== PODS) throw new Error(`${read.status.readyReplicas} of ${PODS} pods are ready, and nothing goes on`);
    return figures(usage, ms);
  } finally {
    await host.close();
  }
}

/** A cluster that is there, with all its containers warm. */
async function begin(host: AwsHost): Promise<void> {
  await (await host.fetch('/api/v1/nodes')).text();
  await host.quiet();
  host.takeUsage();
}

const figures = ({ requests, readUnits, writeUnits, invocations }: Usage, ms: number): ThousandPods => ({
  lambda_requests_per_pod: sum(withoutEmptyPolls(requests)) / PODS,
  lambda_wcu_per_pod: writeUnits / PODS,
  lambda_rcu_per_pod: readUnits / PODS,
  lambda_invocations: sum(invocations),
  lambda_deploy_1000_ms: Math.round(ms),
});

/** A receive that brought messages is followed by a delete. */
const withoutEmptyPolls = (requests: Counts): Counts =>
  Object.fromEntries(Object.entries(requests).map(([name, count]) => [name, name.endsWith(' ReceiveMessage') ? (requests[deleteOf(name)] ?? 0) : count]));

const deleteOf = (receive: string) => receive.replace('ReceiveMessage', 'DeleteMessageBatch');

const sum = (counts: Counts) => Object.values(counts).reduce((a, b) => a + b, 0);
