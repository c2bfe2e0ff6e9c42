import { fields, type RequestInput, times } from '../input.ts';
import { container, LIST, MB, posted, specOf } from './posted.ts';

const labels = { a: 'b' };
const deployment = posted('/apis/apps/v1/namespaces/default/deployments', (part) => ({
  metadata: { name: 'b' },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } }, ...part },
}));

/** Workloads with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */
export const workloadInputs: readonly RequestInput[] = [
  {
    name: 'selector: expressions',
    size: LIST,
    code: 422,
    request: (size) => deployment({ selector: { matchExpressions: times(size, (i) => ({ key: `k${i}`, operator: 'In', values: ['!'] })) } }),
  },
  { name: 'selector: labels', size: 50_000, short: 10_000, code: 422, request: (size) => deployment({ selector: { matchLabels: fields(size, () => 'v') } }) },
  {
    name: 'exit codes',
    size: 255,
    code: 422,
    request: (size) =>
      job({ podFailurePolicy: { rules: times(20, () => ({ action: 'FailJob', onExitCodes: { operator: 'In', values: times(size, () => 5) } })) } }),
  },
  {
    name: 'rules of failures',
    size: LIST,
    code: 422,
    request: (size) => job({ podFailurePolicy: { rules: times(size, () => ({ action: 'FailJob', onPodConditions: [{ type: '!' }] })) } }),
  },
  {
    name: 'indexes that succeed',
    size: MB,
    code: 422,
    request: (size) =>
      job({ completionMode: 'Indexed', completions: 5, parallelism: 1, successPolicy: { rules: [{ succeededIndexes: '1,'.repeat(size / 2) }] } }),
  },
  { name: 'schedule: fields', size: MB, code: 422, request: (size) => cronJob({ schedule: '* '.repeat(size / 2) }) },
  { name: 'schedule: a list', size: MB, short: 100_000, code: 201, request: (size) => cronJob({ schedule: `${'0,'.repeat(size / 2)}1 * * * *` }) },
  { name: 'schedule: a number', size: MB, code: 422, request: (size) => cronJob({ schedule: `${'9'.repeat(size)} * * * *` }) },
  { name: 'schedule: an interval', size: MB, code: 201, request: (size) => cronJob({ schedule: `@every ${'1s'.repeat(size / 2)}` }) },
  { name: 'schedule: a time zone in it', size: MB, code: 422, request: (size) => cronJob({ schedule: `TZ=${'a'.repeat(size)} * * * * *` }) },
  { name: 'time zone', size: MB, code: 422, request: (size) => cronJob({ schedule: '* * * * *', timeZone: 'a/'.repeat(size / 2) }) },
  {
    name: 'disruption budget: selector',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/policy/v1/namespaces/default/poddisruptionbudgets')({ selector: { matchExpressions: times(size, () => ({ key: '!', operator: '!' })) } }),
  },
];

function job(part: object) {
  return specOf('/apis/batch/v1/namespaces/default/jobs')({ template: { spec: { restartPolicy: 'Never', containers: [container] } }, ...part });
}

function cronJob(part: object) {
  return specOf('/apis/batch/v1/namespaces/default/cronjobs')({
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
    ...part,
  });
}
