import type { OccasionalWorker } from '../reconcile/worker.ts';
import { nextEnd, unsettled } from './cluster-views.ts';

/** When the worker of clusters is woken: where something is to be carried out, or a cluster goes by itself. */
export const clustersWanted: OccasionalWorker = {
  name: 'clusters',
  wants: (state) => state.view(unsettled).size > 0 || nextEnd(state) !== undefined,
};
