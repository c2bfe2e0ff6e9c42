import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, inRangeErrors, invalidValue } from '../../kube/validation/field.ts';
import { qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../schema/generated/kinds.ts';
import type { UpdateSubresource } from '../strategy.ts';
import { validateOnlyAddedTolerations } from './placement.ts';
import { isMirror, validatePodResize } from './pod-resize.ts';
import { specDiff } from './spec-diff.ts';

/** What may change of a pod that exists, by an update of itself or through one of its subresources. */
export function validatePodUpdate(pod: Pod, previous: Pod, subresource?: UpdateSubresource): FieldError[] {
  if (subresource === 'ephemeralcontainers') return validateEphemeralUpdate(pod, previous);
  if (subresource === 'resize') return validatePodResize(pod, previous);
  return validatePlainUpdate(pod, previous);
}

/** Images, a shorter deadline, more tolerations, labels and annotations (ValidatePodUpdate). Binding has a mutation of its own. */
function validatePlainUpdate(pod: Pod, previous: Pod): FieldError[] {
  const spec = pod.spec!;
  const before = previous.spec!;
  for (const kind of ['containers', 'initContainers'] as const) {
    if ((spec[kind]?.length ?? 0) !== (before[kind]?.length ?? 0)) return [forbiddenField(`spec.${kind}`, 'pod updates may not add or remove containers')];
  }
  const errors = [
    ...validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds),
    ...validateOnlyAddedTolerations(spec.tolerations ?? [], before.tolerations ?? [], 'spec.tolerations'),
    ...validateGates(spec, before),
  ];
  const unchanged = withAllowedChanges(spec, before);
  if (!same(unchanged, before)) {
    errors.push(
      forbiddenField(
        'spec',
        `pod updates may not change fields other than ${mayChange.map((field) => `\`${field}\``).join(',')} (only additions to existing tolerations),\`spec.terminationGracePeriodSeconds\` (allow it to be set to 1 if it was previously negative)\n${specDiff(before, unchanged)}`,
      ),
    );
  }
  return errors;
}

const mayChange = ['spec.containers[*].image', 'spec.initContainers[*].image', 'spec.activeDeadlineSeconds', 'spec.tolerations'];

/** The new spec with all that may change put back: what still differs may not. */
function withAllowedChanges(spec: PodSpec, before: PodSpec): PodSpec {
  const images = (containers: Container[] | undefined, old: Container[] | undefined) => containers?.map((c, i) => ({ ...c, image: old![i]!.image }));
  const gated = (before.schedulingGates?.length ?? 0) > 0;
  const shown: PodSpec = {
    ...spec,
    containers: images(spec.containers, before.containers) ?? [],
    initContainers: images(spec.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    // Before anything schedules it, its selection of nodes may be made narrower.
    ...(gated && { nodeSelector: before.nodeSelector, affinity: before.affinity }),
  };
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1)
    shown.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  return shown;
}

function validateDeadline(deadline: number | undefined, before: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (deadline === undefined) return before === undefined ? [] : [invalidValue(path, undefined, 'must not update from a positive integer to nil value')];
  const errors = inRangeErrors(path, deadline, 0, 2147483647);
  if (errors.length || before === undefined || deadline <= before) return errors;
  return [invalidValue(path, deadline, 'must be less than or equal to previous value')];
}

function validateGates(spec: PodSpec, before: PodSpec): FieldError[] {
  const names = new Set(before.schedulingGates?.map(({ name }) => name));
  const added = (spec.schedulingGates ?? []).find(({ name }) => !names.has(name));
  return added ? [forbiddenField('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${added.name}'`)] : [];
}

/** Ephemeral containers may be added, and stay as they are then (ValidatePodEphemeralContainersUpdate). */
function validateEphemeralUpdate(pod: Pod, previous: Pod): FieldError[] {
  if (isMirror(previous)) return [forbiddenField('[]', 'static pods do not support ephemeral containers')];
  const containers = new Map((pod.spec!.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (previous.spec!.ephemeralContainers ?? []).flatMap((old) => {
    const kept = containers.get(old.name);
    if (!kept) return [forbiddenField('spec.ephemeralContainers', `existing ephemeral containers "${old.name}" may not be removed\n`)];
    if (same(kept, old)) return [];
    return [forbiddenField('spec.ephemeralContainers', `existing ephemeral containers "${old.name}" may not be changed\n${specDiff(old, kept)}`)];
  });
}

/** A container that ended for good does not come back (ValidatePodStatusUpdate). */
export function validatePodStatusUpdate(pod: Pod, previous: Pod): FieldError[] {
  const { status } = pod;
  const nominated = status?.nominatedNodeName;
  const badName = nominated && nominated !== previous.status?.nominatedNodeName ? subdomain(nominated) : [];
  return [
    ...badName.map((message) => invalidValue('status.nominatedNodeName', nominated, message)),
    ...(status?.conditions ?? []).flatMap(({ type }, i) => qualifiedName(type).map((message) => invalidValue(`status.conditions[${i}].type`, type, message))),
    ...validateTransitions(status?.containerStatuses, previous.status?.containerStatuses, 'status.containerStatuses', previous),
  ];
}

function validateTransitions(statuses: ContainerStatus[] = [], before: ContainerStatus[] = [], path: string, { spec }: Pod): FieldError[] {
  if (spec?.restartPolicy === 'Always') return [];
  const byName = new Map(statuses.map((status) => [status.name, status]));
  return before.flatMap(({ name, state }, i) => {
    if (!state?.terminated || (state.terminated.exitCode !== 0 && spec?.restartPolicy === 'OnFailure')) return [];
    const now = byName.get(name);
    return now && !now.state?.terminated ? [forbiddenField(`${path}[${i}].state`, 'may not be transitioned to non-terminated state')] : [];
  });
}
