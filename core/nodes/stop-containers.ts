import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import { exitTime, startOf, statusesOf, terminatedStatus } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { normal } from './pod-events.ts';
import type { ContainerRuntime, Exit } from './runtime.ts';
import type { Sync } from './sync.ts';

interface Stopped {
  /** All containers as they are once they have stopped. */
  readonly statuses: Map<string, ContainerStatus>;
  /** Whether there was one to stop. */
  readonly stopped: boolean;
  /** When the last one has stopped, in ms since the epoch. */
  readonly stopsAt: number;
}

/**
 * Stops what runs in a pod: preStop hook, signal, and SIGKILL at the deadline (pkg/kubelet/kuberuntime, killContainersWithSyncResult);
 * sidecars after the others. Events are recorded only once all have stopped.
 */
export function stopContainers(sync: Sync, { signalled, deadline }: { signalled: number; deadline: number }): Stopped {
  const { pod, now, runtime, events } = sync;
  const statuses = statusesOf(pod);
  const running = containersOf(pod).filter(({ container }) => statuses.get(container.name)?.state?.running);
  let stopsAt = 0;
  for (const sidecars of [false, true]) {
    const from = sidecars ? Math.max(signalled, stopsAt) : signalled;
    for (const member of running) {
      if ((member.role === 'sidecar') !== sidecars) continue;
      const status = statuses.get(member.container.name)!;
      const { afterMs: at, exitCode } = stopOf(member, status, { pod, runtime, from, deadline });
      stopsAt = Math.max(stopsAt, at);
      statuses.set(member.container.name, terminatedStatus(status, { exitCode, at }));
    }
  }
  if (now >= stopsAt) for (const member of running) events.push(normal('Killing', `Stopping container ${member.container.name}`, member));
  return { statuses, stopped: running.length > 0, stopsAt };
}

/** When a container ends (`afterMs` since the epoch), and how: by itself, by the signal, or killed. */
function stopOf(member: Member, status: ContainerStatus, context: { pod: Pod; runtime: ContainerRuntime; from: number; deadline: number }): Exit {
  const { pod, runtime, from, deadline } = context;
  const { container, role } = member;
  const plan = runtime.plan({ pod, container, role, restartCount: status.restartCount });
  const { preStop } = container.lifecycle ?? {};
  const signal = Math.max(from, startOf(status)) + (preStop ? plan.hookMs(preStop) : 0);
  const obeyed = signal + plan.stops.afterMs;
  const exits = [{ afterMs: obeyed, exitCode: plan.stops.exitCode }];
  if (plan.ends) exits.push({ afterMs: exitTime(status, plan.ends), exitCode: plan.ends.exitCode });
  const first = exits.reduce((a, b) => (b.afterMs < a.afterMs ? b : a));
  return first.afterMs <= deadline ? first : { afterMs: Math.max(deadline, startOf(status)), exitCode: 137 };
}
