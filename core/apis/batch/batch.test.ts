import { describe, expect, it } from 'vitest';
import type { CronJob, Job } from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, problems, texts, updateProblems } from '../../testing/strategies.ts';
import { strategy as cronJobs } from './cronjob.ts';
import { strategy as jobs } from './job.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests write specs that the types forbid
const job = (spec: any = {}, metadata: object = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'pi', namespace: 'default', uid: 'u1', ...metadata },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'perl' }] } }, ...spec },
});

/** A job as it is once it has been created. */
function created(spec: object = {}, metadata: object = {}): Job {
  const object = defaulted(jobs, job(spec, metadata));
  jobs.prepareForCreate!(object, context(stateOf([])));
  return object;
}

const generated = {
  'job-name': 'pi',
  'batch.kubernetes.io/job-name': 'pi',
  'controller-uid': 'u1',
  'batch.kubernetes.io/controller-uid': 'u1',
};

describe('a new Job', () => {
  it('gets its defaults', () => {
    const { template, ...spec } = defaulted(jobs, job()).spec!;
    expect(spec).toEqual({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      manualSelector: false,
    });
  });

  it('that is a work queue has no completions', () => {
    const { completions, parallelism } = defaulted(jobs, job({ parallelism: 3 })).spec!;
    expect([completions, parallelism]).toEqual([undefined, 3]);
  });

  it('gets a selector, and labels for its pods and itself', () => {
    const object = created();
    expect(object.spec!.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } });
    expect(object.spec!.template.metadata!.labels).toEqual(generated);
    expect(defaulted(jobs, object).metadata.labels).toEqual(generated);
    expect(object.status).toEqual({});
    expect(problems(jobs, object)).toEqual([]);
  });

  it('keeps labels of its own', () => expect(created({}, { labels: { mine: 'yes' } }).metadata.labels).toEqual({ mine: 'yes' }));

  it('with a selector made by hand keeps it', () => {
    const template = { metadata: { labels: { app: 'pi' } }, spec: job().spec!.template.spec };
    const object = created({ manualSelector: true, selector: { matchLabels: { app: 'pi' } }, template });
    expect(object.spec!.selector).toEqual({ matchLabels: { app: 'pi' } });
    expect(object.metadata.labels).toEqual({ app: 'pi' });
    expect(problems(jobs, object)).toEqual([]);
  });
});

describe('validation of Jobs', () => {
  const pod = (spec: object) => ({ template: { spec: { containers: [{ name: 'c', image: 'perl' }], ...spec } } });
  const cases: { name: string; given: object; want: string[] }[] = [
    { name: 'pods that never end', given: pod({}), want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'] },
    { name: 'a negative limit', given: { backoffLimit: -1 }, want: ['spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0'] },
    {
      name: 'indexed, without completions',
      given: { completionMode: 'Indexed', parallelism: 2 },
      want: ['spec.completions: Required value: when completion mode is Indexed'],
    },
    {
      name: 'a completion mode that is not known',
      given: { completionMode: 'Random' },
      want: ['spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"'],
    },
    {
      name: 'a limit for each index without indexes',
      given: { backoffLimitPerIndex: 1 },
      want: ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
    },
    {
      name: 'a failure policy for pods that restart',
      given: { ...pod({ restartPolicy: 'OnFailure' }), podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } },
      want: ['spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified'],
    },
    {
      name: 'a failure policy with mistakes',
      given: {
        podFailurePolicy: {
          rules: [{ action: 'FailIndex', onExitCodes: { containerName: 'x', operator: 'In', values: [2, 0, 0] } }, { action: 'Ignore' }],
        },
      },
      want: [
        'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
        'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Invalid value: 0: must not be 0 for the In operator',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 0',
        'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,0]: must be ordered',
        'spec.podFailurePolicy.rules[1]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
      ],
    },
    {
      name: 'a success policy beyond the indexes',
      given: {
        completionMode: 'Indexed',
        completions: 3,
        successPolicy: { rules: [{ succeededIndexes: '0-1,5' }, { succeededIndexes: '0-1', succeededCount: 3 }] },
      },
      want: [
        'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-1,5": error parsing succeededIndexes: too large index: "5"',
        'spec.successPolicy.rules[1].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
      ],
    },
    {
      name: 'a manager without a domain',
      given: { managedBy: 'me' },
      want: ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    },
  ];
  it.each(cases)('$name', ({ given, want }) => expect(problems(jobs, created(given))).toEqual(want));

  it('a label that belongs to another Job', () => {
    const template = { metadata: { labels: { 'controller-uid': 'other' } }, spec: job().spec!.template.spec };
    expect(problems(jobs, created({ template }))[0]).toMatch(/^spec\.template\.metadata\.labels\[controller-uid\]: Invalid value: .*: must be 'u1'$/);
  });
});

describe('updates of Jobs', () => {
  const changed = (change: object, from: object = {}) => {
    const previous = created(from);
    return updateProblems(jobs, { ...previous, spec: { ...previous.spec!, ...change } }, previous);
  };
  const withImage = (image: string) => {
    const { template } = created().spec!;
    return { template: { ...template, spec: { ...template.spec!, containers: [{ ...template.spec!.containers[0]!, image }] } } };
  };
  it.each([
    { name: 'parallelism may change', given: changed({ parallelism: 5 }), want: [] },
    { name: 'it may be suspended', given: changed({ suspend: true }), want: [] },
    { name: 'completions may not', given: changed({ completions: 5 }), want: ['spec.completions: Invalid value: 5: field is immutable'] },
    {
      name: 'an indexed one scales completions with parallelism',
      given: changed({ completions: 4, parallelism: 4 }, { completionMode: 'Indexed', completions: 2, parallelism: 2 }),
      want: [],
    },
    {
      name: 'but not completions alone',
      given: changed({ completions: 4 }, { completionMode: 'Indexed', completions: 2, parallelism: 2 }),
      want: ['spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism'],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('the template may not', () => expect(changed(withImage('ruby'))[0]).toMatch(/^spec\.template: Invalid value: .*: field is immutable$/));

  it('but where its pods go may, while it is suspended', () => {
    const { template } = created({ suspend: true }).spec!;
    const moved = { ...template, spec: { ...template.spec!, nodeSelector: { zone: 'a' } } };
    const resting = { ...created({ suspend: true }), status: { conditions: [{ type: 'Suspended', status: 'True' }] } } as Job;
    const update = (previous: Job) => texts(jobs.validateUpdate!({ ...previous, spec: { ...previous.spec!, template: moved } }, previous));
    expect(update(resting)).toEqual([]);
    expect(update({ ...resting, status: { ...resting.status, active: 1 } })).toHaveLength(1);
    expect(changed({ template: moved })).toHaveLength(1);
  });
});

describe('the status of Jobs', () => {
  const condition = (type: string) => ({ type, status: 'True' });
  const done = {
    startTime: '2026-01-01T00:00:00Z',
    completionTime: '2026-01-01T00:01:00Z',
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };
  it.each([
    { name: 'completes', status: done, want: [] },
    {
      name: 'does not complete without its criteria',
      status: { ...done, conditions: [condition('Complete')] },
      want: ['status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition'],
    },
    {
      name: 'does not run once it is complete',
      status: { ...done, active: 1 },
      want: ['status.active: Invalid value: 1: active>0 is invalid for finished job'],
    },
    {
      name: 'does not end before it starts',
      status: { ...done, completionTime: '2025-01-01T00:00:00Z' },
      want: ['status.completionTime: Invalid value: "2025-01-01T00:00:00Z": must be equal to or after `startTime`'],
    },
  ])('$name', ({ status, want }) => expect(texts(jobs.validateStatusUpdate!({ ...created(), status }, created()))).toEqual(want));

  it('takes nothing back', () => {
    const previous = { ...created(), status: { ...done, failed: 2, succeeded: 1 } };
    expect(texts(jobs.validateStatusUpdate!({ ...previous, status: { startTime: done.startTime } }, previous))).toEqual([
      'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
      'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      'status.failed: Invalid value: 0: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
    ]);
  });

  it('prints', () => {
    const now = Date.parse('2026-01-01T00:03:00Z');
    const finished = { ...created(), status: { ...done, succeeded: 1 } };
    expect([cell(jobs, finished, 'Status'), cell(jobs, finished, 'Completions'), cell(jobs, finished, 'Duration', now)]).toEqual(['Complete', '1/1', '60s']);
    const running = { ...created({ parallelism: 3 }), status: { startTime: done.startTime } };
    expect([cell(jobs, running, 'Status'), cell(jobs, running, 'Completions'), cell(jobs, running, 'Duration', now)]).toEqual(['Running', '0/1 of 3', '3m']);
  });
});

describe('a CronJob', () => {
  const cronJob = (spec: object = {}, name = 'nightly') =>
    ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec: { schedule: '0 3 * * *', jobTemplate: { spec: job().spec }, ...spec } }) as CronJob;

  it('gets its defaults, its Jobs none', () => {
    const { jobTemplate, ...spec } = defaulted(cronJobs, cronJob()).spec;
    expect(spec).toEqual({ schedule: '0 3 * * *', concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    expect(jobTemplate.spec!.completions).toBeUndefined();
    expect(jobTemplate.spec!.template.spec!.dnsPolicy).toBe('ClusterFirst');
  });

  it.each([
    { name: 'is valid', given: cronJob({ timeZone: 'Europe/Vienna' }), want: [] },
    {
      name: 'has a schedule',
      given: cronJob({ schedule: '* * * *' }),
      want: ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
    },
    {
      name: 'has its time zone in its field',
      given: cronJob({ schedule: 'TZ=UTC 0 3 * * *' }),
      want: ['spec.schedule: Invalid value: "TZ=UTC 0 3 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    },
    {
      name: 'has a time zone that exists',
      given: cronJob({ timeZone: 'Mars/North' }),
      want: ['spec.timeZone: Invalid value: "Mars/North": unknown time zone Mars/North'],
    },
    {
      name: 'has a known policy',
      given: cronJob({ concurrencyPolicy: 'Queue' }),
      want: ['spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"'],
    },
    {
      name: "has no selector for its Jobs' pods",
      given: cronJob({ jobTemplate: { spec: { ...job().spec, selector: { matchLabels: { a: 'b' } } } } }),
      want: ['spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated'],
    },
    {
      name: 'leaves room in its name',
      given: cronJob({}, 'x'.repeat(53)),
      want: [`metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`],
    },
  ])('$name', ({ given, want }) => expect(problems(cronJobs, given)).toEqual(want));

  it('prints', () => {
    const object = { ...defaulted(cronJobs, cronJob()), status: { lastScheduleTime: '2026-01-01T00:00:00Z' } };
    expect(cronJobs.table!.cells(object, Date.parse('2026-01-01T00:01:00Z')).slice(0, 6)).toEqual(['nightly', '0 3 * * *', '<none>', 'False', 0, '60s']);
  });
});
