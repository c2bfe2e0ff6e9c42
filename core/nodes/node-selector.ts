import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../resources/generated/kinds.ts';

/** Whether a node has what a pod's nodeSelector and required node affinity ask for (component-helpers/nodeaffinity). */
export function nodeFits(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const { nodeSelector = {}, affinity } = pod.spec ?? {};
  if (Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value)) return false;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => termFits(term, labels, node.metadata.name));
}

/** A term without any requirement matches nothing. */
function termFits({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, labels: Record<string, string>, name: string): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => holds(requirement, labels)) && matchFields.every((requirement) => holds(requirement, { 'metadata.name': name }))
  );
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Record<string, string>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
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
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
