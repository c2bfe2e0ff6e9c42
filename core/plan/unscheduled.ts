import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { UnscheduledPods } from '../apis/logplane/plan-status.ts';
import type { Random } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import { controllerOf } from '../kube/object.ts';
import { explain } from '../scheduler/explain.ts';
import type { SchedulerProfiles } from '../scheduler/profiles.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

interface Explaining {
  readonly start: State;
  readonly profiles: SchedulerProfiles;
  readonly random: Random;
  readonly now: ClusterInstant;
}

/** The pods that have no node at the end, those of one owner together, and what the scheduler says of each node. */
export function unscheduledPods(end: State, { start, profiles, random, now }: Explaining): UnscheduledPods[] {
  const waiting = end.by('node', '').filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp);
  const groups = [...Map.groupBy(waiting, (pod) => `${pod.metadata.namespace}/${ownerOf(pod)}`).values()];
  return groups.map((pods, i) => {
    const [first] = pods as [Pod];
    const { namespace = '' } = first.metadata;
    const before = pods.every(({ metadata }) => start.get('pods', metadata.namespace, metadata.name)?.metadata.uid === metadata.uid);
    const of = { namespace, owner: ownerOf(first), count: pods.length, pods: pods.slice(0, MOST_NAMED).map(({ metadata }) => metadata.name) };
    const explained = i < MOST_EXPLAINED ? explanationOf(first, end, { profiles, random, now }) : { message: told(first), nodes: [] };
    return { ...of, ...(before && { before }), ...explained };
  });
}

type Explained = Pick<UnscheduledPods, 'message' | 'nodes' | 'moreNodes'>;

function explanationOf(pod: Pod, state: State, { profiles, random, now }: Omit<Explaining, 'start'>): Explained {
  const { schedulerName } = pod.spec!;
  const plugins = profiles.pluginsFor(schedulerName);
  if (!plugins) return { message: `no scheduler of this cluster is named ${JSON.stringify(schedulerName)}`, nodes: [] };
  const { message, nodes } = explain(pod, state, { plugins, random, now });
  const listed = nodes.slice(0, MOST_NODES).map(({ node, reasons }) => ({ node, reasons }));
  return { message: message ?? told(pod), nodes: listed, ...(nodes.length > listed.length && { moreNodes: nodes.length - listed.length }) };
}

const told = ({ status }: Pod): string => status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '';

function ownerOf(pod: Pod): string {
  const owner = controllerOf(pod);
  return owner ? `${owner.kind}/${owner.name}` : `Pod/${pod.metadata.name}`;
}

const MOST_NAMED = 20;
const MOST_NODES = 200;
/** How many groups of pods are asked about: what else waits is told what it was told last. */
const MOST_EXPLAINED = 50;
