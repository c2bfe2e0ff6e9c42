import { quoted } from '../../../kube/validation/field.ts';
import type { Check, Control } from '../control.ts';
import { containersThat, listed, plural, settersOf, sorted } from '../wording.ts';

const ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const isForbidden = (type: string | undefined): type is string => type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
const isForbiddenAnnotation = ([name, value]: [string, string]): boolean =>
  name.startsWith(ANNOTATION) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/');

const check: Check = (pod) => {
  const ofPod = pod.spec.securityContext?.appArmorProfile?.type;
  const bad = containersThat(pod, ({ securityContext }) => isForbidden(securityContext?.appArmorProfile?.type));
  const annotations = Object.entries(pod.annotations)
    .filter(isForbiddenAnnotation)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .sort();
  const setters = [settersOf(isForbidden(ofPod), bad), ...(annotations.length > 0 ? [plural('annotation', annotations.length)] : [])].filter(Boolean);
  if (setters.length === 0) return undefined;
  const types = [ofPod, ...pod.containers.map(({ securityContext }) => securityContext?.appArmorProfile?.type)].filter(isForbidden);
  const values = [...sorted(types), ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${listed(values)}`,
  };
};

/** The default AppArmor profile is neither disabled nor replaced by an unknown one. */
export const appArmorProfile: Control = { id: 'appArmorProfile', level: 'baseline', versions: [{ since: 0, check }] };
