import type { GroupResource } from '../object.ts';
import { strategy as controllerRevisions } from './apps/controllerrevision.ts';
import { strategy as daemonSets } from './apps/daemonset.ts';
import { strategy as deployments } from './apps/deployment.ts';
import { strategy as replicaSets } from './apps/replicaset.ts';
import { strategy as statefulSets } from './apps/statefulset.ts';
import { strategy as cronJobs } from './batch/cronjob.ts';
import { strategy as jobs } from './batch/job.ts';
import type { Strategy } from './strategy.ts';

/** What each kind means, by its resource. A resource that is not in here has objects that are checked against the schema and kept. */
export const strategies: Readonly<Partial<Record<GroupResource, Strategy>>> = {
  'deployments.apps': deployments,
  'replicasets.apps': replicaSets,
  'statefulsets.apps': statefulSets,
  'daemonsets.apps': daemonSets,
  'controllerrevisions.apps': controllerRevisions,
  'jobs.batch': jobs,
  'cronjobs.batch': cronJobs,
};
