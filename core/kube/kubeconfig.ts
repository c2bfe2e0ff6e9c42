import { stringify } from 'yaml';

/** How a client gets at a cluster, under a name. */
export interface KubeconfigEntry {
  readonly name: string;
  readonly server: string;
  /** Of the authority that signed the server's certificate, PEM; none: one that the client's system knows. */
  readonly ca?: string | undefined;
  readonly token: string;
}

/** A kubeconfig (v1 Config, "Organizing Cluster Access Using kubeconfig Files") with a context for each entry, of which the first is the current one. */
export const kubeconfigOf = (entries: readonly [KubeconfigEntry, ...KubeconfigEntry[]]): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries.map(({ name, server, ca }) => ({
      name,
      cluster: { server, ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }) },
    })),
    users: entries.map(({ name, token }) => ({ name, user: { token } })),
    contexts: entries.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    'current-context': entries[0].name,
  });
