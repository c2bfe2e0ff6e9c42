/** What a cluster may be called: an RFC 1123 label, as a namespace. */
export const isClusterName = (name: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);

/** The cluster whose objects the clusters of a host are (docs/clusters.md). */
export const ROOT_CLUSTER = 'root';
