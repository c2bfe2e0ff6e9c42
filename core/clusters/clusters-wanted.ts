import type { OccasionalWorker } from '../reconcile/worker.ts';
import { hasForks, nextEnd, unsettled } from './cluster-views.ts';

/** When the worker of clusters is woken: where something is to be carried out, a cluster goes by itself, or there are forks, which may not be begun yet. */
export const clustersWanted: OccasionalWorker = {
  name: 'clusters',
  wants: (state) => state.view(unsettled).size > 0 || nextEnd(state) !== undefined || hasForks(state),
};
