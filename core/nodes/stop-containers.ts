import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { endOf, exitTime, planOf, startOf, terminatedStatus } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { normal, warning } from './pod-events.ts';
import type { Sync } from './sync.ts';

/** How a container is stopped: from when on, and how much time it has. In ms since the epoch, and in ms. */
export interface Stopping {
  readonly from: number;
  readonly graceMs: number;
  /** When what it has to wait for has ended. */
  readonly turn?: number;
  /** Which containers; all, where nothing is said. */
  readonly only?: (member: Member) => boolean;
  /** Of the Event that tells of it; `Stopping container …` where nothing is said. */
  readonly message?: string;
}

interface Stopped {
  /** All containers as they are once they have stopped. */
  readonly statuses: Map<string, ContainerStatus>;
  /** Whether there was one to stop. */
  readonly stopped: boolean;
  /** When the last one has stopped, in ms since the epoch. */
  readonly stopsAt: number;
}

/**
 * Stops what runs in a pod (pkg/kubelet/kuberuntime, killContainersWithSyncResult). All preStop hooks begin at once; sidecars are signalled after the
 * others, the last one first (kuberuntime_termination_order.go).
 */
export function stopContainers(sync: Sync, { only, ...stopping }: Stopping): Stopped {
  const { pod } = sync;
  const statuses = new Map(sync.statuses);
  const members = containersOf(pod);
  const running = members.filter((member) => statuses.get(member.container.name)?.state?.running && (only?.(member) ?? true));
  const ordered = [...running.filter(({ role }) => role !== 'sidecar'), ...running.filter(({ role }) => role === 'sidecar').reverse()];
  let stopsAt = 0;
  let mainsEnd = 0;
  for (const member of ordered) {
    const { name } = member.container;
    const turn = member.role === 'sidecar' ? Math.max(mainsEnd, stopsAt) : 0;
    const status = stopContainer(member, statuses.get(name)!, sync, { ...stopping, turn });
    statuses.set(name, status);
    stopsAt = Math.max(stopsAt, endOf(status));
    if (member.role === 'main') mainsEnd = stopsAt;
  }
  return { statuses, stopped: running.length > 0, stopsAt };
}

/** pkg/kubelet/kuberuntime, minimumGracePeriodInSeconds: what is left to a container after its signal, whatever its grace period. */
const LEAST_GRACE_MS = 2000;

/**
 * A running container as it is once it has been stopped (killContainer): preStop hook within the grace period, its turn, the signal, and SIGKILL when
 * the rest of the period is over. It may end by itself before.
 */
export function stopContainer(member: Member, status: ContainerStatus, sync: Sync, stopping: Stopping): ContainerStatus {
  const { now, events } = sync;
  const { container } = member;
  const plan = planOf(member, status, sync);
  const started = startOf(status);
  const from = Math.max(stopping.from, started);
  const once = { at: from, what: status.containerID ?? container.name };
  if (now >= from) events.push(normal('Killing', stopping.message ?? `Stopping container ${container.name}`, member, { once }));

  let grace = stopping.graceMs;
  let signalled = from;
  const { preStop } = container.lifecycle ?? {};
  if (preStop && grace > 0) {
    const { takesMs, failed } = plan.hook(preStop, from - started);
    const hookMs = Math.min(takesMs, grace);
    signalled += hookMs;
    grace -= wholeSeconds(hookMs);
    if (failed && takesMs <= hookMs && now >= signalled) {
      events.push(warning('FailedPreStopHook', 'PreStopHook failed', member, { once: { ...once, at: signalled } }));
    } else if (failed) sync.enqueueAt(signalled);
  }
  const waitMs = grace > 0 ? Math.min(Math.max(0, (stopping.turn ?? 0) - signalled), grace) : 0;
  signalled += waitMs;
  const deadline = signalled + Math.max(grace - wholeSeconds(waitMs), LEAST_GRACE_MS);

  const stops = plan.stops(signalled - started);
  const exits = [{ at: deadline, exitCode: SIGKILLED }];
  if (stops) exits.push({ at: started + stops.afterMs, exitCode: stops.exitCode });
  if (plan.ends) exits.push({ at: exitTime(status, plan.ends), exitCode: plan.ends.exitCode });
  const { at, exitCode } = exits.reduce((first, other) => (other.at < first.at || (other.at === first.at && first.exitCode === SIGKILLED) ? other : first));
  return terminatedStatus(status, { exitCode, at, message: plan.message(at - started, exitCode) });
}

/** 128 and the number of the signal. */
const SIGKILLED = 137;

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
