import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import { containersOf, isBeside } from './containers-of.ts';
import { restarts } from './restart.ts';

/**
 * A pod's phase from what its containers do (pkg/kubelet/kubelet_pods.go, getPhase). `ending`: nothing will be restarted any more, because
 * the pod is being deleted or was stopped.
 */
export function podPhase(pod: Pod, statuses: ReadonlyMap<string, ContainerStatus>, { ending = false } = {}): string {
  const members = containersOf(pod);
  const failed = members.some((member) => {
    const exitCode = member.role === 'init' ? statuses.get(member.container.name)?.state?.terminated?.exitCode : undefined;
    return exitCode !== undefined && exitCode !== 0 && !restarts(member, pod, exitCode);
  });
  // One that is to run before the others: in a pod whose containers all start again, though they have run.
  const initializing = members.some(({ role, container }) => role === 'init' && isPending(statuses.get(container.name)));
  // A pod ends when none of its containers runs any more (pkg/kubelet/status, mergePodStatus).
  const othersRun = members.some((member) => isBeside(member) && statuses.get(member.container.name)?.state?.running);
  if (failed) return othersRun ? 'Pending' : 'Failed';

  let waiting = 0;
  let running = 0;
  let stopped = 0;
  let succeeded = 0;
  let restarting = false;
  for (const member of members) {
    if (member.role !== 'main') continue;
    const { state, lastState } = statuses.get(member.container.name) ?? {};
    const ended = state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined);
    if (state?.running) running++;
    else if (!ended) waiting++;
    else {
      stopped++;
      if (state?.terminated && ended.exitCode === 0) succeeded++;
      if (!ending && (!state?.terminated || restarts(member, pod, ended.exitCode))) restarting = true;
    }
  }
  if (waiting > 0 || initializing) return 'Pending';
  if (running > 0 || restarting || othersRun) return 'Running';
  if (stopped === 0) return 'Pending';
  return succeeded === stopped ? 'Succeeded' : 'Failed';
}

const isPending = ({ state, lastState }: ContainerStatus = {} as ContainerStatus): boolean => !state?.terminated && !(state?.waiting && lastState?.terminated);
