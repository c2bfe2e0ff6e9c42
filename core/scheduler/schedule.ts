import type { Random } from '../env.ts';
import { podRequests } from '../resources/core/pod-requests.ts';
import type { Pod } from '../resources/generated/kinds.ts';
import type { ClusterInfo, Plugin, PodInfo } from './framework.ts';
import type { NodeInfo } from './node-info.ts';

export type Placement =
  | { readonly type: 'placed'; readonly pod: Pod; readonly node: string }
  | { readonly type: 'unschedulable'; readonly pod: Pod; readonly message: string };

/**
 * Places pods one after the other, each seeing those placed before it.
 * The nodes in `cluster` are updated as it goes.
 */
export function schedule({
  pods,
  cluster,
  plugins,
  random,
}: {
  pods: readonly Pod[];
  cluster: ClusterInfo;
  plugins: readonly Plugin[];
  random: Random;
}): Placement[] {
  let start = 0;
  return pods.map((pod) => {
    const info: PodInfo = { pod, requests: podRequests(pod) };
    const impossible = firstOf(plugins, (plugin) => plugin.preFilter?.(info, cluster));
    if (impossible) return { type: 'unschedulable', pod, message: unavailable(cluster, new Map([[impossible, 0]])) };
    const found = filter(info, { cluster, plugins, start });
    start = found.next;
    if (found.nodes.length === 0) return { type: 'unschedulable', pod, message: unavailable(cluster, found.reasons) };
    const node = best(info, { nodes: found.nodes, cluster, plugins, random });
    node.add(pod);
    return { type: 'placed', pod, node: node.node.metadata.name };
  });
}

/** By priority, then by age, as kube-scheduler's queue has them. */
export const inOrder = (pods: readonly Pod[]): Pod[] =>
  [...pods].sort(
    (a, b) =>
      (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0) ||
      compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
      Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
  );

/**
 * The nodes that can take the pod, looked at round-robin from `start`. In large clusters not all of them are looked for
 * (kube-scheduler's percentageOfNodesToScore): with thousands of feasible nodes, hundreds are enough to choose a good one.
 */
function filter(info: PodInfo, { cluster, plugins, start }: { cluster: ClusterInfo; plugins: readonly Plugin[]; start: number }) {
  const { nodes: all } = cluster;
  const enough = feasibleNodesToFind(all.length);
  const nodes: NodeInfo[] = [];
  const reasons = new Map<string, number>();
  let looked = 0;
  for (; looked < all.length && nodes.length < enough; looked++) {
    const node = all[(start + looked) % all.length]!;
    const objections = firstOf(plugins, (plugin) => {
      const found = plugin.filter?.(info, node, cluster);
      return found?.length ? found : undefined;
    });
    if (!objections) nodes.push(node);
    else for (const reason of objections) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return { nodes, reasons, next: all.length === 0 ? 0 : (start + looked) % all.length };
}

function feasibleNodesToFind(count: number): number {
  if (count < 100) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(100, Math.floor((count * percentage) / 100));
}

function best(
  info: PodInfo,
  { nodes, cluster, plugins, random }: { nodes: readonly NodeInfo[]; cluster: ClusterInfo; plugins: readonly Plugin[]; random: Random },
): NodeInfo {
  if (nodes.length === 1) return nodes[0]!;
  const totals = new Array<number>(nodes.length).fill(0);
  for (const { score } of plugins) {
    if (!score) continue;
    const raw = nodes.map((node) => score.of(info, node, cluster));
    const max = Math.max(...raw);
    raw.forEach((value, i) => {
      totals[i]! += score.weight * normalized(value, max, score.normalize);
    });
  }
  const highest = Math.max(...totals);
  const top = nodes.filter((_, i) => totals[i] === highest);
  return top[Math.floor(random.next() * top.length)]!;
}

function normalized(value: number, max: number, how: 'none' | 'proportional' | 'reversed'): number {
  if (how === 'none') return value;
  const proportion = max === 0 ? 0 : (100 * value) / max;
  return how === 'proportional' ? proportion : 100 - proportion;
}

/** framework.FitError: how many nodes there are, and each reason with the number of nodes that gave it, in the order of the text. */
function unavailable({ nodes }: ClusterInfo, reasons: ReadonlyMap<string, number>): string {
  if (nodes.length === 0) return 'no nodes available to schedule pods';
  const texts = [...reasons].map(([reason, count]) => (count === 0 ? reason : `${count} ${reason}`)).sort(compareText);
  return `0/${nodes.length} nodes are available: ${texts.join(', ')}.`;
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function firstOf<T, U>(list: readonly T[], of: (element: T) => U | undefined): U | undefined {
  for (const element of list) {
    const found = of(element);
    if (found !== undefined) return found;
  }
  return undefined;
}
