import type { KubeObject } from '../../kube/object.ts';

/** What lists are ordered by: `namespace/name`. */
export const pathOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
