import { isJobFinished } from '../../apis/batch/job-status.ts';
import { parseSchedule, type Schedule, ScheduleError } from '../../apis/batch/schedule.ts';
import { type TimeZone, timeZoneOf, utc } from '../../apis/batch/time-zone.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { controllerOf, controllerRef, keyOf, timestamp } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { CronJob, CronJobStatus, Job } from '../../schema/generated/kinds.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { trueCondition } from '../job/conditions.ts';
import { controlledBy } from '../shared/adoption.ts';
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

function reconcileCronJob({ object: cronJob, state, now, env }: ControllerContext<CronJob>): ControllerResult {
  if (!cronJob?.spec) return nothing;
  const jobs = controlledBy(state, cronJob, { resource: 'jobs.batch', kind: 'Job' }).sort(byStart);
  const recorder = new EventRecorder({ state, component: 'cronjob-controller', now, env });
  const { status, mutations } = followJobs(cronJob, jobs, recorder);
  let enqueueAt: ClusterInstant | undefined;
  if (!cronJob.metadata.deletionTimestamp && !cronJob.spec.suspend) {
    const when = scheduleOf(cronJob, recorder);
    if (when) {
      const started = startJob(cronJob, { jobs, ...when, recorder, now });
      mutations.push(...started.mutations);
      if (started.scheduledTime) status.lastScheduleTime = started.scheduledTime;
      enqueueAt = timeAfter(now, cronJob, when);
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

  const active = jobs
    .filter((job) => !isJobFinished(job.status))
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

/** The Job of the last time that has passed, unless it is there, it is too late, or another one still runs and that is forbidden. */
function startJob(
  cronJob: CronJob,
  { jobs, schedule, zone, recorder, now }: When & { jobs: readonly Job[]; recorder: EventRecorder; now: number },
): { mutations: Mutation[]; scheduledTime?: string } {
  const { startingDeadlineSeconds, concurrencyPolicy = 'Allow', jobTemplate } = cronJob.spec!;
  const since = lastScheduled(cronJob);
  const after = startingDeadlineSeconds === undefined ? since : Math.max(since, now - startingDeadlineSeconds * 1000);
  const last = lastTime(schedule, { after, now, zone });
  if (!last) return { mutations: [] };
  if (last.missed > MANY) {
    recorder.warning(cronJob, 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew');
  }
  const running = jobs.filter((job) => !isJobFinished(job.status));
  const name = `${cronJob.metadata.name}-${Math.floor(last.time / 60_000)}`;
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
      annotations: { ...annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': scheduledTime },
      ownerReferences: [controllerRef(cronJob)],
    },
    ...(jobTemplate.spec && { spec: jobTemplate.spec }),
  };
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

interface When {
  readonly schedule: Schedule;
  readonly zone: TimeZone;
}

function scheduleOf(cronJob: CronJob, recorder: EventRecorder): When | undefined {
  const { schedule, timeZone } = cronJob.spec!;
  const zone = timeZone === undefined ? utc : timeZoneOf(timeZone);
  if (!zone) {
    recorder.warning(cronJob, 'UnknownTimeZone', `invalid timeZone: "${timeZone}"`);
    return undefined;
  }
  try {
    return { schedule: parseSchedule(schedule), zone };
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    recorder.warning(cronJob, 'UnparseableSchedule', `unparseable schedule: "${schedule}" : ${error.message}`);
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
