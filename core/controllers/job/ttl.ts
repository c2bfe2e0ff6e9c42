import { clusterInstant, plus } from '../../instant.ts';
import type { Job } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf } from '../shared/mutations.ts';
import { trueCondition } from './conditions.ts';

/** Deletes a finished Job, and its pods, `spec.ttlSecondsAfterFinished` after its end (pkg/controller/ttlafterfinished). */
export const ttlAfterFinishedController: Controller<Job> = {
  name: 'ttl-after-finished-controller',
  resource: 'jobs.batch',
  reconcile: ({ object: job, now }) => {
    const ttl = job?.spec?.ttlSecondsAfterFinished;
    if (!job || ttl === undefined || job.metadata.deletionTimestamp) return nothing;
    const end = trueCondition(job.status?.conditions, 'Complete') ?? trueCondition(job.status?.conditions, 'Failed');
    if (!end?.lastTransitionTime) return nothing;
    const expiry = plus(clusterInstant(end.lastTransitionTime), ttl * 1000);
    if (expiry > now) return { mutations: [], enqueueAt: expiry };
    return { mutations: [{ ...deletionOf('jobs.batch', job), propagationPolicy: 'Foreground' }] };
  },
};
