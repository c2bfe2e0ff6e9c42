import { isJobFinished } from '../../apis/batch/job-status.ts';
import type { Key } from '../../kube/object.ts';
import { controllerOf, keyOf, parseKey } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Job, Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import type { Controller, ControllerContext, ControllerResult } from '../controller.ts';
import { claim, enqueueOwners, inNamespaceOfNew, pods, specSelector } from '../shared/adoption.ts';
import { earliest } from '../shared/earliest.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { PodCreation } from '../shared/pod-creation.ts';
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

function reconcileJob({ key, object: job, state, now, env, plugins, refusal }: ControllerContext<Job>): ControllerResult {
  const released = releasedPods(key, job, state).map((pod) => updateTo('pods', withoutTracking(pod)));
  const { selector, managedBy = OURSELVES } = job?.spec ?? {};
  if (!job?.spec || managedBy !== OURSELVES || isJobFinished(job.status)) return { mutations: released };
  const { claimed, mutations } = claim(state, job, pods, { selector });
  const recorder = new EventRecorder({ state, component: 'job-controller', now, env });
  const creation = new PodCreation({ owner: job, controller: 'job-controller', state, recorder, now, env, plugins, refusal });
  const pass = new JobPass({ job, pods: claimed, creation, recorder, now });
  pass.run();
  const enqueueAt = earliest(pass.enqueueAt, creation.retryAt);
  return {
    mutations: [...released, ...mutations, ...pass.mutations, ...creation.mutations, ...recorder.mutations(), ...statusUpdate('jobs.batch', job, pass.status)],
    ...(enqueueAt !== undefined && { enqueueAt }),
  };
}

const OURSELVES = 'kubernetes.io/job-controller';
const JOB_NAME = 'batch.kubernetes.io/job-name';
const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';

const toOwners = enqueueOwners({ resource: 'jobs.batch', kind: 'Job' }, specSelector);

/** The Jobs that a pod concerns. One that was let go, but is still held, concerns the Job whose name it carries. */
function jobsOf(change: Change, state: State): Key[] {
  const { object: pod } = change;
  const name = pod.metadata.labels?.[JOB_NAME];
  const held = name && change.type !== 'DELETED' && !controllerOf(pod) && isTracked(pod);
  return [...toOwners(change, state), ...(held ? [keyOf('jobs.batch', pod.metadata.namespace, name)] : [])];
}

/** With nothing known: also Jobs that are gone, as long as pods are held for them. */
function* jobsAndThoseOfHeldPods(state: State): Generator<Key> {
  for (const { metadata } of state.list('jobs.batch')) yield keyOf('jobs.batch', metadata.namespace, metadata.name);
  for (const pod of state.list('pods')) for (const name of holdersOf(pod)) yield keyOf('jobs.batch', pod.metadata.namespace, name);
}

/** The name of the Job that holds a pod until it has counted it, whether or not that Job is still there. */
function holdersOf(pod: Pod): string[] {
  if (!isTracked(pod)) return [];
  const owner = controllerOf(pod);
  const name = owner ? owner.kind === 'Job' && owner.name : pod.metadata.labels?.[JOB_NAME];
  return name ? [name] : [];
}

const heldPods = index(['pods'], (_key, pod) => holdersOf(pod).map((name) => `${pod.metadata.namespace}/${name}`));

/** The pods that a Job which is gone still holds, though there may be another one of its name: the Job that counted them is no more. */
function releasedPods(key: Key, job: Job | undefined, state: State): Pod[] {
  const { namespace, name } = parseKey(key);
  return state.by(heldPods, `${namespace}/${name}`).filter((pod) => {
    const owner = controllerOf(pod);
    return owner ? owner.uid !== job?.metadata.uid : !job || pod.metadata.labels![CONTROLLER_UID] !== job.metadata.uid;
  });
}
