import { isReady } from '../apis/core/pod-readiness.ts';
import { controllerOf, type KubeObject } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { parseCurve } from './curve.ts';
import type { Moment } from './moment.ts';

/**
 * The load on a workload, which its ready pods share in equal parts: `load.logplane.dev/cpu: "0s=200m, 5m=3"` at a Deployment is how much CPU time its clients cost. `…/NAME` is the same
 * for a metric of pods by another name. With more pods, each has less to do, so that an autoscaler finds its level.
 */
const LOAD = 'load.logplane.dev/';

/** The part of one pod; undefined when its workload says nothing. */
export function loadOf(pod: Pod, name: string, moment: Moment): number | undefined {
  const annotation = `${LOAD}${name}`;
  let object: KubeObject = pod;
  for (let depth = 0; depth < OWNERS; depth++) {
    const owner = controllerOf(object);
    const next = owner && moment.state.by('uid', owner.uid)[0];
    if (!next) return undefined;
    const { annotations, creationTimestamp } = next.metadata;
    const curve = annotations?.[annotation] === undefined ? undefined : parseCurve(annotations[annotation]);
    if (curve) return curve.at(moment, Date.parse(creationTimestamp!)) / readyPodsOf(next, moment.state);
    object = next;
  }
  return undefined;
}

/** Pod, ReplicaSet, Deployment, and what a custom workload may put above. */
const OWNERS = 4;

/** How many of a workload's pods are ready; at least the one that is asked for. Counted once in a state, for all pods of the workload. */
function readyPodsOf(workload: KubeObject, state: State): number {
  const counts = counted.get(state) ?? new Map<string, number>();
  counted.set(state, counts);
  const uid = workload.metadata.uid!;
  const count = counts.get(uid) ?? readyBelow(uid, state, OWNERS);
  counts.set(uid, count);
  return Math.max(1, count);
}

const counted = new WeakMap<State, Map<string, number>>();

function readyBelow(uid: string, state: State, depth: number): number {
  if (depth === 0) return 0;
  return state.by('owner', uid).reduce((sum, dependent) => {
    if (dependent.kind === 'Pod') return sum + Number(isReady(dependent as Pod));
    return sum + readyBelow(dependent.metadata.uid!, state, depth - 1);
  }, 0);
}
