import { matchesNode, untolerated } from '../../apis/core/node-match.ts';
import type { DaemonSet, Node, Pod } from '../../schema/generated/kinds.ts';
import { withTolerations } from './daemon-pod.ts';

export interface Fit {
  /** A pod belongs here. */
  shouldRun: boolean;
  /** A pod that is here already may stay. */
  mayStay: boolean;
}

/** A node as a DaemonSet sees it. */
export interface DaemonNode extends Fit {
  name: string;
  /** The set's pods there, on their way there, or on their way out. */
  pods: readonly Pod[];
}

/** Whether a DaemonSet's pods belong on a node: its name, the template's node selector and affinity, and the node's taints (NodeShouldRunDaemonPod). */
export function fitOf(set: DaemonSet, node: Node): Fit {
  const spec = withTolerations(set.spec!.template.spec!);
  const suits = (!spec.nodeName || spec.nodeName === node.metadata.name) && matchesNode(spec, node);
  return {
    shouldRun: suits && !untolerated(node.spec?.taints, spec.tolerations, ['NoSchedule', 'NoExecute']),
    mayStay: suits && !untolerated(node.spec?.taints, spec.tolerations, ['NoExecute']),
  };
}
