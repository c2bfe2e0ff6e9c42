import type { Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { type BoundPod, boundPodOf } from '../bound-pods.ts';
import type { ClusterInfo } from '../framework.ts';
import { holderOf, positionOf } from '../node-infos.ts';

/** A pod on a node, with the labels of that. */
export interface Standing {
  readonly pod: BoundPod;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where a pod stood before a change and where it stands after it; undefined: on no node that there is. */
export function standings(
  { type, object, previous }: Change<Pod>,
  { nodes }: ClusterInfo,
): { readonly before: Standing | undefined; readonly after: Standing | undefined } {
  const standing = (pod: Pod): Standing | undefined => {
    const name = holderOf(pod);
    const node = name === undefined ? undefined : nodes[positionOf(name, nodes)];
    return node && { pod: boundPodOf(pod), labels: node.node.metadata.labels ?? {} };
  };
  return { before: previous && standing(previous), after: type === 'DELETED' ? undefined : standing(object) };
}

/** Whether something is on a node in the same domain. */
export const isNear = ({ labels }: Standing, topologyKey: string, domain: string | undefined): boolean =>
  domain !== undefined && labels[topologyKey] === domain;
