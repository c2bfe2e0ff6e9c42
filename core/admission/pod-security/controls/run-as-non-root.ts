import { type Check, type Control, exceptUserNamespaces } from '../control.ts';
import { containersThat, counted, settersOf } from '../wording.ts';

const check: Check = (pod) => {
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const asRoot = settersOf(
    ofPod === false,
    containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false),
  );
  if (asRoot) return { reason: 'runAsNonRoot != true', detail: `${asRoot} must not set securityContext.runAsNonRoot=false` };
  const silent = ofPod ? [] : containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason: 'runAsNonRoot != true', detail: `pod or ${counted('container', silent)} must set securityContext.runAsNonRoot=true` };
};

/** Nothing runs as root: the pod says so, or each of its containers. */
export const runAsNonRoot: Control = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptUserNamespaces(check) },
  ],
};
