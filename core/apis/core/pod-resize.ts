import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../kube/validation/field.ts';
import type { Container, Pod, ResourceRequirements } from '../../schema/generated/kinds.ts';
import { qosClass } from './pod-qos.ts';

/**
 * What a resize may do (ValidatePodResize): change how much cpu and memory the containers and sidecars ask for, so that the pod stays in its
 * class of service. The object differs from the previous one in containers' resources and resize policies alone.
 */
export function validatePodResize(pod: Pod, previous: Pod): FieldError[] {
  if (isMirror(previous)) return [forbiddenField('[]', 'static pods cannot be resized')];
  if (previous.spec!.os?.name === 'windows') return [forbiddenField('[]', 'windows pods cannot be resized')];
  const misplaced = validateOrder(pod, previous);
  if (misplaced.length > 0) return misplaced;
  const spec = pod.spec!;
  const before = previous.spec!;
  const qos = previous.status?.qosClass ?? qosClass(before);
  return [
    ...(qosClass(spec) === qos ? [] : [invalidValue('spec', qos, 'Pod QOS Class may not change as a result of resizing')]),
    ...(nodeCanResize(previous) ? [] : [forbiddenField('spec', 'Pod running on node without support for resize')]),
    ...(before.initContainers ?? []).flatMap((old, i) =>
      isSidecar(old) ? validateNotRemoved(spec.initContainers![i]!, old, `spec.initContainers[${i}]`) : [],
    ),
    ...before.containers.flatMap((old, i) => validateNotRemoved(spec.containers[i]!, old, `spec.containers[${i}]`)),
    ...validateNotRemoved(spec, before, 'spec'),
    ...before.containers.flatMap((old, i) =>
      isResizedOnly(spec.containers[i]!, old) ? [] : [forbiddenField('spec', 'only cpu and memory resources are mutable')],
    ),
    ...(before.initContainers ?? []).flatMap((old, i) => validateInitContainer(spec.initContainers![i]!, old)),
    ...(same(fixedPart(spec.resources), fixedPart(before.resources)) ? [] : [forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level')]),
  ];
}

/** Kubelets keep the pods of their own files in the API under this annotation. */
export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;

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

function validateNotRemoved(now: Resized, before: Resized, path: string): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const still = now.resources?.[kind] ?? {};
    const removed = Object.keys(before.resources?.[kind] ?? {}).some((name) => still[name] === undefined);
    return removed ? [forbiddenField(`${path}.resources.${kind}`, `resource ${kind} cannot be removed`)] : [];
  });
}

function validateInitContainer(now: Container, before: Container): FieldError[] {
  if (isSidecar(before)) return isResizedOnly(now, before) ? [] : [forbiddenField('spec', 'only cpu and memory resources for sidecar containers are mutable')];
  return same(now, before) ? [] : [forbiddenField('spec', 'resources for non-sidecar init containers are immutable')];
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** Nothing else of a container differs, nor any other resource of it. */
const isResizedOnly = (now: Container, before: Container): boolean =>
  same({ ...now, resources: fixedPart(now.resources) }, { ...before, resources: fixedPart(before.resources) });

function fixedPart(resources: ResourceRequirements = {}): object {
  const fixed = ({ cpu: _c, memory: _m, ...rest }: Record<string, string> = {}) => rest;
  return { ...resources, requests: fixed(resources.requests), limits: fixed(resources.limits) };
}
