import type { State } from '../state/state.ts';
import type { ClusterInfo } from './framework.ts';
import { nodeInfos } from './node-infos.ts';

/** What plugins see of a state, before anything is placed. */
export function clusterInfoOf(state: State): ClusterInfo {
  const { all, kept } = state.view(nodeInfos);
  return { state, nodes: [...all], changed: [], kept };
}
