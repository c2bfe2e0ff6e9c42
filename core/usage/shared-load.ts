import { isReady } from '../apis/core/pod-readiness.ts';
import type { ClusterInstant } from '../instant.ts';
import { controllerOf, type KubeObject } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';
import { type Curve, parseCurve } from './curve.ts';
import type { Moment } from './moment.ts';

/**
 * The load on a workload, which its ready pods share in equal parts: `load.logplane.dev/cpu: "0s=200m, 5m=3"` at a Deployment is how much CPU time its clients cost. `…/NAME` is the same
 * for a metric of pods by another name. With more pods, each has less to do, so that an autoscaler finds its level.
 */
const LOAD = 'load.logplane.dev/';

/** The part of one pod; undefined when its workload says nothing. It is found out once in a state for all pods of one owner. */
export function loadOf(pod: Pod, name: string, moment: Moment): number | undefined {
  const owner = controllerOf(pod);
  if (!owner) return undefined;
  const { state, now, changesAt } = moment;
  const parts = known.get(state) ?? new Map<string, Part>();
  known.set(state, parts);
  const key = `${owner.uid} ${name}`;
  let part = parts.get(key);
  if (part?.now !== now) {
    part = partOf(pod, name, moment);
    parts.set(key, part);
  }
  if (part.next !== undefined) changesAt(part.next);
  return part.load;
}

/** What each of them has to do at a moment, and when that may be something else. */
interface Part {
  readonly now: ClusterInstant;
  readonly load: number | undefined;
  readonly next: ClusterInstant | undefined;
}

const known = new WeakMap<State, Map<string, Part>>();

function partOf(pod: Pod, name: string, { state, now }: Moment): Part {
  let next: ClusterInstant | undefined;
  const changesAt = (at: ClusterInstant) => {
    next = at;
  };
  const found = curveAbove(pod, name, state);
  if (!found) return { now, load: undefined, next };
  return { now, load: found.curve.at({ state, now, changesAt }, found.since) / Math.max(1, readyBelow(found.uid, state, OWNERS)), next };
}

/** What the workload of a pod says of one resource, and since when its curve counts. */
function curveAbove(pod: Pod, name: string, state: State): { readonly curve: Curve; readonly since: number; readonly uid: string } | undefined {
  let object: KubeObject = pod;
  for (let depth = 0; depth < OWNERS; depth++) {
    const owner = controllerOf(object);
    const above = owner && state.by('uid', owner.uid)[0];
    if (!above) return undefined;
    const { annotations, creationTimestamp, uid } = above.metadata;
    const text = annotations?.[`${LOAD}${name}`];
    const curve = text === undefined ? undefined : parseCurve(text);
    if (curve) return { curve, since: Date.parse(creationTimestamp!), uid: uid! };
    object = above;
  }
  return undefined;
}

/**
 * How much memory each pod of a workload uses, in its first container: `load.logplane.dev/memory: "0s=200Mi, 1h=2Gi"`. It is not shared: a leak is in each of them. Undefined when its
 * workload says nothing. Where none does, no owner is looked at, so that no pod rests on what becomes of its owners.
 */
export function memoryLoadOf(pod: Pod, moment: Moment): number | undefined {
  const found = hasMemoryLoads(moment.state) ? curveAbove(pod, 'memory', moment.state) : undefined;
  return found?.curve.at(moment, found.since);
}

/** Whether any workload says how much memory its pods use. */
export const hasMemoryLoads = (state: State): boolean => state.keys(memoryLoads, '').length > 0;

/** What a workload says of the memory of its pods. */
export const memoryLoad = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[`${LOAD}memory`];

const memoryLoads = index({ allBut: ['events', 'leases.coordination.k8s.io', 'pods'] }, (_key, object) => (memoryLoad(object) === undefined ? [] : ['']));

/** Pod, ReplicaSet, Deployment, and what a custom workload may put above. */
const OWNERS = 4;

/** How many of a workload's pods are ready. */
function readyBelow(uid: string, state: State, depth: number): number {
  if (depth === 0) return 0;
  return state.by('owner', uid).reduce((sum, dependent) => {
    if (dependent.kind === 'Pod') return sum + Number(isReady(dependent as Pod));
    return sum + readyBelow(dependent.metadata.uid!, state, depth - 1);
  }, 0);
}
