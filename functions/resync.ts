import { isClusterName } from '../core/kube/cluster-name.ts';
import { wire } from './wiring.ts';

const { env, log, queues } = wire();

/**
 * Wakes the reconcilers of every cluster; the invocation's event says nothing: called when wake-ups may have been lost (infra/resync.ts), or by hand. They look at what is, so
 * that it costs a look where nothing was lost. Rejects, and is called again, when it has not come to the end.
 */
export async function handler(): Promise<void> {
  const id = `resync-${env.ids.uid()}`;
  const names = await log.clusters();
  await queues.wakeAll(new Map(names.filter(isClusterName).map((name) => [name, id])), { also: queues.occasional });
}
