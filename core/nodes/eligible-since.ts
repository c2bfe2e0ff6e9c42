import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { endOf, statusesOf } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { backOffOf } from './restart.ts';
import type { Sync } from './sync.ts';

/**
 * Since when a container's turn to be started has come, in ms since the epoch: its pod has its sandbox, the init containers before it have ended or
 * started, its back-off is over. It follows from the statuses, so that what lasts (a pull) need not be noted when it begins.
 */
export function eligibleSince(member: Member, status: ContainerStatus | undefined, { pod, now }: Sync): number {
  const sandbox = pod.status?.conditions?.find(({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True');
  let since = sandbox ? Date.parse(sandbox.lastTransitionTime!) : now;
  const statuses = statusesOf(pod);
  for (const { container, role } of containersOf(pod)) {
    if (container === member.container || role === 'main') break;
    const { running, terminated } = statuses.get(container.name)?.state ?? {};
    const time = role === 'init' ? terminated?.finishedAt : running?.startedAt;
    since = Math.max(since, time ? Date.parse(time) : now);
  }
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  return ended?.finishedAt ? Math.max(since, backOffOf(status!).from || endOf(status!)) : since;
}
