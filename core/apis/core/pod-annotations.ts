import { isFields } from '../../kube/fields.ts';
import type { ObjectMeta } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../kube/validation/field.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from '../../schema/generated/kinds.ts';
import { validateTolerations } from './placement.ts';
import { containersOf } from './pod-containers.ts';
import { validateRelativePath } from './volume-paths.ts';

/** Annotations of pods that mean something, most of them from before there were fields for it. */

type Annotations = Readonly<Record<string, string>>;

/** Kubelets keep the pods of their own files in the API under this annotation. */
export const MIRROR = 'kubernetes.io/config.mirror';
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** Checks what the annotations say (ValidatePodSpecificAnnotations). */
export function validatePodAnnotations(annotations: Annotations = {}, spec: PodSpec, path: string): FieldError[] {
  const mirror = annotations[MIRROR];
  const cost = annotations[DELETION_COST];
  return [
    ...(mirror !== undefined && !spec.nodeName ? [invalidValue(`${path}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set')] : []),
    ...validateTolerationsText(annotations[TOLERATIONS], path),
    ...(cost === undefined || isInt32(cost) ? [] : [invalidValue(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer')]),
    ...Object.entries(annotations)
      .filter(([key]) => key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
      .flatMap(([key, profile]) => validateSeccomp(profile, `${path}.${key}`)),
    ...Object.entries(annotations)
      .filter(([key]) => key.startsWith(APPARMOR))
      .flatMap(([key, profile]) => validateAppArmor(key.slice(APPARMOR.length), profile, spec, `${path}[${key}]`)),
  ];
}

/** An integer without a sign or zeros before it that it does not need (GetDeletionCostFromPodAnnotations). */
const isInt32 = (text: string) => /^(0|-?[1-9][0-9]*)$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 && Number(text) !== 2 ** 31;

function validateTolerationsText(text: string | undefined, path: string): FieldError[] {
  if (!text) return [];
  const tolerations = jsonList(text);
  return tolerations ? validateTolerations(tolerations as Toleration[], `${path}.${TOLERATIONS}`) : [];
}

function jsonList(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isFields) ? value : undefined;
  } catch {
    return undefined;
  }
}

function validateSeccomp(profile: string, path: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return validateRelativePath(profile.slice('localhost/'.length), path);
  return [invalidValue(path, profile, 'must be a valid seccomp profile')];
}

function validateAppArmor(container: string, profile: string, spec: PodSpec, path: string): FieldError[] {
  const known = !profile || profile === 'runtime/default' || profile === 'unconfined' || profile.startsWith('localhost/');
  return [
    ...(containersOf(spec).some(({ container: { name } }) => name === container) ? [] : [invalidValue(path, container, 'container not found')]),
    ...(known ? [] : [invalidValue(path, profile, `invalid AppArmor profile name: "${profile}"`)]),
  ];
}

/** Checks that no annotation says other than a field (validateSeccompAnnotationsAndFields and the same of AppArmor). */
export function validateProfileAnnotations({ annotations = {} }: Pick<ObjectMeta, 'annotations'>, spec: PodSpec, path: string): FieldError[] {
  const pod = spec.securityContext ?? {};
  return [
    ...validateSeccompMatch(annotations[SECCOMP_POD], pod.seccompProfile, `${path}.securityContext.seccompProfile`),
    ...containersOf(spec).flatMap(({ container: { name, securityContext }, at }) =>
      validateSeccompMatch(annotations[`${SECCOMP_CONTAINER}${name}`], securityContext?.seccompProfile, `${path}.${at}.securityContext.seccompProfile`),
    ),
    ...(spec.os?.name === 'windows' ? [] : containersOf(spec)).flatMap(({ container: { name, securityContext }, at }) =>
      validateMatch(annotations[`${APPARMOR}${name}`], securityContext?.appArmorProfile ?? pod.appArmorProfile, {
        word: 'apparmor',
        defaults: ['runtime/default'],
        path: `${path}.${at}.securityContext.appArmorProfile`,
      }),
    ),
  ];
}

const validateSeccompMatch = (annotation: string | undefined, profile: SeccompProfile | undefined, path: string): FieldError[] =>
  validateMatch(annotation, profile, { word: 'seccomp', defaults: ['runtime/default', 'docker/default'], path });

function validateMatch(
  annotation: string | undefined,
  profile: SeccompProfile | AppArmorProfile | undefined,
  { word, defaults, path }: { word: string; defaults: readonly string[]; path: string },
): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const otherType = [forbiddenField(`${path}.type`, `${word} type in annotation and field must match`)];
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : otherType;
    case 'RuntimeDefault':
      return defaults.includes(annotation) ? [] : otherType;
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) return otherType;
      return annotation === `localhost/${profile.localhostProfile}`
        ? []
        : [forbiddenField(`${path}.localhostProfile`, `${word} profile in annotation and field must match`)];
    default:
      return [];
  }
}

/** What of the annotations no update may change (ValidatePodSpecificAnnotationUpdates). */
export function validatePodAnnotationUpdates(now: Annotations = {}, before: Annotations = {}): FieldError[] {
  const at = (key: string) => `metadata.annotations[${key}]`;
  return [
    ...Object.keys(before).flatMap((key) => {
      if (now[key] === before[key]) return [];
      if (key.startsWith(APPARMOR)) return [forbiddenField(at(key), 'may not remove or update AppArmor annotations')];
      return key === MIRROR ? [forbiddenField(at(key), 'may not remove or update mirror pod annotation')] : [];
    }),
    ...Object.keys(now).flatMap((key) => {
      if (before[key] !== undefined) return [];
      if (key.startsWith(APPARMOR)) return [forbiddenField(at(key), 'may not add AppArmor annotations')];
      return key === MIRROR ? [forbiddenField(at(key), 'may not add mirror pod annotation')] : [];
    }),
  ];
}
