import { systemEnv } from '../../core/env.ts';
import type { EventLog } from '../../core/log/log.ts';
import { encodeManifest } from '../../core/log/manifest.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import type { Replica } from '../../core/replica/replica.ts';
import { saveSnapshot } from '../../core/state/snapshot.ts';
import { Host } from '../../local/host.ts';
import { secrets } from '../../local/secrets.ts';
import { deployment } from '../workloads.ts';

const PODS = 10_000;
const CLUSTER = 'default';

/** What a snapshot of a cluster of 10,000 pods writes when its Deployment has got one pod more since the last one, and how long that takes. */
export async function snapshot(): Promise<Record<string, number>> {
  const { log, written } = counting(memoryLog());
  const host = await Host.start({
    log,
    env: systemEnv,
    secrets: secrets(undefined),
    nodes: 100,
    cluster: CLUSTER,
    problem: (message, error) => console.error(message, error),
  });
  const replica = (await host.replica(CLUSTER))!;
  const send = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${host.token}`, 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
    const answer = await host.fetch(new Request(`https://host${path}`, { method, headers, body: JSON.stringify(body) }), { target: path });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const stored = { log, cluster: CLUSTER, env: systemEnv };

  await send('POST', deployments, deployment('web', PODS));
  await available(replica, PODS);
  const layout = await saveSnapshot(stored, replica.state);
  await send('PATCH', `${deployments}/web`, { spec: { replicas: PODS + 1 } });
  await available(replica, PODS + 1);
  written();
  const started = performance.now();
  await saveSnapshot(stored, replica.state, layout);
  const figures = { snapshot_kb: written(), snapshot_ms: performance.now() - started };
  await host.close();
  return figures;
}

/** A log that counts what snapshots write into it, in KB since it was asked last. */
function counting(inner: EventLog): { log: EventLog; written: () => number } {
  let bytes = 0;
  const written = () => {
    const kb = bytes / 1024;
    bytes = 0;
    return kb;
  };
  const saveSnapshot: EventLog['saveSnapshot'] = (cluster, snapshot, chunks) => {
    bytes += encodeManifest(snapshot.chunks).length;
    for (const chunk of chunks.values()) bytes += chunk.length;
    return inner.saveSnapshot(cluster, snapshot, chunks);
  };
  return { log: { ...inner, saveSnapshot }, written };
}

/** Resolves when so many pods are available, and nothing has happened for a second. */
async function available(replica: Replica, pods: number): Promise<void> {
  for (let quietSince = performance.now(), end = 0; performance.now() - quietSince < 1_000; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const status = replica.state.get('deployments.apps', 'default', 'web')?.['status'] as { availableReplicas?: number } | undefined;
    if (replica.state.offset === end && status?.availableReplicas === pods) continue;
    end = replica.state.offset;
    quietSince = performance.now();
  }
}
