import type { LabelSelector, NodeSelectorTerm } from '../../schema/generated/kinds.ts';

/** Labels of nodes that have another name by now, and what a client is told that selects by one of them (pkg/api/node/util.go). */

const deprecated: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What is said of a label; undefined: nothing. */
export const labelDeprecation = (key: string): string | undefined => (Object.hasOwn(deprecated, key) ? deprecated[key] : undefined);

/** Of one term of a NodeSelector (GetWarningsForNodeSelectorTerm). */
export const nodeSelectorTermWarnings = ({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] =>
  matchExpressions.flatMap(({ key }, i) => {
    const why = labelDeprecation(key);
    return why ? [`${path}.matchExpressions[${i}].key: ${key} is ${why}`] : [];
  });

/** Of a LabelSelector that selects nodes (GetWarningsForNodeSelector). */
export const nodeLabelSelectorWarnings = ({ matchExpressions, matchLabels = {} }: LabelSelector, path: string): string[] => [
  ...nodeSelectorTermWarnings({ matchExpressions: matchExpressions ?? [] }, path),
  ...Object.keys(matchLabels).flatMap((key) => {
    const why = labelDeprecation(key);
    return why ? [`${path}.matchLabels.${key}: ${why}`] : [];
  }),
];
