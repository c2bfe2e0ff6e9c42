import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { type Key, keyOf } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import type { View } from '../state/view.ts';
import type { NodeInfo } from './node-info.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';

/** The pods that wait for the room that others are to leave on a node, by the node's name (kube-scheduler's nominator). */
export type Nominations = ReadonlyMap<string, ReadonlyMap<Key, PodInfo>>;

export const nominations: View<Nominations, 'pods'> = {
  of: ['pods'],
  initial: new Map(),
  evolve: (known, changes) => {
    const concerned = changes.filter(({ object, previous }) => nominatedNodeOf(object) !== undefined || (previous && nominatedNodeOf(previous) !== undefined));
    return concerned.length > 0 ? renominated(known, concerned) : known;
  },
};

function renominated(known: Nominations, changes: readonly Change<Pod>[]): Nominations {
  const all = new Map(known);
  const on = (node: string) => new Map(all.get(node));
  for (const { type, key, object, previous } of changes) {
    const before = previous && nominatedNodeOf(previous);
    if (before !== undefined) {
      const others = on(before);
      others.delete(key);
      if (others.size > 0) all.set(before, others);
      else all.delete(before);
    }
    const node = type === 'DELETED' ? undefined : nominatedNodeOf(object);
    if (node !== undefined) all.set(node, on(node).set(key, podInfoOf(object)));
  }
  return all;
}

/** The node that a pod is nominated for, as long as it waits for one. */
function nominatedNodeOf(pod: Pod): string | undefined {
  const { spec, status } = pod;
  return status?.nominatedNodeName && !spec?.nodeName && !isPodTerminal(pod) ? status.nominatedNodeName : undefined;
}

/** The pods nominated for a node that another one has to leave room for: those of its priority or a higher one. */
export function nominatedBefore({ key, priority }: PodInfo, { name }: NodeInfo, known: Nominations): readonly PodInfo[] {
  const there = known.get(name);
  return there ? [...there.values()].filter((other) => other.key !== key && other.priority >= priority) : NONE;
}

const NONE: readonly PodInfo[] = [];

/** The pods nominated for a node that have to look elsewhere when one of a higher priority is. */
export const nominatedBelow = (priority: number, node: string, known: Nominations): Pod[] =>
  [...(known.get(node)?.values() ?? [])].filter((other) => other.priority < priority).map(({ pod }) => pod);

/** The pod with another nomination, or none. */
export const nominated = (pod: Pod, node: string | undefined): Pod => {
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  return { ...pod, status: { ...status, ...(node !== undefined && { nominatedNodeName: node }) } };
};

export const podKey = ({ metadata: { namespace, name } }: Pod): Key => keyOf('pods', namespace, name);
