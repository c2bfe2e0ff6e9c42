import type { Container, EphemeralContainer, Pod } from '../../schema/generated/kinds.ts';

/** Whether a change of a pod may be one for its security: an image, or an ephemeral container (isSignificantPodUpdate). */
export const isSignificant = ({ spec: now }: Pod, { spec: before }: Pod): boolean =>
  differs(now?.containers, before?.containers) ||
  differs(now?.initContainers, before?.initContainers) ||
  isAdded(now?.ephemeralContainers, before?.ephemeralContainers);

const differs = (now: readonly Container[] = [], before: readonly Container[] = []): boolean =>
  now.length !== before.length || now.some(({ image }, i) => image !== before[i]!.image);

const isAdded = (now: readonly EphemeralContainer[] = [], before: readonly EphemeralContainer[] = []): boolean =>
  now.some(({ name, image }) => !before.some((other) => other.name === name && other.image === image));
