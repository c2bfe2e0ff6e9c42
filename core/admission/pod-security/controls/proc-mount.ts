import { type Check, type Control, exceptUserNamespaces } from '../control.ts';
import { containersThat, counted, listed, sorted } from '../wording.ts';

const isForbidden = (procMount: string | undefined): procMount is string => procMount !== undefined && procMount !== 'Default';

const check: Check = (pod) => {
  const bad = containersThat(pod, ({ securityContext }) => isForbidden(securityContext?.procMount));
  if (bad.length === 0) return undefined;
  const types = sorted(pod.containers.map(({ securityContext }) => securityContext?.procMount).filter(isForbidden));
  return { reason: 'procMount', detail: `${counted('container', bad)} must not set securityContext.procMount to ${listed(types)}` };
};

/** What is masked of /proc stays masked. */
export const procMountBaseline: Control = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptUserNamespaces(check) },
  ],
};

/** As baseline had it before it made an exception. */
export const procMountRestricted: Control = { id: 'procMount_restricted', level: 'restricted', versions: [{ since: 35, check, overrides: 'procMount' }] };
