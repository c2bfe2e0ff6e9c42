import { bootstrap } from '../core/bootstrap.ts';
import { nodeObjects } from '../core/nodes/node-objects.ts';
import { Replica } from '../core/replica.ts';
import { bootstrapObjects } from '../core/resources/bootstrap.ts';
import type { Wiring } from './wiring.ts';

/**
 * Opens a cluster: reads its newest snapshot and what came after. The default cluster is made if it has not begun; another one exists
 * when its log has an entry. Undefined when there is no such cluster.
 */
export async function openCluster({ log, env, wakeups, defaultCluster, nodes }: Wiring, name: string): Promise<Replica | undefined> {
  if (!NAME.test(name)) return undefined;
  const replica = await Replica.open({ log, cluster: name, env, appended: (offset) => wakeups.appended(name, offset) });
  if (name === defaultCluster) {
    const now = env.clock.now();
    await bootstrap(replica, { objects: [...bootstrapObjects(now), ...nodeObjects(nodes, now)], env });
  }
  return replica.state.offset > 0 ? replica : undefined;
}

/** An RFC 1123 label, as the name of a namespace is. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
