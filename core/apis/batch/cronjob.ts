import { age } from '../../kube/duration.ts';
import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, nonNegative, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import type { CronJob, CronJobSpec, JobSpec, JobTemplateSpec } from '../../schema/generated/kinds.ts';
import { defaultTemplate, isChanged, podNameWarnings } from '../apps/workload.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, formatLabelSelector, nameColumn } from '../columns.ts';
import { dropDisabledFields } from '../core/disabled-fields.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { defaultPodFailurePolicy } from './job-policies.ts';
import { validateJobSpec } from './job-spec.ts';
import { jobSpecWarnings } from './job-warnings.ts';
import { parseSchedule, ScheduleError } from './schedule.ts';
import { timeZoneOf } from './time-zone.ts';

/** batch/v1 CronJob (pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/cronjob/strategy.go). */
export const strategy: Strategy<CronJob> = {
  generation: 'spec',
  prepareForCreate(cronJob) {
    resetStatus(cronJob);
    dropDisabledFields(templateOf(cronJob)?.spec);
  },
  prepareForUpdate: (cronJob, previous) => dropDisabledFields(templateOf(cronJob)?.spec, templateOf(previous)?.spec),
  // What is a Job's to default is defaulted when the Job is made.
  defaults(cronJob) {
    const { spec } = cronJob;
    if (!spec) return;
    spec.jobTemplate ??= {};
    spec.jobTemplate.spec ??= { template: {} };
    defaultTemplate(spec.jobTemplate.spec);
    defaultPodFailurePolicy(spec.jobTemplate.spec);
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
  },
  validate: ({ metadata: { name = '' }, spec = {} as CronJobSpec }, previous) => [
    ...(spec.schedule ? validateScheduleFormat(spec, previous?.spec) : [required('spec.schedule')]),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(previous && previous.spec.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone, 'spec.timeZone')),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobTemplate(spec.jobTemplate, 'spec.jobTemplate'),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
    ...(name.length > MAX_NAME && !previous ? [invalidValue('metadata.name', name, `must be no more than ${MAX_NAME} characters`)] : []),
  ],
  warnings: (cronJob, previous, subresource) =>
    subresource
      ? []
      : [
          ...(previous ? [] : podNameWarnings(cronJob.metadata.name)),
          ...(isChanged(cronJob, previous) ? jobSpecWarnings(cronJob.spec.jobTemplate?.spec ?? ({} as JobSpec), 'spec.jobTemplate.spec') : []),
          // The path is Kubernetes' own.
          ...(previous && cronJob.spec.schedule.includes('TZ')
            ? [
                'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
              ]
            : []),
        ],
  table: {
    columns: [
      nameColumn,
      column('Schedule', 'string', 'The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.'),
      column(
        'Timezone',
        'string',
        'The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process. The set of valid time zone names and the time zone offset is loaded from the system-wide time zone database by the API server during CronJob validation and the controller manager during execution. If no system-wide time zone database can be found a bundled version of the database is used instead. If the time zone name becomes invalid during the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones',
      ),
      column(
        'Suspend',
        'boolean',
        'This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false.',
      ),
      column('Active', 'integer', 'A list of pointers to currently running jobs.'),
      column('Last Schedule', 'string', 'Information when was the last time the job was successfully scheduled.'),
      ageColumn,
      ...containerColumns,
      column(
        'Selector',
        'string',
        'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
        'wide',
      ),
    ],
    cells: (cronJob, now) => {
      const { spec, status } = cronJob;
      return [
        cronJob.metadata.name,
        spec.schedule,
        spec.timeZone ?? '<none>',
        // Cells of a pointer to a boolean are Go's text of it, as kubectl shows them.
        spec.suspend ? 'True' : 'False',
        status?.active?.length ?? 0,
        status?.lastScheduleTime ? age(status.lastScheduleTime, now) : '<none>',
        ageOf(cronJob, now),
        ...containerCells(spec.jobTemplate?.spec?.template?.spec?.containers),
        formatLabelSelector(spec.jobTemplate?.spec?.selector),
      ];
    },
  },
};

const resetStatus = emptyStatus();

const templateOf = ({ spec }: CronJob) => spec?.jobTemplate?.spec?.template;

/** The controller appends `-` and ten digits for a Job's name, which is at most 63 long. */
const MAX_NAME = 52;

function validateScheduleFormat({ schedule, timeZone }: CronJobSpec, previous: CronJobSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  try {
    parseSchedule(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    errors.push(invalidValue('spec.schedule', schedule, error.message));
  }
  if (!schedule.includes('TZ')) return errors;
  // A schedule that was let in with a time zone may have one still.
  if (!previous?.schedule.includes('TZ'))
    errors.push(invalidValue('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  else if (timeZone !== undefined) errors.push(invalidValue('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  return errors;
}

/** A name of the IANA time zone database. */
function validateTimeZone(timeZone: string | undefined, path: string): FieldError[] {
  if (timeZone === undefined) return [];
  if (!timeZone) return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')];
  const wellFormed = timeZone.split('/').every((part) => /^[A-Za-z.\-_0-9+]{1,14}$/.test(part) && part !== '.' && part !== '..' && !part.startsWith('-'));
  if (timeZone.toLowerCase() === 'local') {
    return [invalidValue(path, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  }
  return wellFormed && timeZoneOf(timeZone) ? [] : [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
}

function validateJobTemplate(template: JobTemplateSpec | undefined, path: string): FieldError[] {
  const spec = template?.spec ?? { template: {} };
  return [
    ...validateJobSpec(spec, `${path}.spec`),
    ...(spec.selector ? [invalidValue(`${path}.spec.selector`, goValue('meta.LabelSelector', spec.selector), '`selector` will be auto-generated')] : []),
    ...(spec.manualSelector ? [notSupported(`${path}.spec.manualSelector`, spec.manualSelector, ['nil', 'false'])] : []),
  ];
}
