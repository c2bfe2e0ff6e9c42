import type { SELinuxOptions } from '../../../schema/generated/kinds.ts';
import type { Check, Control } from '../control.ts';
import { containersThat, counted, settersOf, sorted } from '../wording.ts';

const TYPES = ['container_t', 'container_init_t', 'container_kvm_t'];

const allowing =
  (types: readonly string[]): Check =>
  (pod) => {
    const isForbiddenType = ({ type }: SELinuxOptions): boolean => Boolean(type) && !types.includes(type!);
    const isForbidden = (options: SELinuxOptions | undefined) => options !== undefined && (isForbiddenType(options) || Boolean(options.user || options.role));
    const ofPod = pod.spec.securityContext?.seLinuxOptions;
    const setters = settersOf(
      isForbidden(ofPod),
      containersThat(pod, ({ securityContext }) => isForbidden(securityContext?.seLinuxOptions)),
    );
    if (!setters) return undefined;
    const all = [ofPod, ...pod.containers.map(({ securityContext }) => securityContext?.seLinuxOptions)].filter((options) => options !== undefined);
    const badTypes = sorted(all.filter(isForbiddenType).map(({ type }) => type!));
    const bad = [
      ...(badTypes.length > 0 ? [counted('type', badTypes)] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return { reason: 'seLinuxOptions', detail: `${setters} set forbidden securityContext.seLinuxOptions: ${bad.join('; ')}` };
  };

/** The SELinux type is one of those for containers, user and role are those of the node. */
export const seLinuxOptions: Control = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: allowing(TYPES) },
    { since: 31, check: allowing([...TYPES, 'container_engine_t']) },
  ],
};
