import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, required } from '../../kube/validation/field.ts';
import type { Job, JobStatus } from '../../schema/generated/kinds.ts';
import { validateCounts } from '../apps/workload.ts';
import { countIndexes, IndexesError, parseIndexes } from './job-indexes.ts';

/** Whether a condition of a Job is there and true. */
export const isTrue = (status: JobStatus | undefined, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

/** Whether a Job has come to its end (pkg/controller/job/util, IsJobFinished). */
export const isJobFinished = (status: JobStatus | undefined): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed');

/**
 * Checks a change of a Job's status: that it says nothing contradictory, and takes nothing back that others may have acted on.
 * Rules about one field apply only when it changed, so that a status that became wrong otherwise can still be mended
 * (validateJobStatus and getStatusValidationOptions in Kubernetes).
 */
export function validateJobStatusUpdate(job: Job, previous: Job): FieldError[] {
  return [
    ...validateCounts(job.status, ['active', 'succeeded', 'failed', 'ready', 'terminating']),
    ...validateUncounted(job.status),
    ...validateConditions(job.status, previous.status),
    ...validateTimes(job, previous),
    ...validateFinished(job.status, previous.status),
    ...validateIndexes(job, previous),
    ...validateProgress(job, previous),
  ];
}

function validateUncounted(status: JobStatus | undefined): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    (status?.uncountedTerminatedPods?.[list] ?? []).flatMap((uid, i) => {
      const field = `status.uncountedTerminatedPods.${list}[${i}]`;
      if (!uid) return [invalidValue(field, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(field, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateConditions(status: JobStatus | undefined, previous: JobStatus | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const is = (type: string) => isTrue(status, type);
  const changed = (type: string) => is(type) !== isTrue(previous, type);
  const refuse = (detail: string) => errors.push({ reason: 'FieldValueInvalid', field: 'status.conditions', message: `Invalid value: ${detail}` });
  if ((changed('Complete') || changed('Failed')) && is('Complete') && is('Failed')) refuse('cannot set Complete=True and Failed=true conditions');
  if ((changed('Complete') || changed('FailureTarget')) && is('Complete') && is('FailureTarget'))
    refuse('cannot set Complete=True and FailureTarget=true conditions');
  if (changed('Failed') && is('Failed') && !is('FailureTarget')) refuse('cannot set Failed=True condition without the FailureTarget=true condition');
  if (changed('Complete') && is('Complete') && !is('SuccessCriteriaMet'))
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  if (is('SuccessCriteriaMet') && is('Failed')) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (is('SuccessCriteriaMet') && is('FailureTarget')) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (isTrue(previous, type) && !is(type)) refuse(`cannot disable the terminal ${type}=True condition`);
  if (isTrue(previous, 'SuccessCriteriaMet') && !is('SuccessCriteriaMet')) refuse('cannot disable the SuccessCriteriaMet=True condition');
  if (isTrue(previous, 'Complete') && changed('SuccessCriteriaMet') && is('SuccessCriteriaMet'))
    refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
  return errors;
}

function validateTimes({ status, spec }: Job, { status: previous }: Job): FieldError[] {
  const { startTime, completionTime } = status ?? {};
  const complete = isTrue(status, 'Complete');
  const startChanged = startTime !== previous?.startTime;
  const completionChanged = completionTime !== previous?.completionTime || complete !== isTrue(previous, 'Complete');
  const errors: FieldError[] = [];
  if (completionChanged && completionTime && !complete)
    errors.push(invalidValue('status.completionTime', completionTime, 'cannot set completionTime when there is no Complete=True condition'));
  if (completionChanged && !completionTime && complete) errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  if ((startChanged || completionTime !== previous?.completionTime) && startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime))
    errors.push(invalidValue('status.completionTime', completionTime, 'must be equal to or after `startTime`'));
  if (completionTime && previous?.completionTime && completionTime !== previous.completionTime)
    errors.push(invalidValue('status.completionTime', completionTime, 'field is immutable'));
  if (startChanged && previous?.startTime && !spec?.suspend) errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  return errors;
}

function validateFinished(status: JobStatus | undefined, previous: JobStatus | undefined): FieldError[] {
  if (!isJobFinished(status)) return [];
  const changed = (name: keyof JobStatus) => !isJobFinished(previous) || !same(status?.[name], previous?.[name]);
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: uncounted } = status!;
  const errors: FieldError[] = [];
  if (changed('active') && active > 0) errors.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'));
  if (changed('startTime') && !startTime) errors.push(required('status.startTime', 'startTime is required for finished job'));
  if (changed('uncountedTerminatedPods') && (uncounted?.failed?.length || uncounted?.succeeded?.length))
    errors.push(invalidValue('status.uncountedTerminatedPods', uncounted, 'must be empty for finished job'));
  if (changed('terminating') && terminating > 0) errors.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  return errors;
}

function validateIndexes({ spec, status }: Job, { status: previous }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { completedIndexes, failedIndexes } = status ?? {};
  const completedChanged = (completedIndexes ?? '') !== (previous?.completedIndexes ?? '');
  const failedChanged = failedIndexes !== previous?.failedIndexes;
  const completions = spec?.completions;
  if (completedChanged && completions !== undefined) errors.push(...malformed('completedIndexes', completedIndexes, completions));
  if (failedChanged && completions !== undefined && spec?.backoffLimitPerIndex !== undefined)
    errors.push(...malformed('failedIndexes', failedIndexes, completions));
  if (completedChanged && completedIndexes && spec?.completionMode !== 'Indexed')
    errors.push(invalidValue('status.completedIndexes', completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode'));
  if (failedChanged && failedIndexes !== undefined && spec?.backoffLimitPerIndex === undefined)
    errors.push(invalidValue('status.failedIndexes', failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'));
  if ((completedChanged || failedChanged) && completions !== undefined && !errors.length) {
    const index = overlap(parseIndexes(completedIndexes ?? '', completions), parseIndexes(failedIndexes ?? '', completions));
    if (index !== undefined) errors.push(invalidValue('status.failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${index}`));
  }
  return errors;
}

function malformed(name: 'completedIndexes' | 'failedIndexes', text: string | undefined, completions: number): FieldError[] {
  try {
    countIndexes(text ?? '', completions);
    return [];
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    return [invalidValue(`status.${name}`, text, `error parsing ${name}: ${error.message}`)];
  }
}

/** The first index that is in both. */
function overlap(completed: readonly [number, number][], failed: readonly [number, number][]): number | undefined {
  let c = 0;
  let f = 0;
  while (c < completed.length && f < failed.length) {
    const [first, last] = completed[c]!;
    const [from, to] = failed[f]!;
    if (first <= to && from <= last) return Math.max(first, from);
    if (first <= from) c++;
    else f++;
  }
  return undefined;
}

/** Counts only grow, but that an elastic indexed Job may be scaled down; and no more pods are ready than active. */
function validateProgress({ spec, status }: Job, { status: previous }: Job): FieldError[] {
  const elastic = spec?.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  const errors: FieldError[] = [];
  if ((status?.failed ?? 0) < (previous?.failed ?? 0)) errors.push(invalidValue('status.failed', status?.failed ?? 0, 'cannot decrease the failed counter'));
  if (!elastic && (status?.succeeded ?? 0) < (previous?.succeeded ?? 0))
    errors.push(invalidValue('status.succeeded', status?.succeeded ?? 0, 'cannot decrease the succeeded counter'));
  const changed = status?.ready !== previous?.ready || (status?.active ?? 0) !== (previous?.active ?? 0);
  if (changed && (status?.ready ?? 0) > (status?.active ?? 0))
    errors.push(invalidValue('status.ready', status?.ready, 'cannot set more ready pods than active'));
  return errors;
}
