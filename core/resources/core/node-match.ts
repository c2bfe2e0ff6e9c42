import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../generated/kinds.ts';

/** Which nodes a pod asks for (k8s.io/component-helpers/scheduling/corev1): shared by the scheduler, the kubelet's admission and DaemonSets. */

/** `spec.nodeSelector` and the required node affinity: both must hold. */
export function matchesNode({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const name in nodeSelector) if (own(labels, name) !== nodeSelector[name]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}

/** Terms are alternatives; a selector without terms selects nothing. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: NodeSelector, node: Node): boolean => nodeSelectorTerms.some((term) => matchesTerm(term, node));

/** The requirements of a term must all hold; a term without any selects nothing. */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => satisfies(requirement, own(node.metadata.labels, requirement.key))) &&
    matchFields.every((requirement) => requirement.key === 'metadata.name' && satisfies(requirement, node.metadata.name))
  );
}

/** A label, and not what every object has: `constructor` is a legal key. */
const own = (labels: Readonly<Record<string, string>> | undefined, key: string) => (labels && Object.hasOwn(labels, key) ? labels[key] : undefined);

function satisfies({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && isInteger(value) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

const isInteger = (text: string) => /^[+-]?\d+$/.test(text);

/** Toleration.ToleratesTaint: an empty key tolerates every key, an empty effect every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return (toleration.value ?? '') === (taint.value ?? '') && Boolean(toleration.key);
}

/** The first taint with one of these effects that none of the tolerations tolerates. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)));
}
