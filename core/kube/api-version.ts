/** `apps`, `v1` → `apps/v1`; the legacy group has no name: `v1`. */
export const apiVersionOf = (group: string, version: string): string => (group ? `${group}/${version}` : version);
