import { bootstrap } from '../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../core/bootstrap/initial-objects.ts';
import { isClusterName } from '../core/kube/cluster-name.ts';
import type { Offset } from '../core/log/event.ts';
import { nodeObjects } from '../core/nodes/node-objects.ts';
import { Replica } from '../core/replica/replica.ts';
import type { Wiring } from './wiring.ts';

/**
 * Opens a cluster: reads its newest snapshot and what came after. It exists when its log has an entry. The default cluster is made if it has not begun,
 * where that is the function's to do (`create`: the registry of clusters is closed to all others). Undefined when there is no such cluster.
 */
export async function openCluster(
  { log, env, wakeups, defaultCluster, nodes, admissionPlugins }: Wiring,
  name: string,
  { create = false, retentionMs = 0, like }: { create?: boolean; retentionMs?: number; like?: Replica | undefined } = {},
): Promise<Replica | undefined> {
  if (!isClusterName(name)) return undefined;
  const appended = (offset: Offset) => wakeups.appended(name, offset);
  const replica = await Replica.open({ log, cluster: name, env, retentionMs, appended, ...(like && { like: like.state }) });
  if (create && name === defaultCluster) {
    const now = replica.now();
    await bootstrap(replica, { objects: [...bootstrapObjects(now), ...nodeObjects(nodes, now)], env, admissionPlugins });
  }
  return replica.state.offset > 0 ? replica : undefined;
}
