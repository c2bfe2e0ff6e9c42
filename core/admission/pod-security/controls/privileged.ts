import type { Check, Control } from '../control.ts';
import { containersThat, counted } from '../wording.ts';

const check: Check = (pod) => {
  const bad = containersThat(pod, ({ securityContext }) => securityContext?.privileged === true);
  return bad.length === 0 ? undefined : { reason: 'privileged', detail: `${counted('container', bad)} must not set securityContext.privileged=true` };
};

/** No container is the node's root. */
export const privileged: Control = { id: 'privileged', level: 'baseline', versions: [{ since: 0, check }] };
