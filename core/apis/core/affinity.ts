import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { label, labelValue, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  WeightedPodAffinityTerm,
} from '../../schema/generated/kinds.ts';
import { validateMatchLabelKeys } from './match-label-keys.ts';

/** Checks a pod's affinity and anti-affinity (validateAffinity). */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const requiredTerms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    ...(requiredTerms ? validateNodeSelector(requiredTerms, `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, preference }, i) => {
      const at = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      return [...validateWeight(weight, `${at}.weight`), ...validateNodeSelectorTerm(preference ?? {}, `${at}.preference`, { strict: false })];
    }),
    ...validatePodTerms(podAffinity, `${path}.podAffinity`),
    ...validatePodTerms(podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

/** Checks a NodeSelector (ValidateNodeSelector): of a pod's node affinity, of a volume. */
export function validateNodeSelector(selector: NodeSelector, path: string): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? [];
  if (!terms.length) return [required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return terms.flatMap((term, i) => validateNodeSelectorTerm(term, `${path}.nodeSelectorTerms[${i}]`));
}

/** Where a term only expresses a wish, the values that it compares with may be anything: not `strict`. */
const validateNodeSelectorTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, path: string, { strict = true } = {}): FieldError[] => [
  ...matchExpressions.flatMap((requirement, i) => validateMatchExpression(requirement, `${path}.matchExpressions[${i}]`, strict)),
  ...matchFields.flatMap((requirement, i) => validateMatchField(requirement, `${path}.matchFields[${i}]`)),
];

function validateMatchExpression({ key = '', operator = '', values = [] }: NodeSelectorRequirement, path: string, strict: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else {
    errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  errors.push(...invalidValues(`${path}.key`, key, qualifiedName(key)));
  if (strict) errors.push(...values.flatMap((value, i) => invalidValues(`${path}.values[${i}]`, value, labelValue(value))));
  return errors;
}

function validateMatchField({ key = '', operator = '', values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  } else {
    errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  if (key !== 'metadata.name') return [...errors, invalidValue(`${path}.key`, key, 'not a valid field selector key')];
  return [...errors, ...values.flatMap((value, i) => invalidValues(`${path}.values[${i}]`, value, subdomain(value)))];
}

interface PodTerms {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

const validatePodTerms = (terms: PodTerms | undefined, path: string): FieldError[] => [
  ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) =>
    validatePodTerm(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`),
  ),
  ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, podAffinityTerm }, i) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    return [...validateWeight(weight, `${at}.weight`), ...validatePodTerm(podAffinityTerm ?? { topologyKey: '' }, `${at}.podAffinityTerm`)];
  }),
];

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '', matchLabelKeys, mismatchLabelKeys } = term;
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...namespaces.flatMap((name) => invalidValues(`${path}.namespace`, name, label(name))),
    ...validateMatchLabelKeys({ matchLabelKeys, mismatchLabelKeys, labelSelector }, path),
    ...(topologyKey ? [] : [required(`${path}.topologyKey`, 'can not be empty')]),
    ...invalidValues(`${path}.topologyKey`, topologyKey, qualifiedName(topologyKey)),
  ];
}

const validateWeight = (weight = 0, path: string): FieldError[] =>
  weight > 0 && weight <= 100 ? [] : [invalidValue(path, weight, 'must be in the range 1-100')];
