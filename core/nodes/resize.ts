import { type Amounts, amountsOf, podRequests } from '../apis/core/pod-requests.ts';
import { same, timestamp } from '../kube/object.ts';
import type { Container, ContainerStatus, Pod, PodCondition } from '../schema/generated/kinds.ts';
import { planOf, resourcesOf, startOf, terminatedStatus } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { normal, warning } from './pod-events.ts';
import { startContainer } from './start-container.ts';
import type { Sync } from './sync.ts';

export const RESIZE_CONDITIONS = ['PodResizePending', 'PodResizeInProgress'];

/**
 * The resources of running containers follow those of the spec (KEP 1287, in-place resize; pkg/kubelet/allocation): they are allocated when the node
 * has room for them, and put into effect in the step after that. Until there is room the resize is deferred. The answer is what
 * the pod's conditions say of it.
 */
export function resizeContainers(sync: Sync): PodCondition[] {
  const { pod, statuses, now, events, fits } = sync;
  const running = containersOf(pod).filter(({ role, container }) => (role === 'main' || role === 'sidecar') && statuses.get(container.name)?.state?.running);
  const statusOf = ({ container }: Member) => statuses.get(container.name)!;
  const unallocated = running.filter((member) => !isAllocated(member.container, statusOf(member)));
  const condition = (type: string, more: Partial<PodCondition> = {}): PodCondition => {
    const { generation } = pod.metadata;
    const old = pod.status?.conditions?.find((each) => each.type === type);
    return {
      type,
      status: 'True',
      ...more,
      lastTransitionTime: old?.lastTransitionTime ?? timestamp(now),
      ...(generation !== undefined && { observedGeneration: generation }),
    };
  };
  if (unallocated.length > 0) {
    const rejection = fits(pod);
    if (rejection) {
      const pending = condition('PodResizePending', { reason: 'Deferred', message: rejection.message });
      const old = pod.status?.conditions?.find(({ type }) => type === 'PodResizePending');
      if (!old || old.observedGeneration !== pending.observedGeneration)
        events.push(warning('ResizeDeferred', `Pod resize Deferred: ${summary(pod, rejection.message)}`));
      return [pending];
    }
    events.push(normal('ResizeStarted', `Pod resize started: ${summary(pod)}`));
    for (const { container } of unallocated) statuses.set(container.name, allocated(container, statuses.get(container.name)!));
    return [condition('PodResizeInProgress')];
  }
  const resized = running.filter((member) => !same(statusOf(member).resources, resourcesOf(member.container)));
  if (resized.length === 0) return [];
  for (const member of resized) statuses.set(member.container.name, inEffect(member, statusOf(member), sync));
  events.push(normal('ResizeCompleted', `Pod resize completed: ${summary(pod)}`));
  return [];
}

/** Of what can be resized; what else is asked for is the same as when the container started. */
const isAllocated = ({ resources }: Container, { allocatedResources, resources: effective }: ContainerStatus): boolean =>
  same(allocatedResources, resources?.requests) &&
  (allocatedResources !== undefined || same(effective?.limits, resources?.limits) || resources?.requests === undefined);

function allocated({ resources }: Container, { allocatedResources: _, ...status }: ContainerStatus): ContainerStatus {
  return { ...status, ...(resources?.requests && { allocatedResources: resources.requests }) };
}

function inEffect(member: Member, status: ContainerStatus, sync: Sync): ContainerStatus {
  const { container } = member;
  const resources = resourcesOf(container);
  const changed = (name: string) => (['requests', 'limits'] as const).some((list) => resources[list]?.[name] !== status.resources?.[list]?.[name]);
  const restarts = container.resizePolicy?.some(({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed(resourceName));
  if (!restarts) return { ...status, resources };
  sync.events.push(normal('Killing', `Container ${container.name} resize requires restart`, member));
  const exitCode = planOf(member, status, sync).stops(sync.now - startOf(status))?.exitCode ?? 137;
  return startContainer(member, terminatedStatus(status, { exitCode, at: sync.now }), sync);
}

/** pkg/kubelet/events/resize.go: as Go's JSON has it, `error` last. */
function summary({ metadata, spec }: Pod, error?: string): string {
  const of = (containers: readonly Container[] | undefined) => containers?.map(({ name, resources = {} }) => ({ name, resources: ordered(resources) }));
  const { initContainers, containers } = spec!;
  return JSON.stringify({
    ...(initContainers?.length && { initContainers: of(initContainers) }),
    containers: of(containers),
    generation: metadata.generation ?? 0,
    ...(error && { error }),
  });
}

function ordered({ limits, requests }: NonNullable<Container['resources']>) {
  const sorted = (list: Record<string, string>) => Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...(limits && { limits: sorted(limits) }), ...(requests && { requests: sorted(requests) }) };
}

/** What a pod has of its node: while a resize is deferred, what it had before. */
export function allocatedRequests(pod: Pod): Amounts {
  const wanted = podRequests(pod);
  if (!pod.status?.conditions?.some(({ type }) => type === 'PodResizePending')) return wanted;
  const amounts: Record<string, number> = { ...wanted };
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  for (const { container, role } of containersOf(pod)) {
    const has = statuses.find(({ name }) => name === container.name)?.allocatedResources;
    if (!has || (role !== 'main' && role !== 'sidecar')) continue;
    const [before, after] = [amountsOf(has), amountsOf(container.resources?.requests)];
    for (const name in after) amounts[name] = (amounts[name] ?? 0) - after[name]! + (before[name] ?? 0);
  }
  return amounts;
}
