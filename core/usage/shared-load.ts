import { fieldsOf } from '../kube/fields.ts';
import { controllerOf, type KubeObject } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
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
    if (curve) return curve.at(moment, Date.parse(creationTimestamp!)) / readyPodsOf(next);
    object = next;
  }
  return undefined;
}

/** Pod, ReplicaSet, Deployment, and what a custom workload may put above. */
const OWNERS = 4;

/** How many pods a workload says are ready; at least the one that is asked for. */
function readyPodsOf(workload: KubeObject): number {
  const { readyReplicas, numberReady, ready } = (fieldsOf(workload)['status'] as Partial<Record<string, number>> | undefined) ?? {};
  return Math.max(1, readyReplicas ?? numberReady ?? ready ?? 1);
}
