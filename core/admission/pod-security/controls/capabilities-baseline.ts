import type { Check, Control } from '../control.ts';
import { containersThat, counted, listed, sorted } from '../wording.ts';

/** What a container runtime grants unless told. */
const ALLOWED = new Set('AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '));

const isForbidden = (capability: string): boolean => !ALLOWED.has(capability);

const check: Check = (pod) => {
  const bad = containersThat(pod, ({ securityContext }) => securityContext?.capabilities?.add?.some(isForbidden) ?? false);
  if (bad.length === 0) return undefined;
  const added = sorted(pod.containers.flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []).filter(isForbidden));
  return {
    reason: 'non-default capabilities',
    detail: `${counted('container', bad)} must not include ${listed(added)} in securityContext.capabilities.add`,
  };
};

/** No capabilities besides the default ones. */
export const capabilitiesBaseline: Control = { id: 'capabilities_baseline', level: 'baseline', versions: [{ since: 0, check }] };
