import { podRangeOf } from '../apis/core/node-agent.ts';
import { endWithNode, shutdownSince } from '../apis/core/node-shutdown.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { same, timestamp } from '../kube/object.ts';
import type { ContainerStatus, Node, Pod, PodCondition, PodStatus } from '../schema/generated/kinds.ts';
import { ofKubelet, podConditions } from './conditions.ts';
import { waitingStatus } from './container-status.ts';
import { containersOf } from './containers-of.ts';
import { withDisruption } from './disruption.ts';
import { normal, warning } from './pod-events.ts';
import { podPhase } from './pod-phase.ts';
import { missingSecrets } from './pull-secrets.ts';
import { RESIZE_CONDITIONS, resizeContainers } from './resize.ts';
import { unprepared } from './resource-claims.ts';
import { ALL_CONTAINERS_RESTARTING, isRestartingAll, removeContainers, restartingAllCondition, restartsAll } from './restart-all.ts';
import { runContainers } from './run-containers.ts';
import { stopContainers } from './stop-containers.ts';
import type { Sync } from './sync.ts';
import { unattached, waitsForVolumes } from './volumes.ts';

/** What a pod comes to next. */
type Step =
  | { readonly type: 'nothing' }
  | { readonly type: 'status'; readonly status: PodStatus }
  /** All is stopped: the API may let the object go. */
  | { readonly type: 'delete' };

const nothing: Step = { type: 'nothing' };

/**
 * The kubelet's syncPod: the next step in the life of a pod that is bound to a node of ours, from its spec and status alone. One step is
 * one status that a watch should see: the runner asks again until there is nothing to do, and appends all steps as one entry.
 */
export function syncPod(sync: Sync): Step {
  const { pod } = sync;
  if (pod.metadata.deletionTimestamp) return terminate(sync);
  if (isPodTerminal(pod)) return nothing;
  if (!pod.status?.startTime) return accept(sync);
  const end = endWithNode(pod, sync.node);
  if (end) return shutDown(sync, end);
  const deadline = activeDeadline(sync);
  if (sync.now >= deadline) return failDeadline(sync);
  if (deadline !== Number.POSITIVE_INFINITY) sync.enqueueAt(deadline);
  if (!hasSandbox(pod)) {
    const waits = waitsForVolumes(sync) || unattached(pod, sync.node, sync.state).length > 0 || unprepared(pod, sync.state) !== undefined;
    if (waits) return nothing;
    const addresses = sandboxAddresses(sync);
    if (!addresses) return nothing;
    const addressed = { ...sync, pod: { ...pod, status: { ...pod.status, ...addresses } } };
    sync.events.push(...missingSecrets(pod, sync.state));
    runContainers(addressed);
    return changed(sync, withContainers(addressed, addressed.statuses, { sandbox: true }));
  }
  if (isRestartingAll(pod)) {
    const removed = removeContainers(sync);
    return removed ? changed(sync, withContainers(sync, removed, { sandbox: true })) : nothing;
  }
  runContainers(sync);
  const resize = resizeContainers(sync);
  return changed(sync, withContainers(sync, sync.statuses, { sandbox: true, resize }));
}

/** The first sight of a pod: it is refused, or its containers are about to be created. */
function accept(sync: Sync): Step {
  const { pod, node, now, state, events } = sync;
  const { generation } = pod.metadata;
  const seen = { ...pod.status, ...(generation !== undefined && { observedGeneration: generation }), startTime: timestamp(now) };
  const rejection = shutdownSince(node) === undefined ? sync.admit(pod) : SHUTTING_DOWN;
  if (rejection === 'awaited') {
    sync.enqueueAt(now);
    return nothing;
  }
  if (rejection) {
    const { reason, message } = rejection;
    events.push(warning(reason, message));
    const { conditions: before, ...status } = seen;
    const conditions = before?.filter((condition) => !ofKubelet(condition)) ?? [];
    return {
      type: 'status',
      status: { ...status, ...(conditions.length > 0 && { conditions }), phase: 'Failed', reason, message: `Pod was rejected: ${message}` },
    };
  }
  const hostIP = addressOf(node);
  const base = { ...seen, ...(hostIP && { hostIP, hostIPs: [{ ip: hostIP }] }) };
  waitsForVolumes(sync);
  const missing = unprepared(pod, state);
  if (missing !== undefined) events.push(warning('FailedPrepareDynamicResources', missing));
  return { type: 'status', status: withContainers(sync, initialStatuses(pod), { sandbox: false, base }) };
}

const SHUTTING_DOWN = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };

function initialStatuses(pod: Pod): Map<string, ContainerStatus> {
  const reason = pod.spec?.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
  const members = containersOf(pod).filter(({ role }) => role !== 'ephemeral');
  return new Map(members.map(({ container }) => [container.name, waitingStatus(container, { reason })]));
}

const hasSandbox = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True') ?? false;

/** Undefined while all are taken, which is told once: the pod is looked at again when another one of its node goes or ends (select-pods.ts). */
function sandboxAddresses({ pod, node, events, allocateIP }: Sync): Pick<PodStatus, 'podIP' | 'podIPs'> | undefined {
  const podIP = pod.spec?.hostNetwork ? addressOf(node) : allocateIP();
  if (podIP) return { podIP, podIPs: [{ ip: podIP }] };
  const message = `Failed to create pod sandbox: no IP addresses available in range ${podRangeOf(node) ?? '(none)'}`;
  events.push(warning('FailedCreatePodSandBox', message, undefined, { once: { what: message, at: Date.parse(pod.status!.startTime!) } }));
  return undefined;
}

const addressOf = ({ status }: Node): string | undefined => status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;

/** When the pod has been active for `spec.activeDeadlineSeconds`, in ms since the epoch (pkg/kubelet/active_deadline.go). */
function activeDeadline({ pod: { spec, status } }: Sync): number {
  return spec?.activeDeadlineSeconds === undefined ? Number.POSITIVE_INFINITY : Date.parse(status!.startTime!) + spec.activeDeadlineSeconds * 1000;
}

/** A pod that was active for too long: it has failed once its containers have stopped. */
function failDeadline(sync: Sync): Step {
  const { pod, now, events, enqueueAt } = sync;
  const signalled = activeDeadline(sync);
  const { statuses, stopsAt } = stopContainers(sync, { from: signalled, graceMs: (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000 });
  if (now < stopsAt) {
    enqueueAt(stopsAt);
    return nothing;
  }
  const message = 'Pod was active on the node longer than the specified deadline';
  events.push(normal('DeadlineExceeded', message));
  return changed(sync, { ...withContainers(sync, statuses, { sandbox: false, phase: 'Failed' }), reason: 'DeadlineExceeded', message });
}

/** A pod whose machine shuts down: whatever its containers say in the end, it has failed. */
function shutDown(sync: Sync, end: { readonly from: number; readonly graceMs: number }): Step {
  const { pod, now, enqueueAt } = sync;
  const { statuses, stopsAt } = stopContainers(sync, end);
  if (now < stopsAt) {
    enqueueAt(stopsAt);
    return nothing;
  }
  return changed(sync, withDisruption(pod, withContainers(sync, statuses, { sandbox: false, phase: 'Failed' }), SHUT_DOWN, now));
}

const SHUT_DOWN = { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' };

/** A deleted pod: its containers get the time that they need, at most the grace period and what is the least; then it goes. */
function terminate(sync: Sync): Step {
  const { pod, now, enqueueAt } = sync;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers } = pod.metadata;
  const graceMs = deletionGracePeriodSeconds * 1000;
  const { statuses, stopped, stopsAt } = stopContainers(sync, { from: Date.parse(deletionTimestamp!) - graceMs, graceMs });
  if (now < stopsAt) {
    enqueueAt(stopsAt);
    return nothing;
  }
  if (stopped) return changed(sync, withContainers(sync, statuses, { sandbox: false, ending: true }));
  // Asked already: the last finalizer's removal lets the object go.
  if (deletionGracePeriodSeconds === 0 && finalizers?.length) return nothing;
  return { type: 'delete' };
}

/** What is told of a pod only while it concerns it. */
const OWN_CONDITIONS = [...RESIZE_CONDITIONS, ALL_CONTAINERS_RESTARTING];

/** The status that follows from what the containers do. */
function withContainers(
  { pod, now }: Sync,
  statuses: ReadonlyMap<string, ContainerStatus>,
  options: { sandbox: boolean; base?: PodStatus; ending?: boolean; phase?: string; resize?: readonly PodCondition[] },
): PodStatus {
  const { base = pod.status ?? {}, ending = false } = options;
  const of = (role: 'init' | 'main' | 'ephemeral') =>
    containersOf(pod)
      .filter((member) => member.role === role || (role === 'init' && member.role === 'sidecar'))
      .flatMap(({ container }) => statuses.get(container.name) ?? []);
  const phase = options.phase ?? podPhase(pod, statuses, { ending });
  const initContainerStatuses = of('init');
  const containerStatuses = of('main');
  const ephemeralContainerStatuses = of('ephemeral');
  const restarting = restartingAllCondition(
    pod,
    { phase, restarting: containersOf(pod).some((member) => restartsAll(member, statuses.get(member.container.name))) },
    now,
  );
  const sandbox = options.sandbox && phase !== 'Succeeded' && phase !== 'Failed';
  return {
    ...base,
    phase,
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    conditions: [
      ...podConditions(pod, { phase, initContainerStatuses, containerStatuses, sandbox }, now).filter(({ type }) => !OWN_CONDITIONS.includes(type)),
      ...(restarting ? [restarting] : []),
      ...(options.resize ?? []),
    ],
    ...(initContainerStatuses.length > 0 && { initContainerStatuses }),
    containerStatuses,
    ...(ephemeralContainerStatuses.length > 0 && { ephemeralContainerStatuses }),
  };
}

const changed = ({ pod }: Sync, status: PodStatus): Step => (same(pod.status, status) ? nothing : { type: 'status', status });
