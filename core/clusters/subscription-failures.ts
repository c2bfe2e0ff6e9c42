import type { SubscriptionFailure } from '../api/request/figures.ts';
import { ALL_SUBSCRIPTIONS, type Subscription } from '../apis/logplane/subscription.ts';
import type { State } from '../state/state.ts';

/**
 * The subscriptions of a cluster whose target takes nothing now, that can go no further, or that have put changes aside as dead letters: as their own status says it. Those that a fork has
 * of its parent tell of nothing, and are not among them.
 */
export function subscriptionFailures(state: State, cluster: string): SubscriptionFailure[] {
  const found: SubscriptionFailure[] = [];
  for (const resource of ALL_SUBSCRIPTIONS) {
    if (state.count(resource) === 0) continue;
    for (const object of state.list(resource)) {
      const { kind, metadata, status, spec } = object as Subscription;
      if (!status || (status.cluster !== undefined && status.cluster !== cluster) || spec.suspended) continue;
      const { deadLetters = 0, lag, lastError } = status;
      const isReady = status.conditions?.find(({ type }) => type === 'Ready')?.['status'] !== 'False';
      if (isReady && deadLetters === 0) continue;
      found.push({
        kind: kind!,
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
        name: metadata.name,
        ...(lastError !== undefined && { error: lastError }),
        ...(lag !== undefined && { lag }),
        ...(deadLetters > 0 && { deadLetters }),
      });
      if (found.length === MOST) return found;
    }
  }
  return found;
}

/** More than people read. */
const MOST = 20;
