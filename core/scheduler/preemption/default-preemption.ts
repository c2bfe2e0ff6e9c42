import type { Pod } from '../../schema/generated/kinds.ts';
import type { Diagnosis, Plugin, PostFilterContext } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { unavailable } from '../unschedulable.ts';
import { type CandidateCounts, candidatesFor } from './candidates.ts';
import { pickOne } from './pick-one.ts';
import { isPreemptible } from './victims.ts';

/**
 * A pod that fits nowhere takes the place of pods of lower priority (Kubernetes documentation, "Pod Priority and Preemption";
 * pkg/scheduler/framework/plugins/defaultpreemption): it is nominated for the node where that does the least harm, the pods there are deleted, and it is placed when
 * they have gone.
 */
export const defaultPreemptionWith = (args: CandidateCounts = {}): Plugin => ({
  name: 'DefaultPreemption',
  postFilter: (info, diagnosis, context) => {
    const ineligible = whyIneligible(info, diagnosis, context);
    if (ineligible !== undefined) return { type: 'rejected', reason: `preemption: ${ineligible}`, nominated: 'kept' };
    const { candidates, reasons } = candidatesFor(info, diagnosis, { ...context, ...args });
    const [first, ...others] = candidates;
    if (first) {
      const { node, victims } = others.length > 0 ? pickOne(candidates) : first;
      return { type: 'nominated', node: node.name, victims };
    }
    const helpless = diagnosis.count - diagnosis.resolvable.length;
    if (helpless > 0) reasons.set('Preemption is not helpful for scheduling', helpless);
    return { type: 'rejected', reason: `preemption: ${unavailable(diagnosis.count, reasons)}`, nominated: 'cleared' };
  },
});

export const defaultPreemption = defaultPreemptionWith();

/** Why the pod may not have others deleted (PodEligibleToPreemptOthers); undefined when it may. */
function whyIneligible(info: PodInfo, { resolvable }: Diagnosis, { cluster: { state } }: PostFilterContext): string | undefined {
  const { spec, status } = info.pod;
  if (spec!.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const node = status?.nominatedNodeName;
  // Where nothing that goes would help any more, there is nothing to wait for.
  if (!node || !resolvable.some(({ name }) => name === node)) return undefined;
  const going = state.by('node', node).some((pod) => isPreemptible(pod, info) && isBeingPreempted(pod));
  return going ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function isBeingPreempted({ metadata, status }: Pod): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return metadata.deletionTimestamp !== undefined && condition?.status === 'True' && condition.reason === PREEMPTION_BY_SCHEDULER;
}

export const PREEMPTION_BY_SCHEDULER = 'PreemptionByScheduler';
