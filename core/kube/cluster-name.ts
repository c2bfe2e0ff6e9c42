/** What a cluster may be called: an RFC 1123 label, as a namespace. */
export const isClusterName = (name: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
