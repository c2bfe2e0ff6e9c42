import { goDuration } from '../kube/go-duration.ts';
import type { ContainerStatus } from '../schema/generated/kinds.ts';
import { isFull } from './api-calls/answered-calls.ts';
import { callApi, userOf } from './api-calls/api-calls.ts';
import type { Ended } from './api-calls/outcome.ts';
import { endOf, exitTime, planOf, probedStatus, startOf, terminatedStatus, waitingStatus } from './container-status.ts';
import { containersOf, isBeside, type Member } from './containers-of.ts';
import { outOfMemory } from './out-of-memory.ts';
import { normal, warning } from './pod-events.ts';
import { hookedAt, type ProbeResults, probeResults, startedAt } from './probes.ts';
import { imageChanged } from './pull-image.ts';
import { backOffOf, restarts, restartsWhenKilled } from './restart.ts';
import { restartsAll } from './restart-all.ts';
import type { ApiCall, Plan } from './runtime.ts';
import { startContainer } from './start-container.ts';
import { stopContainer, stopContainers } from './stop-containers.ts';
import type { Sync } from './sync.ts';

/**
 * Takes every container of a pod as far as it goes now: init containers one after the other, sidecars among them, then the others
 * together (pkg/kubelet/kuberuntime, computePodActions). When the last of them has ended for good, what runs beside them is stopped.
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
    if ((blocked && role !== 'ephemeral') || (role === 'init' && initialized)) continue;
    const status = advance(member, statuses.get(container.name) ?? waitingStatus(container, { reason: 'PodInitializing' }), sync);
    statuses.set(container.name, status);
    if (restartsAll(member, status)) return;
    if (initialized) continue;
    if (role === 'init') blocked = status.state?.terminated?.exitCode !== 0;
    if (role === 'sidecar') blocked = !status.started;
  }
  if (finished() || initFailed(members, statuses, sync)) stopOthers(members, sync);
}

/** One that waits for the init containers has not, though it may have run before all were removed. */
const hasStarted = ({ state, lastState }: ContainerStatus = {} as ContainerStatus): boolean =>
  Boolean(state?.running || state?.terminated || (lastState?.terminated && !/^(PodInitializing|RestartingAllContainers)$/.test(state?.waiting?.reason ?? '')));

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
      if (restartsAll(member, status)) return status;
      if (!(killed ? restartsWhenKilled(member, sync.pod) : restarts(member, sync.pod, terminated.exitCode))) return status;
      if (terminated.reason === 'StartError') return startErrorShown(member, status, sync);
      const { from, delayMs } = backOffOf(status, { killed });
      if (sync.now < from) status = backOff(member, status, delayMs, sync);
    }
    if (waiting?.reason === 'RunContainerError') {
      const shownUntil = endOf(status) + START_ERROR_SHOWN_MS;
      const { from, delayMs } = backOffOf(status);
      if (sync.now >= shownUntil && sync.now < from) status = backOff(member, status, delayMs, sync);
      else if (sync.now < shownUntil) {
        sync.enqueueAt(shownUntil);
        return status;
      }
    }
    if (status.state?.waiting?.reason === 'CrashLoopBackOff' && sync.now < backOffOf(status).from) {
      sync.enqueueAt(backOffOf(status).from);
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
  const changed = `${titleOf(member)} definition changed`;
  events.push(normal('Killing', member.role === 'sidecar' ? changed : `${changed}, will be restarted`, member));
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

/** `killed`: the kubelet has stopped it itself, to start it again. */
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
  const hook = hookFailure(member, status, plan, sync);
  const kill = hook ?? probeFailure(member, probes, graceMs, sync);
  const endsAt = plan.ends && exitTime(status, plan.ends);
  if (endsAt !== undefined && now >= endsAt && endsAt <= (kill?.from ?? endsAt)) {
    const { exitCode } = plan.ends!;
    const ready = role === 'init' && exitCode === 0;
    // What went by more than the time ends when that is seen.
    return {
      status: terminatedStatus(status, { exitCode, at: plan.asked ? now : endsAt, ready, message: plan.message(plan.ends!.afterMs, exitCode) }),
      killed: false,
    };
  }
  if (probes) recordFailures(member, status, probes, endsAt ?? Number.POSITIVE_INFINITY, sync);
  if (kill && now >= kill.from) {
    const stopped = stopContainer(member, status, sync, kill);
    // One that fails to start has ended, as any other.
    if (now >= endOf(stopped)) return { status: stopped, killed: !hook };
    sync.enqueueAt(endOf(stopped));
  } else if (kill) sync.enqueueAt(kill.from);

  if (endsAt !== undefined) sync.enqueueAt(endsAt);
  if (plan.call) makeCall(member, status, plan.call, sync);
  return { status: probed(member, status, plan, probes, sync), killed: false };
}

/** Makes a call of the API that is due, once. What comes of it is seen when the pod is looked at next. */
function makeCall({ container }: Member, status: ContainerStatus, call: ApiCall, sync: Sync): void {
  const { pod, now, env, state, plugins, enqueueAt, wanted, told } = sync;
  const calledAt = startOf(status) + call.at;
  if (isFull(pod)) return;
  if (now < calledAt) {
    enqueueAt(calledAt);
    return;
  }
  const outcome = callApi(call, pod, { state, env, plugins, now });
  const givesUpAt = outcome.type === 'waits' && outcome.forMs !== undefined ? calledAt + outcome.forMs : Number.POSITIVE_INFINITY;
  if (outcome.type === 'waits' && now < givesUpAt) {
    if (givesUpAt < Number.POSITIVE_INFINITY) enqueueAt(givesUpAt);
    return;
  }
  const ended: Ended = outcome.type === 'ended' ? outcome : { type: 'ended', exitCode: 1, output: '', error: outcome.error };
  const actor = userOf(pod.metadata.namespace!, pod.spec?.serviceAccountName ?? 'default');
  for (const mutation of ended.mutations ?? []) wanted.push({ ...mutation, actor });
  const { exitCode, output, error } = ended;
  told.push({
    container: container.name,
    restartCount: status.restartCount,
    call,
    told: { exitCode, output, error, at: Math.max(call.at, now - startOf(status)) },
  });
}

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
  // Of a sidecar it goes without saying.
  const restarted = member.role !== 'sidecar' && restartsWhenKilled(member, pod) ? ', will be restarted' : '';
  const message = `${titleOf(member)} failed ${kind} probe${restarted}`;
  return { from: at, graceMs: own === undefined ? graceMs : own * 1000, message };
}

const titleOf = ({ role, container }: Member): string => `${role === 'sidecar' ? 'Init container' : 'Container'} ${container.name}`;

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

/** What does not keep a pod alive ends after the containers that do, within the pod's grace period; of sidecars the last one first. */
function stopOthers(members: readonly Member[], sync: Sync): void {
  const { pod, statuses, now, enqueueAt } = sync;
  const others = members.filter((member) => isBeside(member) && statuses.get(member.container.name)?.state?.running);
  if (others.length === 0) return;
  const ends = members.flatMap((member) => {
    const status = isBeside(member) ? undefined : statuses.get(member.container.name);
    return status?.state?.terminated ? [endOf(status)] : [];
  });
  const stopping = { from: Math.max(...ends), graceMs: (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000 };
  const { statuses: stopped } = stopContainers(sync, stopping);
  for (const { container } of others) {
    const status = stopped.get(container.name)!;
    if (now >= endOf(status)) statuses.set(container.name, status);
    else enqueueAt(endOf(status));
  }
}
