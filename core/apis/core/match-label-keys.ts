import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { LabelSelector, PodAffinityTerm, PodSpec } from '../../schema/generated/kinds.ts';

interface Keys {
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
  readonly labelSelector?: LabelSelector;
}

/** Checks the labels whose values a pod adds to a selector (ValidateMatchLabelKeysAndMismatchLabelKeys). */
export function validateMatchLabelKeys({ matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: Keys, path: string): FieldError[] {
  const mismatched = new Set(mismatchLabelKeys);
  return [
    ...validateKeys(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...validateKeys(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
    ...validateMerged(matchLabelKeys, labelSelector, path),
    ...matchLabelKeys.flatMap((key, i) =>
      mismatched.has(key) ? [invalidValue(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys')] : [],
    ),
  ];
}

function validateKeys(keys: readonly string[], selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!keys.length) return [];
  if (!selector) return [forbiddenField(path, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, i) => invalidValues(`${path}[${i}]`, key, qualifiedName(key)));
}

/** The server adds an expression for each key; when the selector names the key before, two speak of it. The index is that of the key, on the path of all, as in Kubernetes. */
function validateMerged(keys: readonly string[], selector: LabelSelector | undefined, path: string): FieldError[] {
  const known = new Set(Object.keys(selector?.matchLabels ?? {}));
  return (selector?.matchExpressions ?? []).flatMap(({ key }) => {
    const i = keys.lastIndexOf(key);
    const repeated = i >= 0 && known.has(key);
    known.add(key);
    return repeated ? [invalidValue(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector')] : [];
  });
}

type Labels = Readonly<Record<string, string>>;

/** Adds what the keys of a new pod select by its own labels to its selectors (mutatePodAffinity, mutateTopologySpreadConstraints). Changes the spec. */
export function mergeMatchLabelKeys({ affinity, topologySpreadConstraints = [] }: PodSpec, labels: Labels): void {
  const { podAffinity, podAntiAffinity } = affinity ?? {};
  for (const terms of [podAffinity, podAntiAffinity]) {
    for (const { podAffinityTerm } of terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []) mergeTerm(podAffinityTerm, labels);
    for (const term of terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTerm(term, labels);
  }
  for (const { matchLabelKeys, labelSelector } of topologySpreadConstraints) merge(labelSelector, matchLabelKeys, 'In', labels);
}

function mergeTerm({ labelSelector, matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm, labels: Labels): void {
  merge(labelSelector, matchLabelKeys, 'In', labels);
  merge(labelSelector, mismatchLabelKeys, 'NotIn', labels);
}

function merge(selector: LabelSelector | undefined, keys: readonly string[] = [], operator: 'In' | 'NotIn', labels: Labels): void {
  const added = keys.filter((key) => labels[key] !== undefined).map((key) => ({ key, operator, values: [labels[key]!] }));
  if (selector && added.length) selector.matchExpressions = [...(selector.matchExpressions ?? []), ...added];
}
