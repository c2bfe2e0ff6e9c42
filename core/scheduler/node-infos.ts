import { heldRequests } from '../apis/core/pod-requests.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { Key } from '../kube/object.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { type Change, isOf } from '../state/change.ts';
import type { Limit } from '../state/reads.ts';
import { compareText } from '../state/tree.ts';
import type { View } from '../state/view.ts';
import { type BoundPod, BoundPods, boundPodOf } from './bound-pods.ts';
import { Kept } from './kept.ts';
import { NodeInfo } from './node-info.ts';

/** Every node of the cluster with its pods. A change of a pod makes one NodeInfo anew and shares all others. */
export const nodeInfos: View<NodeInfos, 'nodes' | 'pods'> = {
  // In this order: from the beginning, a node is there before its pods.
  of: ['nodes', 'pods'],
  initial: { all: [], absent: new Map(), kept: new Kept() },
  evolve: (infos, changes) => {
    const changed = changesByNode(changes);
    // A cluster's own from its beginning on.
    const kept = infos === nodeInfos.initial ? new Kept() : infos.kept;
    return changed.size === 0 ? infos : applied({ ...infos, kept }, changed);
  },
};

export interface NodeInfos {
  /** In the order of the nodes' names. */
  readonly all: readonly NodeInfo[];
  /** The pods of nodes that have gone or are still to come, by the node's name. */
  readonly absent: ReadonlyMap<string, BoundPods>;
  /** Of what placements on these nodes, and on those before them, have worked out. */
  readonly kept: Kept;
}

/** Where the node stands in a list that is ordered by name; -1 when it does not. */
export function positionOf(name: string, nodes: readonly NodeInfo[]): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]!.name < name) low = middle + 1;
    else high = middle;
  }
  return nodes[low]?.name === name ? low : -1;
}

interface NodeChange {
  /** The node as it is after all changes; undefined when they leave it as it was. */
  node?: Node | 'deleted';
  readonly pods: Map<Key, BoundPod | undefined>;
  /** Whether some of them were there before: only then those that are there are looked through. */
  replaces: boolean;
}

function changesByNode(changes: readonly Change[]): Map<string, NodeChange> {
  const out = new Map<string, NodeChange>();
  const at = (name: string): NodeChange => {
    let change = out.get(name);
    if (!change) {
      change = { pods: new Map(), replaces: false };
      out.set(name, change);
    }
    return change;
  };
  for (const change of changes) {
    if (isOf(change, 'nodes')) at(change.object.metadata.name).node = change.type === 'DELETED' ? 'deleted' : change.object;
    if (!isOf(change, 'pods')) continue;
    const { type, key, object: pod, previous } = change;
    if (type === 'MODIFIED' && holdsTheSame(previous!, pod)) continue;
    const from = previous && holderOf(previous);
    const to = type === 'DELETED' ? undefined : holderOf(pod);
    if (from !== undefined) {
      at(from).pods.set(key, undefined);
      at(from).replaces = true;
    }
    if (to !== undefined) at(to).pods.set(key, boundPodOf(pod, key));
  }
  return out;
}

/** The room that is left of a node: a pod takes some when it comes there, and more or less when its spec changes. */
export const roomOfNode: Limit<'node'> = {
  of: 'node',
  takesMore: (pod, previous) => holderOf(pod) !== undefined && !(previous && holdsTheSame(previous, pod)),
};

/** Of most changes, which are of a pod's status, there is nothing to see. */
const holdsTheSame = (before: Pod, after: Pod): boolean =>
  holderOf(before) === holderOf(after) &&
  before.spec === after.spec &&
  before.metadata.labels === after.metadata.labels &&
  before.metadata.deletionTimestamp === after.metadata.deletionTimestamp &&
  heldRequests(before) === heldRequests(after);

/** The name of the node of which a pod holds something. */
export const holderOf = (pod: Pod): string | undefined => (isPodTerminal(pod) ? undefined : pod.spec?.nodeName || undefined);

function applied(infos: NodeInfos, changed: ReadonlyMap<string, NodeChange>): NodeInfos {
  // With thousands of nodes, and a copy for each change of a pod: nothing but a copy is made unless nodes come or go.
  const all = infos.all.slice();
  const added: NodeInfo[] = [];
  const removed = new Set<NodeInfo>();
  const absent = new Map(infos.absent);
  for (const [name, change] of changed) {
    const position = positionOf(name, infos.all);
    const before = infos.all[position];
    const there = before?.bound ?? absent.get(name) ?? BoundPods.none;
    const bound = change.replaces ? there.replacing(change.pods) : there.plus([...change.pods.values()].filter((pod) => pod !== undefined));
    const node = change.node ?? before?.node;
    const after = node && node !== 'deleted' ? NodeInfo.of(node, bound, before) : undefined;
    if (before && after) all[position] = after;
    else if (before) removed.add(before);
    else if (after) added.push(after);
    if (!after && bound.count > 0) absent.set(name, bound);
    else absent.delete(name);
  }
  const present = removed.size > 0 ? all.filter((info) => !removed.has(info)) : all;
  return { all: added.length > 0 ? [...present, ...added].sort((a, b) => compareText(a.name, b.name)) : present, absent, kept: infos.kept };
}
