import { type Check, type Control, exceptUserNamespaces } from '../control.ts';
import { containersThat, settersOf } from '../wording.ts';

const check: Check = (pod) => {
  const asRoot = settersOf(
    pod.spec.securityContext?.runAsUser === 0,
    containersThat(pod, ({ securityContext }) => securityContext?.runAsUser === 0),
  );
  return asRoot ? { reason: 'runAsUser=0', detail: `${asRoot} must not set runAsUser=0` } : undefined;
};

/** No user is the number of root. */
export const runAsUser: Control = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check },
    { since: 35, check: exceptUserNamespaces(check) },
  ],
};
