import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { endOf, exitTime, refreshed, startOf, statusesOf, terminatedStatus, waitingStatus } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { outOfMemory } from './out-of-memory.ts';
import { normal, warning } from './pod-events.ts';
import { probeResults } from './probes.ts';
import { backOffMs, restarts } from './restart.ts';
import { imageChanged, startContainer } from './start-container.ts';
import type { Sync } from './sync.ts';

/**
 * Takes every container of a pod as far as it goes now: init containers one after the other, sidecars among them, then the others
 * together (pkg/kubelet/kuberuntime, computePodActions). When the last of them has ended for good, the sidecars are stopped.
 */
export function runContainers(sync: Sync): Map<string, ContainerStatus> {
  const { pod } = sync;
  const statuses = statusesOf(pod);
  const members = containersOf(pod);
  const mains = members.filter(({ role }) => role === 'main');
  const finished = () => mains.every((member) => hasEnded(member, statuses.get(member.container.name), sync));
  const initialized = mains.some(({ container }) => hasStarted(statuses.get(container.name)));

  let blocked = false;
  for (const member of members) {
    const { role, container } = member;
    if (role === 'sidecar' && finished()) continue;
    if (blocked || (role === 'init' && initialized)) continue;
    const status = advance(member, statuses.get(container.name) ?? waitingStatus(container, { reason: 'PodInitializing' }), sync);
    statuses.set(container.name, status);
    if (initialized) continue;
    if (role === 'init') blocked = status.state?.terminated?.exitCode !== 0;
    if (role === 'sidecar') blocked = !status.started;
  }
  if (finished() || initFailed(members, statuses, sync)) stopSidecars(members, statuses, sync);
  return statuses;
}

const hasStarted = (status: ContainerStatus | undefined): boolean =>
  Boolean(status?.state?.running || status?.state?.terminated || status?.lastState?.terminated);

function hasEnded(member: Member, status: ContainerStatus | undefined, { pod }: Sync): boolean {
  const { terminated } = status?.state ?? {};
  return terminated !== undefined && !restarts(member, pod, terminated.exitCode);
}

/** One transition after the other until the container rests; a start is tried once. */
function advance(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  for (;;) {
    const { running, terminated, waiting } = status.state ?? {};
    if (running) {
      const next = outOfMemory(member, status, sync) ?? whileRunning(member, status, sync);
      if (next === status || next.state?.running) return next;
      status = next;
      continue;
    }
    if (terminated) {
      if (!restarts(member, sync.pod, terminated.exitCode)) return status;
      const delay = backOffMs(status);
      if (sync.now < endOf(status) + delay) status = backOff(member, status, delay, sync);
    }
    if ((terminated || waiting?.reason === 'CrashLoopBackOff') && sync.now < endOf(status) + backOffMs(status)) {
      sync.enqueueAt(endOf(status) + backOffMs(status));
      return status;
    }
    const started = startContainer(member, status, sync);
    if (!started.state?.running) return started;
    recordUnready(member, started, sync);
    status = started;
  }
}

function whileRunning(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  const { pod, now, runtime, events } = sync;
  const { container, role } = member;
  const plan = runtime.plan({ pod, container, role, restartCount: status.restartCount });
  if (imageChanged(status, pod, member)) {
    events.push(normal('Killing', `Container ${container.name} definition changed, will be restarted`, member));
    return startContainer(member, terminatedStatus(status, { exitCode: plan.stops.exitCode, at: now }), sync);
  }

  const probes = role === 'main' || role === 'sidecar' ? probeResults(container, plan, startOf(status)) : undefined;
  const endsAt = plan.ends && exitTime(status, plan.ends);
  if (endsAt !== undefined && now >= endsAt && endsAt <= (probes?.killedAt ?? endsAt)) {
    return terminatedStatus(status, { exitCode: plan.ends!.exitCode, at: endsAt, ready: role === 'init' && plan.ends!.exitCode === 0 });
  }
  if (probes?.killedAt !== undefined && now >= probes.killedAt) {
    const probe = probes.killedBy === 'startup' ? 'Startup' : 'Liveness';
    events.push(warning('Unhealthy', `${probe} probe failed: `, member));
    events.push(normal('Killing', `Container ${container.name} failed ${probes.killedBy} probe, will be restarted`, member));
    return terminatedStatus(status, { exitCode: plan.stops.exitCode || KILLED, at: probes.killedAt });
  }

  if (endsAt !== undefined) sync.enqueueAt(endsAt);
  for (const time of [probes?.startedAt, probes?.readyAt, probes?.killedAt]) if (time !== undefined && time > now) sync.enqueueAt(time);
  const reached = (time: number | undefined) => time !== undefined && now >= time;
  return refreshed(status, container, { started: reached(probes?.startedAt), ready: reached(probes?.readyAt) });
}

// SIGKILL: what a container that would end well shows when it was stopped for its health.
const KILLED = 137;

function backOff(member: Member, status: ContainerStatus, delay: number, { pod, events }: Sync): ContainerStatus {
  const { name, namespace, uid } = pod.metadata;
  const container = member.container.name;
  events.push(warning('BackOff', `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`, member));
  const message = `back-off ${goDuration(delay)} restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
  return waitingStatus(member.container, { reason: 'CrashLoopBackOff', message, previous: status });
}

/** As Go prints a time.Duration of whole seconds: `40s`, `1m20s`, `5m0s`. */
function goDuration(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** One Event for a readiness probe that will not succeed, where the kubelet has one in every period. */
function recordUnready(member: Member, status: ContainerStatus, { pod, runtime, events }: Sync): void {
  const { role, container } = member;
  const { readinessProbe } = container;
  if (!readinessProbe || (role !== 'main' && role !== 'sidecar')) return;
  const plan = runtime.plan({ pod, container, role, restartCount: status.restartCount });
  if (!plan.passes(readinessProbe)) events.push(warning('Unhealthy', 'Readiness probe failed: ', member));
}

function initFailed(members: readonly Member[], statuses: ReadonlyMap<string, ContainerStatus>, { pod }: Sync): boolean {
  return members.some((member) => {
    const exitCode = member.role === 'init' ? statuses.get(member.container.name)?.state?.terminated?.exitCode : undefined;
    return exitCode !== undefined && exitCode !== 0 && !restarts(member, pod, exitCode);
  });
}

/** Sidecars end after the others, all at once and within the pod's grace period. */
function stopSidecars(members: readonly Member[], statuses: Map<string, ContainerStatus>, sync: Sync): void {
  const { pod, now, runtime, events, enqueueAt } = sync;
  const ends = members.flatMap(({ role, container }) => {
    const status = role === 'sidecar' ? undefined : statuses.get(container.name);
    return status?.state?.terminated ? [endOf(status)] : [];
  });
  const last = Math.max(...ends);
  for (const member of members) {
    const { role, container } = member;
    const status = statuses.get(container.name);
    if (role !== 'sidecar' || !status?.state?.running) continue;
    const { stops } = runtime.plan({ pod, container, role, restartCount: status.restartCount });
    const at = Math.max(last, startOf(status)) + Math.min(stops.afterMs, (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000);
    if (now < at) enqueueAt(at);
    else {
      events.push(normal('Killing', `Stopping container ${container.name}`, member));
      statuses.set(container.name, terminatedStatus(status, { exitCode: stops.exitCode, at }));
    }
  }
}
