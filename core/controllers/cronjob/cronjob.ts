import { isJobFinished } from '../../apis/batch/job-status.ts';
import { parseSchedule, type Schedule, ScheduleError } from '../../apis/batch/schedule.ts';
import { localTimestamp, type TimeZone, timeZoneOf, utc } from '../../apis/batch/time-zone.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { controllerOf, controllerRef, keyOf, timestamp } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import { quoted } from '../../kube/validation/field.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { CronJob, CronJobStatus, Job } from '../../schema/generated/kinds.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { trueCondition } from '../job/conditions.ts';
import { controlledBy } from '../shared/adoption.ts';
import { isTerminatingNamespace, RETRY_AFTER, refusalOf } from '../shared/attempt.ts';
import { earliest } from '../shared/earliest.ts';
import { deletionOf, statusUpdate } from '../shared/mutations.ts';
import { lastTime, nextTime } from './schedule-times.ts';

/** Starts a Job at each time of a schedule (pkg/controller/cronjob). It sleeps until the next time: a CronJob costs nothing in between. */
export const cronJobController: Controller<CronJob> = {
  name: 'cronjob-controller',
  resource: 'cronjobs.batch',
  watches: {
    'jobs.batch': ({ object, previous }) =>
      [object, previous].flatMap((job) => {
        const owner = job && controllerOf(job);
        return owner?.kind === 'CronJob' ? [keyOf('cronjobs.batch', object.metadata.namespace, owner.name)] : [];
      }),
  },
  reconcile: reconcileCronJob,
};

function reconcileCronJob({ object: cronJob, state, now, env, plugins, refusal }: ControllerContext<CronJob>): ControllerResult {
  if (!cronJob?.spec) return nothing;
  const jobs = controlledBy(state, cronJob, { resource: 'jobs.batch', kind: 'Job' }).sort(byStart);
  const recorder = new EventRecorder({ state, component: 'cronjob-controller', now, env });
  const { status, mutations } = followJobs(cronJob, jobs, recorder);
  let enqueueAt: ClusterInstant | undefined;
  if (!cronJob.metadata.deletionTimestamp && !cronJob.spec.suspend) {
    const when = scheduleOf(cronJob, recorder);
    if (when) {
      const refuses = (job: Job) => refusal?.status ?? refusalOf(creation('jobs.batch', job), { state, controller: 'cronjob-controller', now, env, plugins });
      const started = startJob(cronJob, { jobs, ...when, recorder, now, refuses });
      mutations.push(...started.mutations);
      if (started.scheduledTime) status.lastScheduleTime = started.scheduledTime;
      enqueueAt = earliest(timeAfter(now, cronJob, when), started.retryAt);
    }
  }
  return {
    mutations: [...mutations, ...recorder.mutations(), ...statusUpdate('cronjobs.batch', cronJob, status)],
    ...(enqueueAt !== undefined && { enqueueAt }),
  };
}

/** The status that the Jobs give it, and the deletion of finished ones beyond the history limits. */
function followJobs(cronJob: CronJob, jobs: readonly Job[], recorder: EventRecorder): { status: CronJobStatus; mutations: Mutation[] } {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec!;
  const before = cronJob.status ?? {};
  const finished = jobs.filter(({ status }) => isJobFinished(status));
  const byUid = new Map(jobs.map((job) => [job.metadata.uid, job]));
  for (const { uid, name } of before.active ?? []) {
    const job = byUid.get(uid);
    if (!job) recorder.normal(cronJob, 'MissingJob', `Active job went missing: ${name}`);
    else if (isJobFinished(job.status))
      recorder.normal(cronJob, 'SawCompletedJob', `Saw completed job: ${name}, condition: ${isComplete(job) ? 'Complete' : 'Failed'}`);
  }
  const mutations: Mutation[] = [];
  const expire = (past: Job[], limit: number) => {
    for (const job of past.slice(0, Math.max(0, past.length - limit))) mutations.push(deleteJob(cronJob, job, recorder));
  };
  expire(finished.filter(isComplete), successfulJobsHistoryLimit);
  expire(
    finished.filter((job) => !isComplete(job)),
    failedJobsHistoryLimit,
  );

  const unfinished = jobs.filter((job) => !isJobFinished(job.status));
  for (const job of unfinished.filter((job) => !isScheduled(cronJob, job))) {
    recorder.warningOnce(cronJob, 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job.metadata.name}`);
  }
  const active = unfinished
    .filter((job) => isScheduled(cronJob, job))
    .map((job) => ({ apiVersion: job.apiVersion, kind: job.kind, namespace: job.metadata.namespace!, name: job.metadata.name, uid: job.metadata.uid! }));
  const lastSuccessfulTime = [before.lastSuccessfulTime, ...finished.filter(isComplete).map(({ status }) => status!.completionTime)]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  const status: CronJobStatus = {
    ...(active.length > 0 && { active }),
    ...(before.lastScheduleTime && { lastScheduleTime: before.lastScheduleTime }),
    ...(lastSuccessfulTime && { lastSuccessfulTime }),
  };
  return { status, mutations };
}

/** Whether the schedule started it, and not a user (`kubectl create job --from=cronjob/NAME`). */
const isScheduled = (cronJob: CronJob, { metadata: { name, annotations } }: Job): boolean => {
  const time = annotations?.[SCHEDULED];
  return time !== undefined && name === jobName(cronJob, Date.parse(time));
};

const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

const jobName = ({ metadata: { name } }: CronJob, time: number): string => `${name}-${Math.floor(time / 60_000)}`;

/** The Job of the last time that has passed, unless it is there, it is too late, or another one still runs and that is forbidden. */
function startJob(
  cronJob: CronJob,
  { jobs, schedule, zone, recorder, now, refuses }: When & { jobs: readonly Job[]; recorder: EventRecorder; now: ClusterInstant; refuses: Refuses },
): { mutations: Mutation[]; scheduledTime?: string; retryAt?: ClusterInstant } {
  const { startingDeadlineSeconds, concurrencyPolicy = 'Allow', jobTemplate } = cronJob.spec!;
  const since = lastScheduled(cronJob);
  const after = startingDeadlineSeconds === undefined ? since : Math.max(since, now - startingDeadlineSeconds * 1000);
  const last = lastTime(schedule, { after, now, zone });
  if (!last) return { mutations: [] };
  if (last.missed > MANY) {
    recorder.warning(cronJob, 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew');
  }
  const running = jobs.filter((job) => !isJobFinished(job.status) && isScheduled(cronJob, job));
  const name = jobName(cronJob, last.time);
  const scheduledTime = timestamp(last.time);
  if (jobs.some(({ metadata }) => metadata.name === name)) return { mutations: [], scheduledTime };
  if (concurrencyPolicy === 'Forbid' && running.length > 0) {
    recorder.repeated(cronJob, 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid');
    return { mutations: [] };
  }
  const replaced = concurrencyPolicy === 'Replace' ? running.map((job) => deleteJob(cronJob, job, recorder)) : [];
  const { labels, annotations } = jobTemplate.metadata ?? {};
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: cronJob.metadata.namespace!,
      ...(labels && { labels }),
      annotations: { ...annotations, [SCHEDULED]: localTimestamp(last.time, zone) },
      ownerReferences: [controllerRef(cronJob)],
    },
    ...(jobTemplate.spec && { spec: jobTemplate.spec }),
  };
  const refused = refuses(job);
  // One of the name that is another's is left to it.
  if (refused?.reason === 'AlreadyExists') return { mutations: replaced };
  if (refused) {
    if (!isTerminatingNamespace(refused)) recorder.warningOnce(cronJob, 'FailedCreate', `Error creating job: ${refused.message}`);
    return { mutations: replaced, retryAt: plus(now, RETRY_AFTER) };
  }
  recorder.normal(cronJob, 'SuccessfulCreate', `Created job ${name}`, { of: keyOf('jobs.batch', job.metadata.namespace, name) });
  // Its time is told with the Job among the active ones, in one write, and not at all when the Job is refused: once it is there.
  return { mutations: [...replaced, creation('jobs.batch', job)] };
}

/** As many missed times make the user suspect the clock, or a deadline that is not set. */
const MANY = 100;

const lastScheduled = ({ status, metadata }: CronJob): ClusterInstant => clusterInstant(status?.lastScheduleTime ?? metadata.creationTimestamp!);

/** When to look again. What runs at an interval keeps step with its last time, also when something else made the controller look in between. */
function timeAfter(now: ClusterInstant, cronJob: CronJob, { schedule, zone }: When): ClusterInstant | undefined {
  const after = lastScheduled(cronJob);
  const next = nextTime(schedule, lastTime(schedule, { after, now, zone })?.time ?? Math.min(after, now), zone);
  return next === undefined ? undefined : clusterInstant(next);
}

/** Why the API would not have a Job, if it would not. */
type Refuses = (job: Job) => Status | undefined;

interface When {
  readonly schedule: Schedule;
  readonly zone: TimeZone;
}

function scheduleOf(cronJob: CronJob, recorder: EventRecorder): When | undefined {
  const { schedule, timeZone } = cronJob.spec!;
  const zone = timeZone === undefined ? utc : timeZoneOf(timeZone);
  if (!zone) {
    recorder.warningOnce(cronJob, 'UnknownTimeZone', `invalid timeZone: ${quoted(timeZone!)}: unknown time zone ${timeZone}`);
    return undefined;
  }
  try {
    const parsed = parseSchedule(schedule);
    if (nextTime(parsed, lastScheduled(cronJob), zone) !== undefined) return { schedule: parsed, zone };
    // As Kubernetes words it: both of the next two times are Go's zero time (pkg/controller/cronjob/utils.go).
    recorder.warningOnce(cronJob, 'InvalidSchedule', `invalid schedule: ${schedule} : time difference between two schedules is less than 1 second`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    recorder.warningOnce(cronJob, 'UnparseableSchedule', `unparseable schedule: ${quoted(schedule)} : ${error.message}`);
    return undefined;
  }
}

function deleteJob(cronJob: CronJob, job: Job, recorder: EventRecorder): Mutation {
  recorder.normal(cronJob, 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  return { ...deletionOf('jobs.batch', job), propagationPolicy: 'Background' };
}

const isComplete = ({ status }: Job): boolean => trueCondition(status?.conditions, 'Complete') !== undefined;

function byStart({ status: a, metadata: x }: Job, { status: b, metadata: y }: Job): number {
  const [s, t] = [a?.startTime ?? x.creationTimestamp ?? '', b?.startTime ?? y.creationTimestamp ?? ''];
  return s < t || (s === t && x.name < y.name) ? -1 : 1;
}
