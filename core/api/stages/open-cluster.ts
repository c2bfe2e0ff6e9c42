import { noSuchCluster } from '../../replica/cluster-end.ts';
import type { Replica } from '../../replica/replica.ts';
import type { AuthenticatedCall } from '../call.ts';

/** Brings up the cluster that the URL names, for a client that has shown a token. Throws 404 when there is none, or none any more. */
export async function openCluster({ api, cluster }: AuthenticatedCall): Promise<{ replica: Replica }> {
  const replica = await api.replicaOf(cluster);
  if (!replica || replica.isOver) throw noSuchCluster(cluster);
  return { replica };
}
