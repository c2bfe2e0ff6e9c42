import type { Replica } from '../../replica/replica.ts';
import { noSuchCluster } from '../answers/failures.ts';
import type { AuthenticatedCall } from '../call.ts';

/** Brings up the cluster that the URL names, for a client that has shown a token. Throws 404 when there is none. */
export async function openCluster({ api, cluster }: AuthenticatedCall): Promise<{ replica: Replica }> {
  const replica = await api.replicaOf(cluster);
  if (!replica) throw noSuchCluster(cluster);
  return { replica };
}
