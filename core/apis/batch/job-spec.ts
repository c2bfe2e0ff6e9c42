import { validateDomainPath } from '../../kube/domain-path.ts';
import { goValue } from '../../kube/go-value.ts';
import { selects } from '../../kube/label-selector.ts';
import { clone } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { immutable, invalidValue, nonNegative, notSupported, required, tooLong } from '../../kube/validation/field.ts';
import { label } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { Job, JobSpec, PodTemplateSpec } from '../../schema/generated/kinds.ts';
import { isUsable, validateSelectorUpdate } from '../apps/workload.ts';
import { validatePodTemplate } from '../core/pod-spec.ts';
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policies.ts';
import { isTrue } from './job-status.ts';

/** What a Job's spec may be and how it may change (pkg/apis/batch/validation). */

const MAX_PARALLELISM_INDEXED = 100_000;
const MAX_FAILED_INDEXES = 100_000;
const MANY_COMPLETIONS = 100_000;
const LIMIT_FOR_MANY_COMPLETIONS = 10_000;

/** Checks a Job's spec but for its selector, which a CronJob's template does not have. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const;
  return [
    ...counts.flatMap((name) => nonNegative(`${path}.${name}`, spec[name])),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...validateManagedBy(spec.managedBy, `${path}.managedBy`),
    ...(spec.completionMode === 'Indexed' ? validateIndexed(spec, path) : validateNonIndexed(spec, path)),
    ...(spec.podFailurePolicy ? validatePodFailurePolicy(spec, `${path}.podFailurePolicy`) : []),
    ...(spec.successPolicy ? validateSuccess(spec, `${path}.successPolicy`) : []),
    ...validateReplacementPolicy(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec.template ?? {}, `${path}.template`),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

/** Checks a Job's selector and that its pods match it. */
export function validateSelector({ selector, template }: JobSpec, path: string): FieldError[] {
  const labels = template?.metadata?.labels;
  return [
    ...(selector ? validateLabelSelector(selector, `${path}.selector`, { strict: true }) : [required(`${path}.selector`)]),
    ...(selects(selector, labels) || !isUsable(selector)
      ? []
      : [invalidValue(`${path}.template.metadata.labels`, goValue('{}s', labels), '`selector` does not match template `labels`')]),
  ];
}

/** The pods of an indexed Job have their index in their host name, which must stay a DNS label. */
export function validateIndexedName({ metadata, spec }: Job): FieldError[] {
  if (spec?.completionMode !== 'Indexed' || !spec.completions || spec.completions <= 0) return [];
  const hostname = `${metadata.name}-${spec.completions - 1}`;
  return label(hostname).length ? [invalidValue('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${hostname}`)] : [];
}

export function validateJobSpecUpdate(spec: JobSpec, previousJob: Job): FieldError[] {
  const previous = previousJob.spec ?? ({} as JobSpec);
  return [
    // Kubernetes looks at the spec twice, and so names what is wrong with it twice among the causes.
    ...validateJobSpec(spec, 'spec'),
    ...validateSelector(spec, 'spec'),
    ...validateCompletionsUpdate(spec, previous),
    ...validateSelectorUpdate(spec.selector, previous.selector),
    ...validateTemplateUpdate(spec, previousJob),
    ...immutable('spec.completionMode', spec.completionMode, previous.completionMode),
    ...immutable('spec.podFailurePolicy', goValue('*batch.PodFailurePolicy', spec.podFailurePolicy), previous.podFailurePolicy),
    ...immutable('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex, previous.backoffLimitPerIndex),
    ...immutable('spec.managedBy', spec.managedBy, previous.managedBy),
    ...immutable('spec.successPolicy', goValue('*batch.SuccessPolicy', spec.successPolicy), previous.successPolicy),
  ];
}

/** Completions are fixed, but an indexed Job may be scaled: completions and parallelism together. */
function validateCompletionsUpdate(spec: JobSpec, previous: JobSpec): FieldError[] {
  if (spec.completionMode !== 'Indexed') return immutable('spec.completions', spec.completions, previous.completions);
  if (spec.completions === previous.completions || spec.completions === undefined || spec.completions === spec.parallelism) return [];
  return [invalidValue('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/** The template is fixed; while a Job is suspended and nothing of it runs, where its pods go and what they ask for may still change. */
function validateTemplateUpdate(spec: JobSpec, { spec: previous = {} as JobSpec, status }: Job): FieldError[] {
  const allowed = clone(previous.template ?? {});
  const resting = previous.suspend === true && isTrue(status, 'Suspended') && !status?.active;
  if (resting) takeSelection(allowed, spec.template ?? {});
  if (!resting) return immutable('spec.template', goValue('core.PodTemplateSpec', spec.template), allowed);
  takeResources(allowed, spec.template ?? {});
  return immutable('spec.template.spec', goValue('core.PodSpec', spec.template?.spec), allowed.spec);
}

/** Puts what selects nodes, and the labels, of another template into the one that is allowed. */
function takeSelection(allowed: PodTemplateSpec, { metadata, spec }: PodTemplateSpec): void {
  if (!spec || !allowed.spec) return;
  const { nodeAffinity: _, ...others } = allowed.spec.affinity ?? {};
  const nodeAffinity = spec.affinity?.nodeAffinity;
  const affinity = { ...others, ...(nodeAffinity && { nodeAffinity }) };
  assign(allowed.spec, 'affinity', spec.affinity || Object.keys(affinity).length ? affinity : undefined);
  for (const name of ['nodeSelector', 'tolerations', 'schedulingGates'] as const) assign(allowed.spec, name, spec[name]);
  const { labels, annotations } = metadata ?? {};
  allowed.metadata = { ...allowed.metadata, ...{ labels, annotations } };
}

function takeResources(allowed: PodTemplateSpec, { spec }: PodTemplateSpec): void {
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = spec?.[list] ?? [];
    if (containers.length !== (allowed.spec?.[list]?.length ?? 0)) continue;
    allowed.spec?.[list]?.forEach((container, i) => {
      if (container.name === containers[i]!.name) assign(container, 'resources', containers[i]!.resources);
    });
  }
}

function assign<T extends object, K extends keyof T>(object: T, name: K, value: T[K] | undefined): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes } = spec;
  const errors: FieldError[] = [];
  const atMost = (name: 'parallelism' | 'maxFailedIndexes', limit: number, detail: string) => {
    const value = spec[name];
    if (value !== undefined && value > limit) errors.push(invalidValue(`${path}.${name}`, value, detail));
  };
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  atMost('parallelism', MAX_PARALLELISM_INDEXED, `must be less than or equal to ${MAX_PARALLELISM_INDEXED} when completion mode is Indexed`);
  atMost('maxFailedIndexes', completions ?? Number.POSITIVE_INFINITY, 'must be less than or equal to completions');
  atMost('maxFailedIndexes', MAX_FAILED_INDEXES, `must be less than or equal to ${MAX_FAILED_INDEXES}`);
  if ((completions ?? 0) > MANY_COMPLETIONS && spec.backoffLimitPerIndex !== undefined) {
    const detail = `must be less than or equal to ${LIMIT_FOR_MANY_COMPLETIONS} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
    if (maxFailedIndexes === undefined) errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`));
    if ((parallelism ?? 0) > LIMIT_FOR_MANY_COMPLETIONS) atMost('parallelism', LIMIT_FOR_MANY_COMPLETIONS, detail);
    atMost('maxFailedIndexes', LIMIT_FOR_MANY_COMPLETIONS, detail);
  }
  return errors;
}

function validateNonIndexed(spec: JobSpec, path: string): FieldError[] {
  if (spec.completionMode && spec.completionMode !== 'NonIndexed') {
    return [notSupported(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed'])];
  }
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((name) =>
    spec[name] === undefined ? [] : [invalidValue(`${path}.${name}`, spec[name], 'requires indexed completion mode')],
  );
}

const validateSuccess = (spec: JobSpec, path: string): FieldError[] =>
  spec.completionMode === 'Indexed'
    ? validateSuccessPolicy(spec, path)
    : [invalidValue(path, goValue('batch.SuccessPolicy', spec.successPolicy), 'requires indexed completion mode')];

function validateManagedBy(managedBy: string | undefined, path: string): FieldError[] {
  if (managedBy === undefined) return [];
  return [...validateDomainPath(path, managedBy), ...(managedBy.length > 63 ? [tooLong(path, 63)] : [])];
}

function validateReplacementPolicy({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, path: string): FieldError[] {
  if (policy === undefined) return [];
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)];
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string): FieldError[] {
  const policy = template?.spec?.restartPolicy ?? '';
  // Always is what the default fills in: then the client most likely said nothing.
  if (policy === 'Always' || policy === '') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])];
  return podFailurePolicy && policy !== 'Never' ? [invalidValue(path, policy, 'only "Never" is supported when podFailurePolicy is specified')] : [];
}
