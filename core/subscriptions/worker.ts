import { ALL_SUBSCRIPTIONS } from '../apis/logplane/subscription.ts';
import type { OccasionalWorker, Work, Worker } from '../reconcile/worker.ts';
import type { State } from '../state/state.ts';
import type { Targets } from './target.ts';

/** Where there is no subscription it is never woken. */
export const subscriptionsOf: OccasionalWorker = { name: 'subscriptions', wants: hasSubscriptions };

/**
 * Tells subscribers of changes (`Subscription`, `ClusterSubscription`). How far each has come stands in its status, in the log: nothing is lost with a process, and a
 * subscriber that was away gets what came meanwhile. What it takes to reach them is loaded when there is somebody to tell.
 */
export const subscriptionsWorker = (targets: () => Promise<Targets>): Worker => ({
  ...subscriptionsOf,
  on(cluster) {
    let deliveries: Promise<Work> | undefined;
    const begin = async (): Promise<Work> => {
      const [{ Deliveries }, reached] = await Promise.all([import('./deliveries.ts'), targets()]);
      return new Deliveries(cluster, reached);
    };
    return {
      async run() {
        await cluster.replica.catchUp();
        if (!hasSubscriptions(cluster.replica.state)) return undefined;
        deliveries ??= begin();
        return (await deliveries).run();
      },
    };
  },
});

function hasSubscriptions(state: State): boolean {
  return ALL_SUBSCRIPTIONS.some((resource) => state.count(resource) > 0);
}
