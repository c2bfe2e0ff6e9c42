import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../support/patience.ts';
import type { AwsHost } from './aws-host.ts';

/** A request with a JSON body. */
export const json = (method: string, body: object): RequestInit => ({
  method,
  headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
  body: JSON.stringify(body),
});

export const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
  },
});

/** Creates what is given in namespace `default` of a cluster; the answer must be 201. */
export async function create(host: AwsHost, collection: string, object: object): Promise<void> {
  const response = await host.fetch(collection, json('POST', object));
  if (response.status !== 201) throw new Error(`POST ${collection}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

/** The phases of the pods of a collection: `['Running', 'Running']`. */
export async function phases(host: AwsHost, collection = '/api/v1/namespaces/default/pods'): Promise<string[]> {
  const list = (await (await host.fetch(collection)).json()) as { items: { status: { phase: string } }[] };
  return list.items.map(({ status }) => status.phase);
}

export const running = (count: number): string[] => Array.from({ length: count }, () => 'Running');

/** Looks again until it is so. */
export async function until(condition: () => Promise<boolean> | boolean, { timeoutMs = PATIENCE_MS }: { timeoutMs?: number } = {}): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so after ${timeoutMs} ms: ${condition}`);
    await sleep(50);
  }
}

/** Waits until the pods of a collection are so many, all Running. */
export const untilRunning = (host: AwsHost, count: number, collection?: string) =>
  until(async () => (await phases(host, collection)).join() === running(count).join());
