import type { Container, Pod, PodSpec } from '../schema/generated/kinds.ts';
import type { ContainerRole } from './runtime.ts';

/** A container of a pod with what it is there for. */
export interface Member {
  readonly role: ContainerRole;
  readonly container: Container;
}

/** The containers of a pod in the order in which they start. The answer is kept for as long as the spec, which never changes, lives. */
export function containersOf({ spec }: Pod): readonly Member[] {
  let members = known.get(spec!);
  if (!members) {
    members = membersOf(spec!);
    known.set(spec!, members);
  }
  return members;
}

const known = new WeakMap<PodSpec, readonly Member[]>();

const membersOf = ({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): Member[] => [
  ...initContainers.map((container) => ({ role: isSidecar(container) ? ('sidecar' as const) : ('init' as const), container })),
  ...containers.map((container) => ({ role: 'main' as const, container })),
  // An EphemeralContainer has all that a container has, and what it is attached to.
  ...ephemeralContainers.map((container) => ({ role: 'ephemeral' as const, container: container as Container })),
];

/** An init container that stays for the pod's life (KEP 753, "sidecar containers"). */
export const isSidecar = (initContainer: Container): boolean => initContainer.restartPolicy === 'Always';

/** What runs beside the containers that a pod is there for, and does not keep it alive. */
export const isBeside = ({ role }: Member): boolean => role === 'sidecar' || role === 'ephemeral';
