import { setTimeout as sleep } from 'node:timers/promises';
import { deployment, median, quantile } from '../workloads.ts';
import type { Connection } from './connection.ts';

const CLIENTS = 64;
const WATCHERS = 10;
const RATE = 200;

export interface Load {
  /** How many ConfigMaps are created by 64 clients. */
  readonly creates: number;
  /** How many replicas the Deployment has; 0: none is made. The cluster has to run pods (kwok's will do) for them to become available. */
  readonly replicas: number;
  /** For how long ten watches are told of 200 writes a second. */
  readonly watchSeconds: number;
}

/** What an API server does of a load, in a namespace of its own that is removed again. `told` gets each figure as it is there. */
export async function measure(server: Connection, { creates, replicas, watchSeconds }: Load, told: (figure: string, value: number) => void): Promise<void> {
  const namespace = `bench-${process.pid}`;
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
  let created = 0;
  const create = () => server.text('POST', configMaps, configMap(`c${created++}`));
  await server.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  try {
    told('creates_64_per_s', await perSecond({ count: creates, clients: CLIENTS }, create));
    told('creates_1_per_s', await perSecond({ count: Math.ceil(creates / 8), clients: 1 }, create));
    told('gets_64_per_s', await perSecond({ count: creates, clients: CLIENTS }, (i) => server.text('GET', `${configMaps}/c${i}`)));
    const latencies = await watched(server, configMaps, watchSeconds * RATE);
    told('watch_p50_ms', quantile(latencies, 0.5));
    told('watch_p99_ms', quantile(latencies, 0.99));
    if (replicas === 0) return;
    told('deployment_s', await seconds(() => rolledOut(server, namespace, replicas)));
    const lists: number[] = [];
    for (let i = 0; i < 5; i++) lists.push(1000 * (await seconds(() => server.compressed(`/api/v1/namespaces/${namespace}/pods`))));
    told('list_pods_ms', median(lists));
  } finally {
    await server.text('DELETE', `/api/v1/namespaces/${namespace}`);
  }
}

const configMap = (name: string) => ({ metadata: { name }, data: { key: 'value', more: 'x'.repeat(200) } });

/** How long it takes from sending a write to its event at each of ten watchers, at 200 writes a second. */
async function watched(server: Connection, configMaps: string, writes: number): Promise<readonly number[]> {
  const sent = new Map<string, number>();
  const latencies: number[] = [];
  const each = (line: string) => {
    const at = sent.get(/"name":"(w\d+)"/.exec(line)?.[1] ?? '');
    if (at !== undefined) latencies.push(performance.now() - at);
  };
  const { metadata } = await server.call<{ metadata: { resourceVersion: string } }>('GET', `${configMaps}?limit=1`);
  const target = `${configMaps}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const ends = await Promise.all(Array.from({ length: WATCHERS }, () => server.watch(target, each)));
  const pending: Promise<unknown>[] = [];
  const started = performance.now();
  for (let i = 0; i < writes; i++) {
    const early = started + (i * 1000) / RATE - performance.now();
    if (early > 0) await sleep(early);
    sent.set(`w${i}`, performance.now());
    pending.push(server.text('POST', configMaps, configMap(`w${i}`)));
  }
  await Promise.all(pending);
  while (latencies.length < WATCHERS * writes) await sleep(20);
  for (const end of ends) end();
  return latencies;
}

/** Resolves when all replicas are available. */
async function rolledOut(server: Connection, namespace: string, replicas: number): Promise<void> {
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { kind, apiVersion, spec } = deployment('web', replicas);
  await server.call('POST', deployments, { kind, apiVersion, metadata: { name: 'web' }, spec });
  for (;;) {
    const { status } = await server.call<{ status?: { availableReplicas?: number } }>('GET', `${deployments}/web`);
    if (status?.availableReplicas === replicas) return;
    await sleep(50);
  }
}

/** Calls `each` so many times, by so many clients that do one thing at a time. */
async function perSecond({ count, clients }: { count: number; clients: number }, each: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const one = async () => {
    while (next < count) await each(next++);
  };
  return count / (await seconds(() => Promise.all(Array.from({ length: clients }, one))));
}

export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}
