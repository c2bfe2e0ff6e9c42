import { readiness } from '../../apis/core/node-agent.ts';
import type { UpdateMutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { type Key, timestamp } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import type { Node, Taint } from '../../schema/generated/kinds.ts';
import { compareText } from '../../state/tree.ts';
import { type Controller, nothing } from '../controller.ts';
import { earliest } from '../shared/earliest.ts';
import { updateTo } from '../shared/mutations.ts';
import { NOT_READY, UNREACHABLE, withTaints } from './node-taints.ts';
import { areAllLost, evictionInterval, isEvicting, type Zone, zonesOfNodes } from './zones.ts';

/**
 * Puts the taints that evict (taint-eviction.ts) on nodes that are not Ready, in each zone one after another, the slower the more of the zone is lost, and takes
 * them off what is Ready again (pkg/controller/nodelifecycle, doNoExecuteTaintingPass and handleDisruption; Kubernetes documentation, "Rate limits on eviction").
 */
export const nodeEvictions: Controller = {
  name: 'node-evictions',
  actor: controllerUser('node-controller'),
  watches: { nodes: () => [ALL_NODES] },
  primaries: () => [ALL_NODES],
  reconcile({ state, now }) {
    const found = state.view(zonesOfNodes);
    if (found.afflicted.size === 0) return nothing;
    const byZone = new Map<string, Node[]>();
    for (const [name, zone] of found.afflicted) {
      const node = state.get('nodes', undefined, name);
      if (!node || node.metadata.deletionTimestamp) continue;
      const nodes = byZone.get(zone);
      if (nodes) nodes.push(node);
      else byZone.set(zone, [node]);
    }
    const nobodyIsThere = areAllLost(found);
    const mutations: UpdateMutation<'nodes'>[] = [];
    const times: (ClusterInstant | undefined)[] = [];
    for (const [name, nodes] of byZone) {
      for (const node of nodes) mutations.push(...swapped(node, { now, none: nobodyIsThere }));
      if (nobodyIsThere) continue;
      const next = nextOf(nodes, found.zones.get(name) ?? { ready: 0, others: 0 });
      if (next && next.at <= now) mutations.push(tainted(next.node, now));
      if (next) times.push(next.at > now ? next.at : next.andThen(now));
    }
    const enqueueAt = earliest(...times);
    return { mutations, ...(enqueueAt !== undefined && { enqueueAt }) };
  },
};

/** No node is a primary object of its own: who is next depends on all. */
const ALL_NODES: Key = 'nodes//';

/** Without the taint that does not hold any more, with the other one in its place where that holds. */
function swapped(node: Node, { now, none }: { now: number; none: boolean }): UpdateMutation<'nodes'>[] {
  const taints = node.spec?.taints ?? [];
  const key = none ? undefined : keyFor(node);
  const wrong = taints.filter((taint) => isEvicting(taint) && taint.key !== key);
  if (wrong.length === 0 || (key === undefined && !none && readiness(node) !== 'True')) return [];
  const others = taints.filter((taint) => !wrong.includes(taint));
  const isThere = others.some(isEvicting);
  return [updateTo('nodes', withTaints(node, key !== undefined && !isThere ? [...others, evicting(key, now)] : others))];
}

/** The key of a node's taint, once it has the same one that keeps pods off (node-taints.ts). */
function keyFor(node: Node): string | undefined {
  const key = { False: NOT_READY, Unknown: UNREACHABLE }[readiness(node) ?? ''];
  return node.spec?.taints?.some((taint) => taint.key === key && taint.effect === 'NoSchedule') ? key : undefined;
}

const evicting = (key: string, now: number): Taint => ({ key, effect: 'NoExecute', timeAdded: timestamp(now) });

const tainted = (node: Node, now: number): UpdateMutation<'nodes'> =>
  updateTo('nodes', withTaints(node, [...(node.spec?.taints ?? []), evicting(keyFor(node)!, now)]));

interface Next {
  readonly node: Node;
  readonly at: ClusterInstant;
  /** When the one after it may follow, if there is one. */
  readonly andThen: (now: ClusterInstant) => ClusterInstant | undefined;
}

/** The node of a zone whose pods are evicted next: the one that has not been Ready for the longest time. */
function nextOf(nodes: readonly Node[], zone: Zone): Next | undefined {
  const waiting = nodes.filter((node) => keyFor(node) !== undefined && !node.spec?.taints?.some(isEvicting));
  const interval = evictionInterval(zone);
  if (waiting.length === 0 || interval === Number.POSITIVE_INFINITY) return undefined;
  const node = waiting.reduce((first, other) => (inOrder(other, first) < 0 ? other : first));
  const added = nodes.flatMap(({ spec }) => (spec?.taints ?? []).filter(isEvicting).map(({ timeAdded }) => Date.parse(timeAdded ?? '')));
  const last = Math.max(...added.filter((time) => !Number.isNaN(time)));
  const at = clusterInstant(last === Number.NEGATIVE_INFINITY ? 0 : last + interval);
  return { node, at, andThen: (now) => (waiting.length > 1 ? plus(now, interval) : undefined) };
}

const inOrder = (a: Node, b: Node): number => compareText(lostAt(a), lostAt(b)) || compareText(a.metadata.name, b.metadata.name);

const lostAt = ({ status }: Node): string => status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
