import { type Check, type Control, exceptWindows } from '../control.ts';
import { containersThat, counted, listed, sorted } from '../wording.ts';

const isForbidden = (capability: string): boolean => capability !== 'NET_BIND_SERVICE';

const check: Check = (pod) => {
  const keeping = containersThat(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const adding = containersThat(pod, ({ securityContext }) => securityContext?.capabilities?.add?.some(isForbidden) ?? false);
  const added = () => sorted(pod.containers.flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []).filter(isForbidden));
  const details = [
    ...(keeping.length > 0 ? [`${counted('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0 ? [`${counted('container', adding)} must not include ${listed(added())} in securityContext.capabilities.add`] : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

/** All capabilities are dropped; the one to bind low ports may be added. */
export const capabilitiesRestricted: Control = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check, overrides: 'capabilities_baseline' },
    { since: 25, check: exceptWindows(check), overrides: 'capabilities_baseline' },
  ],
};
