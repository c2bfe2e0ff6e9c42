import { goValue } from '../../kube/go-value.ts';
import { selects } from '../../kube/label-selector.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { Job } from '../../schema/generated/kinds.ts';

/** The labels by which a Job finds its pods, in their names of today and of old. */
const NAME_LABELS = ['job-name', 'batch.kubernetes.io/job-name'];
const UID_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid'];

/** Gives a Job, by its uid, labels and a selector that no other Job's pods match (generateSelector in pkg/registry/batch/job/strategy.go). */
export function generateSelector(job: Job): void {
  const spec = job.spec!;
  const uid = job.metadata.uid!;
  spec.template.metadata ??= {};
  const labels: Record<string, string> = { ...spec.template.metadata.labels };
  // What the client set stays: validation refuses it where it is wrong.
  for (const name of NAME_LABELS) labels[name] ??= job.metadata.name ?? '';
  for (const name of UID_LABELS) labels[name] ??= uid;
  spec.template.metadata.labels = labels;
  spec.selector ??= {};
  spec.selector.matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...spec.selector.matchLabels };
}

/** Checks that a selector that was not made by hand is the generated one. */
export function validateGeneratedSelector(job: Job): FieldError[] {
  const { spec, metadata } = job;
  if (!spec?.selector || spec.manualSelector) return [];
  const labels = spec.template.metadata?.labels ?? {};
  const uid = metadata.uid ?? '';
  const errors = uid ? [] : [required('metadata.uid')];
  const expected = Object.fromEntries([...UID_LABELS.map((name) => [name, uid]), ...NAME_LABELS.map((name) => [name, metadata.name ?? ''])]);
  for (const name of ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']) {
    errors.push(...validateLabel(labels, name, expected[name]!));
  }
  if (!selects(spec.selector, expected))
    errors.push(invalidValue('spec.selector', goValue('meta.LabelSelector', spec.selector), '`selector` not auto-generated'));
  return errors;
}

/** ValidateHasLabel: the label is there, and has this value. */
function validateLabel(labels: Record<string, string>, name: string, value: string): FieldError[] {
  const field = 'spec.template.metadata.labels';
  if (labels[name] === undefined) return [required(`${field}[${name}]`, `must be '${value}'`)];
  return labels[name] === value ? [] : [invalidValue(`${field}[${name}]`, goValue('{}s', labels), `must be '${value}'`)];
}
