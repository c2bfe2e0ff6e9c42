import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { goDiff } from '../../kube/unified-diff.ts';
import { forbiddenField, inRangeErrors, invalidValue, required } from '../../kube/validation/field.ts';
import type { Container, NodeSelectorTerm, Pod, PodSpec } from '../../schema/generated/kinds.ts';
import type { UpdateSubresource } from '../strategy.ts';
import { validateImageBlanks } from './containers.ts';
import { validateOnlyAddedTolerations } from './placement.ts';
import { validatePodAnnotations, validatePodAnnotationUpdates } from './pod-annotations.ts';
import { isMirror, validatePodResize } from './pod-resize.ts';

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
  const errors = validateAnnotationUpdates(pod, previous);
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = spec[list] ?? [];
    if (containers.length !== (before[list]?.length ?? 0)) return [...errors, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
    errors.push(...containers.flatMap((container, i) => validateImage(container, `spec.${list}[${i}]`)));
  }
  const deadline = validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  // What is not even a deadline ends the list; one that was taken away does not.
  if (deadline.length && spec.activeDeadlineSeconds !== undefined) return [...errors, ...deadline];
  errors.push(
    ...deadline,
    ...validateOnlyAddedTolerations(spec.tolerations ?? [], before.tolerations ?? [], 'spec.tolerations'),
    ...validateGates(spec, before),
  );
  const { errors: ofSelection, spec: unchanged } = withAllowedChanges(spec, before);
  errors.push(...ofSelection);
  const shown = goValue('core.PodSpec', unchanged);
  if (shown.equals(before)) return errors;
  return [
    ...errors,
    forbiddenField('spec', `pod updates may not change fields other than ${mayChange.join(',')}\n${goDiff(goValue('core.PodSpec', before), shown)}`),
  ];
}

const mayChange = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

const validateAnnotationUpdates = ({ metadata, spec }: Pod, previous: Pod): FieldError[] => [
  ...validatePodAnnotationUpdates(metadata.annotations, previous.metadata.annotations),
  ...validatePodAnnotations(metadata.annotations, spec!, 'metadata.annotations'),
];

const validateImage = (container: Container, path: string): FieldError[] => [
  ...(container.image ? [] : [required(`${path}.image`)]),
  ...validateImageBlanks(container, path),
];

/** The new spec with all that may change put back: what still differs may not. */
function withAllowedChanges(spec: PodSpec, before: PodSpec): { errors: FieldError[]; spec: PodSpec } {
  const images = (containers: Container[] | undefined, old: Container[] | undefined) => containers?.map((c, i) => ({ ...c, image: old![i]!.image }));
  const shown: PodSpec = {
    ...spec,
    containers: images(spec.containers, before.containers) ?? [],
    initContainers: images(spec.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
  };
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1)
    shown.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  if (!before.schedulingGates?.length) return { errors: [], spec: shown };
  return { errors: validateNarrower(spec, before), spec: withSelectionOf(before, shown) };
}

/** A spec whose selection of nodes is that of the one before: it may be made narrower until something schedules the pod. */
function withSelectionOf(before: PodSpec, spec: PodSpec): PodSpec {
  const { nodeAffinity: _, ...others } = spec.affinity ?? {};
  const old = before.affinity?.nodeAffinity;
  const affinity = { ...others, ...(old && { nodeAffinity: old }) };
  const none = !Object.keys(affinity).length && !(before.affinity && spec.affinity);
  return { ...spec, nodeSelector: before.nodeSelector, affinity: none ? undefined : affinity };
}

function validateNarrower(spec: PodSpec, before: PodSpec): FieldError[] {
  const { nodeSelector = {} } = spec;
  const kept = Object.entries(before.nodeSelector ?? {}).every(([key, value]) => nodeSelector[key] === value);
  const errors = kept
    ? []
    : [invalidValue('spec.nodeSelector', goValue('{}s', spec.nodeSelector), 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')];
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const termsOf = ({ affinity }: PodSpec) => affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const old = termsOf(before) ?? [];
  const terms = termsOf(spec) ?? [];
  if (old.length && old.length !== terms.length) {
    const shown = goValue('[]core.NodeSelectorTerm', termsOf(spec));
    return [...errors, invalidValue(path, shown, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  return [
    ...errors,
    ...old.flatMap((term, i) =>
      hasOnlyAdditions(terms[i]!, term)
        ? []
        : [invalidValue(`${path}[${i}]`, goValue('core.NodeSelectorTerm', terms[i]), 'only additions are allowed (no mutations or deletions)')],
    ),
  ];
}

function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  // A term without requirements matches nothing, and one with some would match more.
  if (lists.every((list) => !old[list]?.length)) return lists.every((list) => !term[list]?.length);
  return lists.every((list) => {
    const before = old[list] ?? [];
    return goValue('[]core.NodeSelectorRequirement', (term[list] ?? []).slice(0, before.length)).equals(before);
  });
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
  return (spec.schedulingGates ?? []).flatMap(({ name }, i) =>
    names.has(name) ? [] : [forbiddenField(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

/** Ephemeral containers may be added, and stay as they are then (ValidatePodEphemeralContainersUpdate). */
function validateEphemeralUpdate(pod: Pod, previous: Pod): FieldError[] {
  if (isMirror(previous)) return [forbiddenField('[]', 'static pods do not support ephemeral containers')];
  const containers = new Map((pod.spec!.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (previous.spec!.ephemeralContainers ?? []).flatMap((old) => {
    const kept = containers.get(old.name);
    if (!kept) return [forbiddenField('spec.ephemeralContainers', `existing ephemeral containers "${old.name}" may not be removed\n`)];
    const shown = goValue('core.EphemeralContainer', old);
    if (shown.equals(kept)) return [];
    const difference = goDiff(shown, goValue('core.EphemeralContainer', kept));
    return [forbiddenField('spec.ephemeralContainers', `existing ephemeral containers "${old.name}" may not be changed\n${difference}`)];
  });
}
