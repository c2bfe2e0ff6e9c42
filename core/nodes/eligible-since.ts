import { timestamp } from '../kube/object.ts';
import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { endOf, planOf, startOf } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { startedAt } from './probes.ts';
import { backOffOf } from './restart.ts';
import type { Sync } from './sync.ts';

/**
 * Since when a container's turn to be started has come, in ms since the epoch: its pod has its sandbox, the init containers before it have ended or
 * started, its back-off is over. It follows from the statuses, so that what lasts (a pull) need not be noted when it begins; what comes about only now
 * counts from the second that its status will have of it, so that each later look finds the same.
 */
export function eligibleSince(member: Member, status: ContainerStatus | undefined, sync: Sync): number {
  const { pod, statuses, now } = sync;
  const sandbox = pod.status?.conditions?.find(({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True');
  let since = Date.parse(sandbox?.lastTransitionTime ?? timestamp(now));
  for (const before of containersOf(pod)) {
    if (before.container === member.container || before.role === 'main') break;
    since = Math.max(since, letsGoOn(before, statuses.get(before.container.name), sync));
  }
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  return ended?.finishedAt ? Math.max(since, backOffOf(status!).from || endOf(status!)) : since;
}

/** When an init container let the next one come; nothing is known of that while it does not run, as a sidecar that is restarted. */
function letsGoOn(member: Member, status: ContainerStatus | undefined, sync: Sync): number {
  const { running, terminated } = status?.state ?? {};
  if (member.role === 'init') return terminated ? endOf(status!) : Number.NEGATIVE_INFINITY;
  if (!running) return Number.NEGATIVE_INFINITY;
  const at = startedAt(member.container, planOf(member, status!, sync), startOf(status!));
  return at < Number.POSITIVE_INFINITY ? at : Number.NEGATIVE_INFINITY;
}
