import { bootstrap } from '../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../core/bootstrap/initial-objects.ts';
import { setRate } from '../core/clusters/clock.ts';
import { quotaStatuses } from '../core/decide/quota-statuses.ts';
import { isClusterName } from '../core/kube/cluster-name.ts';
import type { Offset } from '../core/log/event.ts';
import { nodeObjects } from '../core/nodes/node-objects.ts';
import { Replica } from '../core/replica/replica.ts';
import type { Wiring } from './wiring.ts';

/**
 * Opens a cluster: reads its newest snapshot and what came after. It exists when its log has an entry. The default cluster is made if it has not begun,
 * and its clock is set, where that is the function's to do (`own`: the registry of clusters is closed to all others). Undefined when there is no such cluster.
 */
export async function openCluster(
  { log, env, wakeups, defaultCluster, nodes, admissionPlugins }: Wiring,
  name: string,
  { own, retentionMs = 0, like }: OpenOptions = {},
): Promise<Replica | undefined> {
  if (!isClusterName(name)) return undefined;
  const appended = (offset: Offset) => wakeups.appended(name, offset, replica.state);
  const replica: Replica = await Replica.open({
    log,
    cluster: name,
    env,
    retentionMs,
    appended,
    closing: quotaStatuses(env),
    ...(like && { like: like.state }),
  });
  if (own && name === defaultCluster) {
    const now = replica.now();
    await bootstrap(replica, { objects: [...bootstrapObjects(now), ...nodeObjects(nodes, now)], env, admissionPlugins });
    if (own.clockRate !== undefined) await setRate(replica, own.clockRate);
  }
  return replica.state.offset > 0 ? replica : undefined;
}

export interface OpenOptions {
  /** Given where this function makes the default cluster, with how fast that one's time goes (undefined: as it is set already). */
  readonly own?: { readonly clockRate: number | undefined };
  readonly retentionMs?: number;
  readonly like?: Replica | undefined;
}
