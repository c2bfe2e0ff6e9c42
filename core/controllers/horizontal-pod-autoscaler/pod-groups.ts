import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Moment } from '../../usage/moment.ts';
import { WINDOW } from '../../usage/sampling.ts';
import type { PodValues } from './metric-values.ts';

/** How the pods of a target count (replica_calculator.go, groupPods), by their names. */
export interface PodGroups {
  readonly readyCount: number;
  readonly unready: ReadonlySet<string>;
  /** They have no value. */
  readonly missing: ReadonlySet<string>;
  /** They are on their way out. */
  readonly ignored: ReadonlySet<string>;
}

/** `--horizontal-pod-autoscaler-cpu-initialization-period` and `--horizontal-pod-autoscaler-initial-readiness-delay` */
const CPU_INITIALIZATION = 300_000;
const INITIAL_READINESS = 30_000;

export function groupPods(pods: readonly Pod[], { values, resource, moment }: { values: PodValues; resource: string | undefined; moment: Moment }): PodGroups {
  let readyCount = 0;
  const [unready, missing, ignored] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const phase = pod.status?.phase;
    if (deletionTimestamp || phase === 'Failed') ignored.add(name);
    else if (phase === 'Pending') unready.add(name);
    else if (!values.has(name)) missing.add(name);
    else if (resource === 'cpu' && isStarting(pod, moment)) unready.add(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

/** What a pod uses while it starts says nothing of its load: until it has been ready for as long as a value is measured over, or for a while where it never was. */
function isStarting({ status }: Pod, { now, changesAt }: Moment): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || !status?.startTime) return true;
  const started = clusterInstant(status.startTime);
  const changed = clusterInstant(ready.lastTransitionTime!);
  const until = (at: ClusterInstant): boolean => {
    if (at > now) changesAt(at);
    return at > now;
  };
  if (until(plus(started, CPU_INITIALIZATION))) return ready.status === 'False' || until(plus(changed, WINDOW));
  return ready.status === 'False' && plus(started, INITIAL_READINESS) > changed;
}
