import type { DaemonSet, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../schema/generated/kinds.ts';
import { podFromTemplate, podPrefix } from '../shared/pod-from-template.ts';

/** The pods of a DaemonSet (pkg/controller/daemon/util/daemonset_util.go). */

export const HASH_LABEL = 'controller-revision-hash';

export const hashOf = (pod: Pod): string => pod.metadata.labels?.[HASH_LABEL] ?? '';

/** A pod that only `node` will do for. */
export function daemonPod(set: DaemonSet, { node, hash, name }: { node: string; hash: string; name: string }): Pod {
  const { template } = set.spec!;
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'];
  const labels = { ...template.metadata?.labels, ...(generation && { 'pod-template-generation': generation }), [HASH_LABEL]: hash };
  const pod = podFromTemplate({ template, owner: set, name, generateName: podPrefix(set) });
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: onlyOn(node, withTolerations(template.spec!)) };
}

/** The node that a pod is on, or is meant for: '' when neither is known. */
export function nodeOf({ spec }: Pod): string {
  if (spec?.nodeName) return spec.nodeName;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    for (const { key, operator, values } of matchFields) if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0]!;
  }
  return '';
}

/** Replaces what the template requires of nodes, which the controller has checked, by the node's name. */
function onlyOn(node: string, spec: PodSpec): PodSpec {
  const term: NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const nodeAffinity = { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity } };
}

/** The tolerations that all of the set's pods have: they stay on nodes in trouble, and run where nothing new is scheduled. */
export function withTolerations(spec: PodSpec): PodSpec {
  const tolerations = [...(spec.tolerations ?? [])];
  for (const toleration of spec.hostNetwork ? [...DAEMON_TOLERATIONS, HOST_NETWORK_TOLERATION] : DAEMON_TOLERATIONS) {
    const has = tolerations.some(({ key, effect, operator }) => key === toleration.key && effect === toleration.effect && operator === toleration.operator);
    if (!has) tolerations.push(toleration);
  }
  return { ...spec, tolerations };
}

const exists = (name: string, effect: string): Toleration => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect });

const DAEMON_TOLERATIONS = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
];

const HOST_NETWORK_TOLERATION = exists('network-unavailable', 'NoSchedule');
