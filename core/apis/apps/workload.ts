import { type LabelSelector, selects, selectsEverything } from '../../kube/label-selector.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, immutable, invalidValue, nonNegative, notSupported, required } from '../../kube/validation/field.ts';
import { label } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { PodTemplateSpec } from '../../schema/generated/kinds.ts';
import { defaultPodTemplate, validatePodTemplate } from '../core/pod-spec.ts';

/** What the kinds that make pods from a template have in common (pkg/apis/apps/validation). */

/** Fills in the defaults of a workload's pod template, also where the client left it out. */
export function defaultTemplate(spec: { template?: PodTemplateSpec }): void {
  spec.template ??= {};
  spec.template.spec ??= { containers: [] };
  defaultPodTemplate(spec.template);
}

/** Checks a selector that must be there and select something; `kind` is how the message for an empty one calls the object. */
export function validateSelector(selector: LabelSelector | undefined, path: string, kind: string): FieldError[] {
  if (!selector) return [required(path)];
  return [
    // The checks of the selector read it as it came in; they do not change it.
    ...validateLabelSelector(selector as Parameters<typeof validateLabelSelector>[0], path),
    ...(selectsEverything(selector) ? [invalidValue(path, selector, `empty selector is invalid for ${kind}`)] : []),
  ];
}

/** Checks that a template's labels are such that the pods made from it are found again. */
export function validateTemplateLabels(template: PodTemplateSpec | undefined, selector: LabelSelector | undefined, path: string): FieldError[] {
  const labels = template?.metadata?.labels;
  if (selectsEverything(selector) || selects(selector, labels)) return [];
  return [invalidValue(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`')];
}

/** Checks the template of a workload whose pods always run: a ReplicaSet's, Deployment's, DaemonSet's or StatefulSet's. */
export function validateAlwaysRunning(template: PodTemplateSpec | undefined, path: string, kind: string): FieldError[] {
  const { restartPolicy = '', activeDeadlineSeconds } = template?.spec ?? {};
  return [
    ...(restartPolicy === 'Always' ? [] : [notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined ? [] : [forbiddenField(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

/** Checks the template of a ReplicaSet or Deployment against its selector. */
export const validateReplicaTemplate = (template: PodTemplateSpec | undefined, selector: LabelSelector | undefined, path: string): FieldError[] => [
  ...validateTemplateLabels(template, selector, path),
  ...validatePodTemplate(template ?? {}, path),
  ...validateAlwaysRunning(template, path, 'ReplicaSet'),
];

/** Checks that every named count of a status is not negative. */
export const validateCounts = (status: object | undefined, names: readonly string[]): FieldError[] =>
  names.flatMap((name) => nonNegative(`status.${name}`, (status as Record<string, number> | undefined)?.[name]));

/** Checks that a count of a status is not above another one. */
export function validateAtMost(status: object | undefined, names: readonly string[], limit: string, detail: string): FieldError[] {
  const counts = (status ?? {}) as Record<string, number | undefined>;
  return names.flatMap((name) => ((counts[name] ?? 0) > (counts[limit] ?? 0) ? [invalidValue(`status.${name}`, counts[name], detail)] : []));
}

/** The collision count of a status only grows: names of dependents are made from it. */
export const validateCollisionCount = (status: { collisionCount?: number } | undefined, previous: { collisionCount?: number } | undefined): FieldError[] =>
  previous?.collisionCount !== undefined && (status?.collisionCount ?? -1) < previous.collisionCount
    ? [invalidValue('status.collisionCount', status?.collisionCount ?? 0, 'cannot be decremented')]
    : [];

/** A selector, once set, stays: changing it would orphan the pods that it selects. */
export const validateSelectorUpdate = (selector: unknown, previous: unknown): FieldError[] => immutable('spec.selector', selector, previous);

/** A warning for names that are valid but make pods whose host names are cut or mangled. */
export function podNameWarnings(name: string): string[] {
  const problems = label(name);
  if (!problems.length) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
  ];
}
