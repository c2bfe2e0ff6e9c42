import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../kube/validation/field.ts';
import type { Container, Pod, ResourceRequirements } from '../../schema/generated/kinds.ts';
import { MIRROR } from './pod-annotations.ts';
import { qosClass } from './pod-qos.ts';

/**
 * What a resize may do (ValidatePodResize): change how much cpu and memory the containers and sidecars ask for, so that the pod stays in its
 * class of service. The object differs from the previous one in containers' resources and resize policies alone.
 */
export function validatePodResize(pod: Pod, previous: Pod): FieldError[] {
  if (isMirror(previous)) return [forbiddenField('[]', 'static pods cannot be resized')];
  if (previous.spec!.os?.name === 'windows') return [forbiddenField('[]', 'windows pods cannot be resized')];
  const spec = pod.spec!;
  const before = previous.spec!;
  const errors = [
    ...(qosClass(spec) === (previous.status?.qosClass ?? qosClass(before))
      ? []
      : [invalidValue('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing')]),
    ...(nodeCanResize(previous) ? [] : [forbiddenField('spec', 'Pod running on node without support for resize')]),
    ...validatePodLevel(spec.resources, before.resources),
  ];
  const misplaced = validateOrder(pod, previous);
  if (misplaced.length > 0) return [...errors, ...misplaced];
  return [
    ...errors,
    ...(['initContainers', 'containers'] as const).flatMap((list) =>
      (before[list] ?? []).flatMap((old, i) => validateNotRemoved(spec[list]![i]!, old, `spec.${list}[${i}].resources`)),
    ),
    ...before.containers.flatMap((old, i) =>
      isResizedOnly(spec.containers[i]!, old) ? [] : [forbiddenField('spec', 'only cpu and memory resources are mutable')],
    ),
    ...(before.initContainers ?? []).flatMap((old, i) => validateInitContainer(spec.initContainers![i]!, old, `spec.initContainers[${i}]`)),
  ];
}

/** Kubelets keep the pods of their own files in the API under this annotation. */
export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

function validateOrder(pod: Pod, previous: Pod): FieldError[] {
  return (['containers', 'initContainers'] as const).flatMap((kind) => {
    const now = pod.spec![kind] ?? [];
    const before = previous.spec![kind] ?? [];
    if (now.length !== before.length) return [forbiddenField(`spec.${kind}`, `${kind} may not be added or removed on resize`)];
    return before.flatMap(({ name }, i) =>
      now[i]!.name === name ? [] : [forbiddenField(`spec.${kind}[${i}].name`, `${kind} may not be renamed or reordered on resize`)],
    );
  });
}

/** A kubelet that reports the resources of running containers can change them. */
const nodeCanResize = ({ status }: Pod): boolean => {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return !running || running.resources !== undefined;
};

type Resized = { readonly resources?: ResourceRequirements };

function validateNotRemoved(now: Resized, before: Resized, path: string, word = ''): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const still = now.resources?.[kind] ?? {};
    const removed = Object.keys(before.resources?.[kind] ?? {}).some((name) => still[name] === undefined);
    return removed ? [forbiddenField(`${path}.${kind}`, `${word}resource ${kind} cannot be removed`)] : [];
  });
}

function validatePodLevel(now: ResourceRequirements | undefined, before: ResourceRequirements | undefined): FieldError[] {
  if (before && !now) return [forbiddenField('spec.resources', 'pod-level resources cannot be removed')];
  return [
    ...validateNotRemoved({ resources: now ?? {} }, { resources: before ?? {} }, 'spec.resources', 'pod-level '),
    ...(goValue('core.ResourceRequirements', fixedPart(now)).equals(fixedPart(before))
      ? []
      : [forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level')]),
  ];
}

function validateInitContainer(now: Container, before: Container, path: string): FieldError[] {
  const errors = isResizedOnly(now, before) ? [] : [forbiddenField(path, 'only cpu and memory resources for init or sidecar containers are mutable')];
  const restarts = now.restartPolicy !== 'Always' && now.resizePolicy?.some(({ restartPolicy }) => restartPolicy === 'RestartContainer');
  if (restarts && !goValue('core.Container', now).equals(before)) {
    errors.push(forbiddenField(path, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'));
  }
  return errors;
}

/** Nothing else of a container differs, nor any other resource of it. */
const isResizedOnly = (now: Container, before: Container): boolean =>
  goValue('core.Container', { ...now, resources: fixedPart(now.resources) }).equals({ ...before, resources: fixedPart(before.resources) });

function fixedPart({ requests, limits }: ResourceRequirements = {}): ResourceRequirements {
  const fixed = ({ cpu: _c, memory: _m, ...rest }: Record<string, string> = {}) => rest;
  return { requests: fixed(requests), limits: fixed(limits) };
}
