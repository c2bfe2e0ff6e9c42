import type { Key } from '../../object.ts';
import { controllerOf, keyOf, parseKey } from '../../object.ts';
import type { Change, State } from '../../projection/state.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Job, Pod } from '../../resources/generated/kinds.ts';
import { claim, inNamespaceOfNew, ownersOf, pods } from '../adoption.ts';
import type { Controller, ControllerContext, ControllerResult } from '../controller.ts';
import { statusUpdate, updateTo } from '../mutations.ts';
import { oncePerPass } from '../pass-state.ts';
import { PodCreation } from '../pod-creation.ts';
import { earliest } from '../wake.ts';
import { isFinishedJob } from './conditions.ts';
import { JobPass } from './job-pass.ts';
import { isTracked, withoutTracking } from './job-pod.ts';

/**
 * Runs pods to completion (pkg/controller/job). A pod is held by a finalizer until it has been counted; since a pass is one append, the
 * count and the release of the finalizer come together, and `status.uncountedTerminatedPods` stays empty.
 */
export const jobController: Controller<Job> = {
  name: 'job-controller',
  resource: 'jobs.batch',
  primaries: jobsAndThoseOfHeldPods,
  watches: { pods: jobsOf, serviceaccounts: inNamespaceOfNew('jobs.batch') },
  reconcile: reconcileJob,
};

function reconcileJob({ key, object: job, state, now, env }: ControllerContext<Job>): ControllerResult {
  const released = releasedPods(key, job, state).map((pod) => updateTo('pods', withoutTracking(pod)));
  const { selector, managedBy = OURSELVES } = job?.spec ?? {};
  if (!job?.spec || managedBy !== OURSELVES || isFinishedJob(job)) return { mutations: released };
  const { claimed, mutations } = claim<Pod>(state, job, pods, { selector });
  const recorder = new EventRecorder({ state, component: 'job-controller', now, env });
  const creation = new PodCreation({ owner: job, controller: 'job-controller', state, recorder, now, env });
  const pass = new JobPass({ job, pods: claimed, creation, recorder, now });
  pass.run();
  const wakeAt = earliest(pass.wakeAt, creation.retryAt);
  return {
    mutations: [...released, ...mutations, ...pass.mutations, ...creation.mutations, ...recorder.mutations(), ...statusUpdate('jobs.batch', job, pass.status)],
    ...(wakeAt !== undefined && { wakeAt }),
  };
}

const OURSELVES = 'kubernetes.io/job-controller';
const JOB_NAME = 'batch.kubernetes.io/job-name';
const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';

const toOwners = ownersOf({ resource: 'jobs.batch', kind: 'Job' });

/** The Jobs that a pod concerns. One that was let go, but is still held, concerns the Job whose name it carries. */
function jobsOf(change: Change, state: State): Key[] {
  const { object: pod } = change;
  const name = pod.metadata.labels?.[JOB_NAME];
  const held = name && change.type !== 'DELETED' && !controllerOf(pod) && isTracked(pod as Pod);
  return [...toOwners(change, state), ...(held ? [keyOf('jobs.batch', pod.metadata.namespace, name)] : [])];
}

/** With nothing known: also Jobs that are gone, as long as pods are held for them. */
function* jobsAndThoseOfHeldPods(state: State): Generator<Key> {
  for (const { metadata } of state.list('jobs.batch')) yield keyOf('jobs.batch', metadata.namespace, metadata.name);
  for (const pod of state.list<Pod>('pods')) {
    if (!isTracked(pod)) continue;
    const owner = controllerOf(pod);
    const name = owner?.kind === 'Job' ? owner.name : pod.metadata.labels?.[JOB_NAME];
    if (name) yield keyOf('jobs.batch', pod.metadata.namespace, name);
  }
}

/** The pods that a Job which is gone still holds, though there may be another one of its name: nobody counts them any more. */
function releasedPods(key: Key, job: Job | undefined, state: State): Pod[] {
  const { namespace, name } = parseKey(key);
  const held = oncePerPass(state, `held pods in ${namespace}`, () => state.list<Pod>('pods', namespace).filter(isTracked));
  return held.filter((pod) => {
    const owner = controllerOf(pod);
    if (owner) return owner.kind === 'Job' && owner.name === name && owner.uid !== job?.metadata.uid;
    const { labels } = pod.metadata;
    return labels?.[JOB_NAME] === name && (!job || labels[CONTROLLER_UID] !== job.metadata.uid);
  });
}
