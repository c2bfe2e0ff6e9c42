import { goDuration } from '../kube/go-duration.ts';
import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { makeApiCalls } from './api-calls/api-calls.ts';
import { endOf, exitTime, planOf, probedStatus, startOf, terminatedStatus, waitingStatus } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { outOfMemory } from './out-of-memory.ts';
import { normal, warning } from './pod-events.ts';
import { hookedAt, type ProbeResults, probeResults, startedAt } from './probes.ts';
import { imageChanged } from './pull-image.ts';
import { backOffMs, restarts, restartsWhenKilled } from './restart.ts';
import type { Plan } from './runtime.ts';
import { startContainer } from './start-container.ts';
import { stopContainer, stopContainers } from './stop-containers.ts';
import type { Sync } from './sync.ts';

/**
 * Takes every container of a pod as far as it goes now: init containers one after the other, sidecars among them, then the others
 * together (pkg/kubelet/kuberuntime, computePodActions). When the last of them has ended for good, the sidecars are stopped.
 */
export function runContainers(sync: Sync): void {
  const { pod, statuses } = sync;
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
  if (finished() || initFailed(members, statuses, sync)) stopSidecars(members, sync);
}

const hasStarted = (status: ContainerStatus | undefined): boolean =>
  Boolean(status?.state?.running || status?.state?.terminated || status?.lastState?.terminated);

function hasEnded(member: Member, status: ContainerStatus | undefined, { pod }: Sync): boolean {
  const { terminated } = status?.state ?? {};
  return terminated !== undefined && !restarts(member, pod, terminated.exitCode);
}

/** One transition after the other until the container rests; a start is tried once. */
function advance(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  let killed = false;
  for (;;) {
    const { running, terminated, waiting } = status.state ?? {};
    if (running) {
      if (imageChanged(status, sync.pod, member)) {
        const replaced = replace(member, status, sync);
        if (replaced.state?.terminated?.reason !== 'StartError') return replaced;
        [status, killed] = [replaced, true];
        continue;
      }
      const starved = outOfMemory(member, status, sync);
      const next = starved ? { status: starved, killed: false } : whileRunning(member, status, sync);
      if (next.status === status || next.status.state?.running) return next.status;
      ({ status, killed } = next);
      continue;
    }
    if (terminated) {
      if (!(killed ? restartsWhenKilled(member, sync.pod) : restarts(member, sync.pod, terminated.exitCode))) return status;
      if (terminated.reason === 'StartError') return startErrorShown(member, status, sync);
      const delay = backOffMs(status);
      if (sync.now < endOf(status) + delay) status = backOff(member, status, delay, sync);
    }
    if (waiting?.reason === 'RunContainerError') {
      const shownUntil = endOf(status) + START_ERROR_SHOWN_MS;
      const delay = backOffMs(status);
      if (sync.now >= shownUntil && sync.now < endOf(status) + delay) status = backOff(member, status, delay, sync);
      else if (sync.now < shownUntil) {
        sync.enqueueAt(shownUntil);
        return status;
      }
    }
    if ((terminated || status.state?.waiting?.reason === 'CrashLoopBackOff') && sync.now < endOf(status) + backOffMs(status)) {
      sync.enqueueAt(endOf(status) + backOffMs(status));
      return status;
    }
    const started = startContainer(member, status, sync);
    // It ended, and waits for its image.
    if (started === status) return status;
    if (started.state?.terminated) {
      status = started;
      killed = false;
      continue;
    }
    if (!started.state?.running) return started;
    status = started;
  }
}

function replace(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  const { now, events } = sync;
  events.push(normal('Killing', `Container ${member.container.name} definition changed, will be restarted`, member));
  const exitCode = planOf(member, status, sync).stops(now - startOf(status))?.exitCode ?? 137;
  return startContainer(member, terminatedStatus(status, { exitCode, at: now }), sync);
}

/** How long a container shows that it could not be started, before it is tried again or backs off. */
const START_ERROR_SHOWN_MS = 1000;

function startErrorShown({ container }: Member, status: ContainerStatus, { enqueueAt }: Sync): ContainerStatus {
  enqueueAt(endOf(status) + START_ERROR_SHOWN_MS);
  const { message = '' } = status.state!.terminated!;
  return waitingStatus(container, { reason: 'RunContainerError', message, previous: status });
}

/** `killed`: the kubelet has stopped it itself. */
interface Next {
  readonly status: ContainerStatus;
  readonly killed: boolean;
}

function whileRunning(member: Member, status: ContainerStatus, sync: Sync): Next {
  const { pod, now } = sync;
  const { container, role } = member;
  const plan = planOf(member, status, sync);
  const graceMs = (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;

  const probes = role === 'main' || role === 'sidecar' ? probeResults(container, plan, startOf(status)) : undefined;
  const kill = hookFailure(member, status, plan, sync) ?? probeFailure(member, probes, graceMs, sync);
  const endsAt = plan.ends && exitTime(status, plan.ends);
  if (endsAt !== undefined && now >= endsAt && endsAt <= (kill?.from ?? endsAt)) {
    const refused = plan.calls.length > 0 ? makeApiCalls(plan.calls, sync) : undefined;
    if (refused !== undefined)
      return { status: terminatedStatus(status, { exitCode: 1, at: endsAt, message: failureMessage(member, refused) }), killed: false };
    const { exitCode } = plan.ends!;
    const ready = role === 'init' && exitCode === 0;
    return { status: terminatedStatus(status, { exitCode, at: endsAt, ready, message: plan.message(plan.ends!.afterMs, exitCode) }), killed: false };
  }
  if (probes) recordFailures(member, status, probes, endsAt ?? Number.POSITIVE_INFINITY, sync);
  if (kill && now >= kill.from) {
    const stopped = stopContainer(member, status, sync, kill);
    if (now >= endOf(stopped)) return { status: stopped, killed: true };
    sync.enqueueAt(endOf(stopped));
  } else if (kill) sync.enqueueAt(kill.from);

  if (endsAt !== undefined) sync.enqueueAt(endsAt);
  return { status: probed(member, status, plan, probes, sync), killed: false };
}

/** What a program says of why it was refused is the end of its log. */
const failureMessage = ({ container }: Member, refused: string): string | undefined =>
  container.terminationMessagePolicy === 'FallbackToLogsOnError' ? `${refused}\n` : undefined;

/** The status with what the probes, and before them the postStart hook, have found until now. */
function probed({ container }: Member, status: ContainerStatus, plan: Plan, probes: ProbeResults | undefined, { now, enqueueAt }: Sync): ContainerStatus {
  if (!probes) return probedStatus(status, { started: false, ready: false });
  const hooked = hookedAt(container, plan, startOf(status));
  const begins = startedAt(container, plan, startOf(status));
  const changes = probes.readiness.map(({ at, ready }) => ({ at: Math.max(at, hooked), ready }));
  for (const at of [begins, ...changes.map(({ at }) => at)]) if (at > now && at < Number.POSITIVE_INFINITY) enqueueAt(at);
  const ready = changes.findLast(({ at }) => at <= now)?.ready ?? false;
  return probedStatus(status, { started: now >= begins, ready });
}

/** A container whose postStart hook fails is stopped (kuberuntime_container.go, startContainer). */
function hookFailure(member: Member, status: ContainerStatus, plan: Plan, { pod, now, events }: Sync) {
  const { postStart } = member.container.lifecycle ?? {};
  const result = postStart && plan.hook(postStart, 0);
  if (!result?.failed) return undefined;
  const from = startOf(status) + result.takesMs;
  const once = { what: `postStart ${status.containerID}`, at: from };
  if (now >= from) events.push(warning('FailedPostStartHook', 'PostStartHook failed', member, { once }));
  return { from, graceMs: (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000, message: 'FailedPostStartHook' };
}

function probeFailure(member: Member, probes: ProbeResults | undefined, graceMs: number, { pod }: Sync) {
  if (!probes?.killed) return undefined;
  const { at, kind, probe } = probes.killed;
  const own = probe.terminationGracePeriodSeconds;
  const message = `Container ${member.container.name} failed ${kind} probe${restartsWhenKilled(member, pod) ? ', will be restarted' : ''}`;
  return { from: at, graceMs: own === undefined ? graceMs : own * 1000, message };
}

const TITLES = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

/** One Event for a probe that goes on failing, with how often, where the kubelet has one in every period. */
function recordFailures(member: Member, status: ContainerStatus, { failures }: ProbeResults, endsAt: number, { now, events, enqueueAt }: Sync): void {
  for (const { kind, since, count, message } of failures) {
    if (since >= endsAt) continue;
    if (now < since) enqueueAt(since);
    else {
      const once = { what: `${kind} ${status.containerID}`, at: since };
      events.push(warning('Unhealthy', `${TITLES[kind]} probe failed: ${message}`, member, { once, count: kind === 'readiness' ? 1 : count }));
    }
  }
}

function backOff(member: Member, status: ContainerStatus, delay: number, { pod, events }: Sync): ContainerStatus {
  const { name, namespace, uid } = pod.metadata;
  const container = member.container.name;
  events.push(warning('BackOff', `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`, member, { counted: true }));
  const message = `back-off ${goDuration(delay)} restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
  return waitingStatus(member.container, { reason: 'CrashLoopBackOff', message, previous: status });
}

function initFailed(members: readonly Member[], statuses: ReadonlyMap<string, ContainerStatus>, { pod }: Sync): boolean {
  return members.some((member) => {
    const exitCode = member.role === 'init' ? statuses.get(member.container.name)?.state?.terminated?.exitCode : undefined;
    return exitCode !== undefined && exitCode !== 0 && !restarts(member, pod, exitCode);
  });
}

/** Sidecars end after the others, the last one first, within the pod's grace period. */
function stopSidecars(members: readonly Member[], sync: Sync): void {
  const { pod, statuses, now, enqueueAt } = sync;
  const sidecars = members.filter(({ role, container }) => role === 'sidecar' && statuses.get(container.name)?.state?.running);
  if (sidecars.length === 0) return;
  const ends = members.flatMap(({ role, container }) => {
    const status = role === 'sidecar' ? undefined : statuses.get(container.name);
    return status?.state?.terminated ? [endOf(status)] : [];
  });
  const stopping = { from: Math.max(...ends), graceMs: (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000 };
  const { statuses: stopped } = stopContainers(sync, stopping);
  for (const { container } of sidecars) {
    const status = stopped.get(container.name)!;
    if (now >= endOf(status)) statuses.set(container.name, status);
    else enqueueAt(endOf(status));
  }
}
