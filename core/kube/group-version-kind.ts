/** What an object is: a kind of a version of an API group. The core group's name is empty. */
export interface GroupVersionKind extends GroupVersion {
  readonly kind: string;
}

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** `apps/v1` → `apps` and `v1`; `v1` → the core group and `v1` (apimachinery's schema.ParseGroupVersion, for what has at most one slash). */
export function groupVersionOf(apiVersion: string): GroupVersion {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1) };
}

/** The other way round: what stands in an object's `apiVersion`. */
export const apiVersionOf = ({ group, version }: GroupVersion): string => (group ? `${group}/${version}` : version);
