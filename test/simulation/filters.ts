import type { Node, Pod, PodAffinityTerm, Taint } from '../../core/schema/generated/kinds.ts';

/**
 * Why kube-scheduler would not put a pod on a node, beside the pods that are there and have not ended; undefined: nothing forbids it. Reckoned without the core, in
 * the forms that the simulation uses (Kubernetes documentation, "Taints and Tolerations", "Assigning Pods to Nodes"). Whether there is room is another question.
 */
export function forbiddenBy(pod: Pod, node: Node, others: Iterable<Pod>): string | undefined {
  const { taints = [], unschedulable } = node.spec ?? {};
  const kept: Taint[] = [...taints, ...(unschedulable ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : [])];
  const taint = kept.find((taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, pod));
  if (taint) return `the taint ${taint.key}`;
  const { labels = {}, name } = node.metadata;
  const missing = Object.entries(pod.spec!.nodeSelector ?? {}).find(([label, value]) => labels[label] !== value);
  if (missing) return `the label ${missing[0]}`;
  const meant = namesMeant(pod);
  if (meant && !meant.includes(name)) return 'its name';
  for (const other of others) {
    const port = hostPortsOf(pod).find((port) => hostPortsOf(other).includes(port));
    if (port) return `${other.metadata.name}, which has the port ${port}`;
    if (keepsOff(pod, other) || keepsOff(other, pod)) return `${other.metadata.name}, which is to be apart`;
  }
  return undefined;
}

const isTolerated = (taint: Taint, { spec }: Pod): boolean =>
  (spec!.tolerations ?? []).some(
    ({ key, operator, value = '', effect }) =>
      (!effect || effect === taint.effect) && (!key || key === taint.key) && (operator === 'Exists' || value === (taint.value ?? '')),
  );

/** The nodes that a DaemonSet's pod is meant for. */
const namesMeant = ({ spec }: Pod): readonly string[] | undefined =>
  spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]?.values;

const hostPortsOf = ({ spec }: Pod): number[] => spec!.containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => hostPort ?? []));

/** Whether a pod wants no such other on its node. */
const keepsOff = (pod: Pod, other: Pod): boolean =>
  pod.metadata.namespace === other.metadata.namespace && termsOf(pod).some((term) => matches(term, other.metadata.labels ?? {}));

function termsOf({ spec }: Pod): readonly PodAffinityTerm[] {
  const terms = spec!.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.some(({ topologyKey }) => topologyKey !== 'kubernetes.io/hostname')) throw new Error('a topology that the simulation does not use');
  return terms;
}

const matches = ({ labelSelector }: PodAffinityTerm, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labelSelector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
