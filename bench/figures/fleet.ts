import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../host-process.ts';
import { deployment, rollOut } from '../workloads.ts';

/**
 * What fleets of pods take, from end to end on a durable log, all of it or `only` one: a Deployment of 10,000 replicas on 500 nodes; a DaemonSet that is updated on 1,000 nodes,
 * 100 at a time; Jobs of one pod that ends at once; and a cluster of 5,000 nodes and 50,000 pods from nothing, with its memory right after and eight seconds later. Beside each time stands how much
 * computing time of the host went into it.
 */
export async function fleet({ only }: { only?: string } = {}): Promise<Record<string, number>> {
  if (only !== undefined && !Object.hasOwn(fleets, only)) throw new Error(`no such fleet: ${only} (there are ${Object.keys(fleets).join(', ')})`);
  const out: Record<string, number> = {};
  for (const [name, measure] of Object.entries(fleets)) if (only === undefined || name === only) Object.assign(out, await measure());
  return out;
}

const fleets: Record<string, () => Promise<Record<string, number>>> = { deployment: largeDeployment, daemonset: daemonSet, jobs, cluster };

async function largeDeployment(): Promise<Record<string, number>> {
  const host = await start(500);
  const before = host.cpu;
  const time = await rollOut(host, 'web', 10_000);
  const cpu = host.cpu - before;
  await host.stop();
  return { deploy_10k_ms: time, deploy_10k_cpu_s: cpu };
}

async function daemonSet(): Promise<Record<string, number>> {
  const nodes = 1_000;
  const host = await start(nodes);
  const url = '/apis/apps/v1/namespaces/default/daemonsets';
  const isUpdated = ({ object }: Told, generation: number) => {
    const { observedGeneration = 0, numberAvailable, updatedNumberScheduled } = (object['status'] ?? {}) as Partial<Record<string, number>>;
    return observedGeneration >= generation && numberAvailable === nodes && updatedNumberScheduled === nodes;
  };
  const template = (image: string) => ({
    metadata: { labels: { app: 'agent' } },
    spec: { containers: [{ name: 'agent', image, resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
  });
  const spec = {
    selector: { matchLabels: { app: 'agent' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: template('nginx:1.28'),
  };
  const made = until(host, `${url}?watch=true`, (told) => isUpdated(told, 1));
  await host.call('POST', url, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' }, spec });
  await made;
  const started = performance.now();
  const before = host.cpu;
  const updated = until(host, `${url}?watch=true`, (told) => isUpdated(told, 2));
  await host.call('PUT', `${url}/agent`, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: { ...spec, template: template('nginx:1.29') },
  });
  await updated;
  const time = performance.now() - started;
  const cpu = host.cpu - before;
  await host.stop();
  return { daemonset_1k_update_ms: time, daemonset_1k_update_cpu_s: cpu };
}

async function jobs(): Promise<Record<string, number>> {
  const count = 2_000;
  const host = await start(100);
  const url = '/apis/batch/v1/namespaces/default/jobs';
  const container = { name: 'task', image: 'busybox:1.37', command: ['true'], resources: { requests: { cpu: '10m', memory: '16Mi' } } };
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [container] } } };
  const ended = new Set<string>();
  const done = until(host, `${url}?watch=true`, ({ object }) => {
    const { status, metadata } = object as { status?: { completionTime?: string }; metadata: { name: string } };
    if (status?.completionTime) ended.add(metadata.name);
    return ended.size === count;
  });
  const started = performance.now();
  const before = host.cpu;
  const names = Array.from({ length: count }, (_, i) => `task-${i}`);
  await Promise.all(names.map((name) => host.call('POST', url, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec })));
  await done;
  const minutes = (performance.now() - started) / 60_000;
  const cpu = host.cpu - before;
  await host.stop();
  return { jobs_per_min: count / minutes, job_cpu_ms: (1_000 * cpu) / count };
}

async function cluster(): Promise<Record<string, number>> {
  const [deployments, replicas] = [50, 1_000];
  const started = performance.now();
  const host = await start(5_000);
  const url = '/apis/apps/v1/namespaces/default/deployments';
  const available = new Set<string>();
  const done = until(host, `${url}?watch=true`, ({ object }) => {
    const { status, metadata } = object as { status?: { availableReplicas?: number }; metadata: { name: string } };
    if (status?.availableReplicas === replicas) available.add(metadata.name);
    return available.size === deployments;
  });
  for (let i = 0; i < deployments; i++) await host.call('POST', url, deployment(`web-${i}`, replicas));
  await done;
  const seconds = (performance.now() - started) / 1_000;
  const { rss: busy, cpu } = host;
  await sleep(8_000);
  const { rss } = host;
  await host.stop();
  return { cluster_5000_s: seconds, cluster_5000_cpu_s: cpu, rss_50k_mb: rss, rss_50k_busy_mb: busy };
}

const start = (nodes: number): Promise<HostProcess> => HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')), nodes });

interface Told {
  readonly type: string;
  readonly object: Record<string, unknown>;
}

/** Resolves when a watch tells what is waited for. */
const until = (host: HostProcess, url: string, is: (told: Told) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const stop = host.watch(url, (told) => {
      if (!is(told)) return;
      stop();
      resolve();
    });
  });
