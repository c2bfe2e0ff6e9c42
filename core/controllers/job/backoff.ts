import { readySince } from '../../apis/core/pod-readiness.ts';
import type { Pod } from '../../schema/generated/kinds.ts';

/** How long a Job waits before it replaces a failed pod: 10 s, twice as long after each further failure, up to 10 minutes. */

const FIRST = 10_000;
const LONGEST = 600_000;

/** When the next pod may be created, given the last failure and how many there were in a row; ms since the epoch. */
export const retryAt = (lastFailure: number, failures: number): number => (failures === 0 ? 0 : lastFailure + Math.min(LONGEST, FIRST * 2 ** (failures - 1)));

/**
 * When the next pod may be created after these pods' failures since the last success. (kube-controller-manager keeps such a record in
 * memory, and forgets it when it restarts; the pods that failed are the record here.)
 */
export function retryAfter(failed: readonly Pod[], succeeded: readonly Pod[]): number {
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...succeeded.map(finishedAt));
  const since = failed.map(finishedAt).filter((at) => at > lastSuccess);
  return retryAt(Math.max(0, ...since), since.length);
}

/** When a pod finished, ms since the epoch: by its containers, else by when it was no longer ready or was deleted. */
export function finishedAt(pod: Pod): number {
  const { metadata, status } = pod;
  const ends = status?.containerStatuses?.map(({ state }) => state?.terminated?.finishedAt);
  if (ends?.length && ends.every((end) => end !== undefined)) return Math.max(...ends.map((end) => Date.parse(end!)));
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (readySince(pod) === undefined && ready?.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  if (metadata.deletionTimestamp) return Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : 0;
}
