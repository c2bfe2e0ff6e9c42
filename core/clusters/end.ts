import { StatusError } from '../kube/status.ts';
import { endEvent } from '../replica/cluster-end.ts';
import type { Replica } from '../replica/replica.ts';

/**
 * Ends a cluster: nothing is written to its log any more, whatever process has it open, and clients are told that there is no such cluster. To be done before its branch ends and its
 * log is removed. May be done again.
 */
export async function endCluster(replica: Replica): Promise<void> {
  try {
    await replica.commit(() => ({ events: [endEvent()], answer: () => undefined }));
  } catch (error) {
    if (!(replica.isOver && error instanceof StatusError && error.code === 404)) throw error;
  }
}
