import type { KubeObject } from '../../kube/object.ts';

const SUFFIX = '.static.k8s.io';

/** A configuration that is a file of the API server's has a name of its own kind (ManifestBasedAdmissionControlConfig). */
export const reservedNameWarnings = ({ metadata: { name = '' } }: KubeObject): string[] =>
  name.endsWith(SUFFIX)
    ? [`metadata.name: names ending with "${SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`]
    : [];
