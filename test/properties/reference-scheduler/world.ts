import type { Namespace, Node, Pod, ReplicaSet, Service } from '../../../core/schema/generated/kinds.ts';

/** A cluster as lists of objects: the reference works everything out from these, for each pod anew. */
export interface World {
  readonly nodes: readonly Node[];
  /** All pods, those placed so far with their nodes. */
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
  readonly services: readonly Service[];
  readonly replicaSets: readonly ReplicaSet[];
}

/** The pods that have a node and have not ended. */
export const podsOn = ({ pods }: World, node: Node): readonly Pod[] =>
  pods.filter(({ spec, status }) => spec!.nodeName === node.metadata.name && !['Succeeded', 'Failed'].includes(status!.phase!));

export const labelsOf = ({ metadata }: { metadata: { labels?: Readonly<Record<string, string>> } }): Readonly<Record<string, string>> => metadata.labels ?? {};

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Whether labels satisfy a requirement of a label selector or of node affinity ("Labels and Selectors", "Assigning Pods to Nodes"). */
export function satisfies(labels: Readonly<Record<string, string>>, { key, operator, values = [] }: Requirement): boolean {
  const value = labels[key];
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0]);
  return value !== undefined && Number(value) < Number(values[0]);
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Requirement[];
}

/** No selector selects nothing, an empty one everything. */
export const isSelected = (selector: Selector | undefined, labels: Readonly<Record<string, string>>): boolean =>
  selector !== undefined &&
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every((requirement) => satisfies(labels, requirement));

export const isEmpty = (selector: Selector | undefined): boolean =>
  selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;

/** A quantity in the units of a resource: millicores, bytes, pieces. The random clusters write no others. */
export function amountOf(name: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const [, digits, unit] = /^(\d+)(m|Mi|Gi)?$/.exec(text)!;
  if (unit === 'm') return Number(digits);
  const scale = unit === 'Mi' ? 2 ** 20 : unit === 'Gi' ? 2 ** 30 : 1;
  return Number(digits) * scale * (name === 'cpu' ? 1000 : 1);
}

/** What a pod asks for of a resource; `missing`: what a container counts for that says nothing ("Resource Management for Pods and Containers", "Sidecar Containers"). */
export function requestOf({ spec }: Pod, name: string, missing = 0): number {
  const { containers, initContainers = [], overhead, resources } = spec!;
  const of = (container: { resources?: { requests?: Record<string, string> } }) => {
    const text = container.resources?.requests?.[name];
    return text === undefined ? missing : amountOf(name, text);
  };
  const isSidecar = ({ restartPolicy }: { restartPolicy?: string }) => restartPolicy === 'Always';
  const running = [...containers, ...initContainers.filter(isSidecar)].reduce((sum, container) => sum + of(container), 0);
  const starting = initContainers.map(
    (container, i) =>
      of(container) +
      initContainers
        .slice(0, i)
        .filter(isSidecar)
        .reduce((sum, other) => sum + of(other), 0),
  );
  const own = resources?.requests?.[name];
  return (own === undefined ? Math.max(running, ...starting) : amountOf(name, own)) + amountOf(name, overhead?.[name]);
}
