import type { Check, Control } from '../control.ts';
import { containersThat, settersOf } from '../wording.ts';

const check: Check = (pod) => {
  const setters = settersOf(
    pod.spec.securityContext?.windowsOptions?.hostProcess === true,
    containersThat(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true),
  );
  return setters ? { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` } : undefined;
};

/** No HostProcess containers, which on Windows are what privileged ones are. */
export const windowsHostProcess: Control = { id: 'windowsHostProcess', level: 'baseline', versions: [{ since: 0, check }] };
