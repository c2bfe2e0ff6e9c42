import { quoted } from '../../../kube/validation/field.ts';
import { type Check, type CheckedPod, type Control, exceptWindows, type Violation } from '../control.ts';
import { containersThat, counted, listed, plural, settersOf, sorted } from '../wording.ts';

/** Before the field there was an annotation. */
const checkAnnotations: Check = ({ annotations, containers }) => {
  const names = [POD_ANNOTATION, ...containers.map(({ name }) => `${CONTAINER_ANNOTATION}${name}`)];
  const bad = sorted(
    names.flatMap((name) => {
      const value = Object.hasOwn(annotations, name) ? annotations[name]! : undefined;
      return value === undefined || isAllowedAnnotation(value) ? [] : [`${name}=${quoted(value)}`];
    }),
  );
  return bad.length === 0 ? undefined : { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad.length)} ${bad.join(', ')}` };
};

const POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';
const isAllowedAnnotation = (value: string): boolean => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

/** Which profiles are set that must not be. */
const checkSet: Check = (pod) => {
  const ofPod = pod.spec.securityContext?.seccompProfile?.type;
  const setters = settersOf(
    isForbidden(ofPod),
    containersThat(pod, ({ securityContext }) => isForbidden(securityContext?.seccompProfile?.type)),
  );
  if (!setters) return undefined;
  const types = sorted([ofPod, ...pod.containers.map(({ securityContext }) => securityContext?.seccompProfile?.type)].filter(isForbidden));
  return { reason: 'seccompProfile', detail: `${setters} must not set securityContext.seccompProfile.type to ${listed(types)}` };
};

const isForbidden = (type: string | undefined): type is string => type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';

const checkRequired: Check = (pod) => checkSet(pod) ?? checkMissing(pod);

function checkMissing(pod: CheckedPod): Violation | undefined {
  const silent = pod.spec.securityContext?.seccompProfile ? [] : containersThat(pod, ({ securityContext }) => !securityContext?.seccompProfile);
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${counted('container', silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

/** Seccomp is not switched off. */
export const seccompProfileBaseline: Control = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: checkAnnotations },
    { since: 19, check: checkSet },
  ],
};

/** Seccomp is switched on, for the pod or for each of its containers. */
export const seccompProfileRestricted: Control = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: checkRequired, overrides: 'seccompProfile_baseline' },
    { since: 25, check: exceptWindows(checkRequired), overrides: 'seccompProfile_baseline' },
  ],
};
