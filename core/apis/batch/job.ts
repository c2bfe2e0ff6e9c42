import { humanDuration } from '../../kube/duration.ts';
import type { Job, JobSpec } from '../../schema/generated/kinds.ts';
import { defaultTemplate, isChanged, podNameWarnings } from '../apps/workload.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, formatLabelSelector, nameColumn } from '../columns.ts';
import { dropDisabledFields } from '../core/disabled-fields.ts';
import type { Strategy } from '../strategy.ts';
import { defaultPodFailurePolicy } from './job-policies.ts';
import { generateSelector, validateGeneratedSelector } from './job-selector.ts';
import { validateIndexedName, validateJobSpec, validateJobSpecUpdate, validateSelector } from './job-spec.ts';
import { isTrue, validateJobStatusUpdate } from './job-status.ts';
import { jobSpecWarnings } from './job-warnings.ts';

/** batch/v1 Job (pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/job/strategy.go). */
export const strategy: Strategy<Job> = {
  generation: 'spec',
  // For clients of old, a Job deleted without a word leaves its pods; kubectl says Background.
  defaultPropagation: 'Orphan',
  orphanWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  defaultsWhenKept: true,
  defaults(job) {
    job.spec ??= {} as JobSpec;
    defaultJobSpec(job.spec);
    // A Job without labels takes those of its pods, with the generated ones.
    const labels = job.spec.template.metadata?.labels;
    if (job.spec.selector && labels && !Object.keys(job.metadata.labels ?? {}).length) job.metadata.labels = { ...labels };
  },
  prepareForCreate(job) {
    if (!job.spec!.manualSelector) generateSelector(job);
    dropDisabledFields(job.spec!.template.spec);
    job.status = {};
  },
  prepareForUpdate: ({ spec }, previous) => dropDisabledFields(spec!.template?.spec, previous.spec?.template?.spec),
  validate(job) {
    const spec = job.spec ?? ({} as JobSpec);
    return [...validateGeneratedSelector(job), ...validateJobSpec(spec, 'spec'), ...validateSelector(spec, 'spec'), ...validateIndexedName(job)];
  },
  validateUpdate: (job, previous) => validateJobSpecUpdate(job.spec ?? ({} as JobSpec), previous),
  validateStatusUpdate: validateJobStatusUpdate,
  warnings: (job, previous, subresource) =>
    subresource
      ? []
      : [...(previous ? [] : podNameWarnings(job.metadata.name)), ...(isChanged(job, previous) ? jobSpecWarnings(job.spec ?? ({} as JobSpec), 'spec') : [])],
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  table: {
    columns: [
      nameColumn,
      column('Status', 'string', 'Status of the job.'),
      column(
        'Completions',
        'string',
        'The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs.',
      ),
      column('Duration', 'string', 'Time required to complete the job.'),
      ageColumn,
      ...containerColumns,
      column(
        'Selector',
        'string',
        'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
        'wide',
      ),
    ],
    cells: (job, now) => [
      job.metadata.name,
      statusText(job),
      completionsText(job),
      durationText(job, now),
      ageOf(job, now),
      ...containerCells(job.spec?.template?.spec?.containers),
      formatLabelSelector(job.spec?.selector),
    ],
  },
};

/** Fills in the defaults of a Job's spec but for the labels: also those of a CronJob's template. */
function defaultJobSpec(spec: JobSpec): void {
  defaultTemplate(spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  // With a limit for each index, the limit for the whole Job is out of the way.
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647;
  spec.completionMode ||= 'NonIndexed';
  spec.suspend ??= false;
  defaultPodFailurePolicy(spec);
  spec.podReplacementPolicy ||= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
}

function statusText({ metadata, status }: Job): string {
  if (isTrue(status, 'Complete')) return 'Complete';
  if (isTrue(status, 'Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (isTrue(status, 'Suspended')) return 'Suspended';
  return isTrue(status, 'FailureTarget') ? 'FailureTarget' : 'Running';
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  return humanDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime));
}
