import type { Container, PodSpec } from '../../schema/generated/kinds.ts';

/** A container with its place in the spec: `initContainers[0]`. */
export interface PlacedContainer {
  readonly container: Container;
  readonly at: string;
}

/** All containers of a pod in the order in which Kubernetes goes through them: init containers, then the regular ones, then the ephemeral ones. */
export const containersOf = (spec: PodSpec): PlacedContainer[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, i) => ({ container, at: `${list}[${i}]` })),
  );
