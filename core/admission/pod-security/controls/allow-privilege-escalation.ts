import { type Check, type Control, exceptWindows } from '../control.ts';
import { containersThat, counted } from '../wording.ts';

const check: Check = (pod) => {
  const bad = containersThat(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return { reason: 'allowPrivilegeEscalation != false', detail: `${counted('container', bad)} must set securityContext.allowPrivilegeEscalation=false` };
};

/** No process gets more rights than the one that started it. */
export const allowPrivilegeEscalation: Control = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check },
    { since: 25, check: exceptWindows(check) },
  ],
};
