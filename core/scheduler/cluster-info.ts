import type { State } from '../state/state.ts';
import type { ClusterInfo } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { nodeInfos } from './node-infos.ts';

/** What plugins see of a state, before anything is placed. */
export function clusterInfoOf(state: State): ClusterInfo {
  const { all, kept } = state.view(nodeInfos);
  return { state, nodes: [...all], changed: [], kept };
}

/** Puts what has become of a node in its place, and tells of it to all that follows the nodes (node-follower.ts). */
export function replaceNode({ nodes, changed }: Pick<ClusterInfo, 'nodes' | 'changed'>, position: number, node: NodeInfo): void {
  nodes[position] = node;
  changed.push(position);
}
