import { timestamp } from '../kube/object.ts';
import type { Container, ContainerStatus, Pod, VolumeMountStatus } from '../schema/generated/kinds.ts';
import type { Member } from './containers-of.ts';
import type { Exit, Plan } from './runtime.ts';
import type { Sync } from './sync.ts';

/** A container that does not run, and why not. What is known of its runs before stays. */
export function waitingStatus(container: Container, options: { reason: string; message?: string; previous?: ContainerStatus }): ContainerStatus {
  const { reason, message, previous } = options;
  const volumeMounts = volumeMountStatuses(container);
  const ended = previous?.state?.terminated;
  return {
    name: container.name,
    state: { waiting: { reason, ...(message !== undefined && { message }) } },
    lastState: ended ? { terminated: ended } : (previous?.lastState ?? {}),
    ready: false,
    started: false,
    restartCount: previous?.restartCount ?? 0,
    image: ended || previous?.containerID ? previous!.image : (container.image ?? ''),
    imageID: previous?.imageID ?? '',
    ...(previous?.containerID && { containerID: previous.containerID }),
    ...(volumeMounts && { volumeMounts }),
  };
}

const REMOVED = { reason: 'RestartingAllContainers', message: 'The container is removed because RestartAllContainers in place' };

/** A container that was removed because all of its pod's start again. The start of what ran is counted already. */
export function removedStatus({ spec }: Pod, container: Container, status: ContainerStatus): ContainerStatus {
  if (status.state?.waiting)
    return waitingStatus(container, { reason: spec?.initContainers?.length ? 'PodInitializing' : 'ContainerCreating', previous: status });
  return { ...waitingStatus(container, REMOVED), lastState: { terminated: { ...REMOVED, exitCode: 137 } }, restartCount: status.restartCount + 1 };
}

const wasRemoved = ({ state, lastState }: ContainerStatus): boolean => !state?.terminated && lastState?.terminated?.reason === REMOVED.reason;

/** A container right after its start. */
export function runningStatus(
  container: Container,
  options: { image: string; imageID: string; containerID: string; now: number; previous: ContainerStatus },
): ContainerStatus {
  const { image, imageID, containerID, now, previous } = options;
  const ended = previous.state?.terminated ?? previous.lastState?.terminated;
  const volumeMounts = volumeMountStatuses(container);
  const requests = container.resources?.requests;
  return {
    name: container.name,
    state: { running: { startedAt: timestamp(now) } },
    lastState: ended ? { terminated: ended } : {},
    ready: false,
    started: false,
    restartCount: ended && !wasRemoved(previous) ? previous.restartCount + 1 : previous.restartCount,
    image,
    imageID,
    containerID,
    ...(requests && { allocatedResources: requests }),
    resources: resourcesOf(container),
    ...(volumeMounts && { volumeMounts }),
  };
}

/** A running container after its end, at a time in ms since the epoch. */
export function terminatedStatus(
  status: ContainerStatus,
  { exitCode, at, message, ready = false }: { exitCode: number; at: number; message?: string | undefined; ready?: boolean },
): ContainerStatus {
  const { startedAt } = status.state!.running!;
  // What runs no more has nothing allocated.
  const { allocatedResources: _, resources: __, ...rest } = status;
  const finishedAt = timestamp(at);
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  const terminated = { containerID: status.containerID, exitCode, ...(message !== undefined && { message }), reason, startedAt, finishedAt };
  return { ...rest, state: { terminated }, ready, started: false };
}

/** What containerd exits with for a program that could not be started. */
const NOT_STARTED = 128;

/** A container that was made and could not be started. */
export function startErrorStatus(
  container: Container,
  { message, ...started }: { message: string; image: string; imageID: string; containerID: string; now: number; previous: ContainerStatus },
): ContainerStatus {
  const { allocatedResources: _, resources: __, ...rest } = runningStatus(container, started);
  const times = { startedAt: timestamp(0), finishedAt: timestamp(started.now) };
  return { ...rest, state: { terminated: { containerID: started.containerID, exitCode: NOT_STARTED, message, reason: 'StartError', ...times } } };
}

/** A running container with these probe results. */
export const probedStatus = (status: ContainerStatus, { started, ready }: { started: boolean; ready: boolean }): ContainerStatus =>
  status.started === started && status.ready === ready ? status : { ...status, started, ready };

/** The statuses of a pod's containers of every sort, by their names. */
export function statusesOf({ status }: Pod): Map<string, ContainerStatus> {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])];
  return new Map(all.map((status) => [status.name, status]));
}

/** What a running container does, by the runtime. */
export const planOf = ({ container, role }: Member, status: ContainerStatus, { pod, runtime, attempts }: Sync): Plan =>
  runtime.plan({ pod, container, role, restartCount: status.restartCount, startedAt: startOf(status), context: attempts });

/** When a container started or ended, in ms since the epoch: whole seconds, as its status keeps them. */
export const startOf = (status: ContainerStatus): number => Date.parse(status.state!.running!.startedAt!);

export const endOf = ({ state, lastState }: ContainerStatus): number => Date.parse((state?.terminated ?? lastState?.terminated)!.finishedAt!);

/** The time of an exit that comes by itself, by the clock of the status. */
export const exitTime = (status: ContainerStatus, exit: Exit): number => startOf(status) + exit.afterMs;

/** What a container's spec has of resources, as its status tells it. */
export function resourcesOf({ resources = {} }: Container): NonNullable<ContainerStatus['resources']> {
  const { requests, limits } = resources;
  return { ...(limits && { limits }), ...(requests && { requests }) };
}

/** The kubelet's part of `volumeMounts`; recursively read-only mounts are what no runtime of ours has. */
function volumeMountStatuses({ volumeMounts }: Container): VolumeMountStatus[] | undefined {
  if (!volumeMounts?.length) return undefined;
  return volumeMounts.map(({ name, mountPath, readOnly }) => ({ name, mountPath, ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }) }));
}
