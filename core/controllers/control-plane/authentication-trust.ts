import { X509Certificate } from 'node:crypto';
import { creation } from '../../apis/mutation.ts';
import type { ClusterInstant } from '../../instant.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { ConfigMap } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';
/** Where the host writes its authority (namespace/namespace-contents.ts). */
const AUTHORITY = 'kube-root-ca.crt';

/**
 * Tells API servers that extend this one whom to trust (pkg/controlplane/controller/clusterauthenticationtrust): the authority of the host, with those that other API servers have
 * added and that have not expired. No client shows a certificate here and no request is passed on, so of the headers of a front proxy only what others say is kept.
 */
export const authenticationTrustController: Controller = {
  name: 'cluster_authentication_trust_controller',
  actor: userNamed('system:apiserver'),
  watches: { configmaps: ({ key }) => (key === KEY || key === keyOf('configmaps', NAMESPACE, AUTHORITY) ? [KEY] : []) },
  primaries: () => [KEY],
  reconcile({ state, now }) {
    const namespace = state.get('namespaces', undefined, NAMESPACE);
    if (!namespace || namespace.metadata.deletionTimestamp) return nothing;
    const known = state.get('configmaps', NAMESPACE, NAME);
    const data = dataOf(known?.data ?? {}, state.get('configmaps', NAMESPACE, AUTHORITY)?.data?.['ca.crt'] ?? '', now);
    if (!data || same(data, known?.data ?? {})) return nothing;
    if (known) return { mutations: [updateTo('configmaps', { ...known, data })] };
    const made: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: NAMESPACE }, data };
    return { mutations: [creation('configmaps', made)] };
  },
};

const KEY: Key = keyOf('configmaps', NAMESPACE, NAME);

const CLIENT_CA = 'client-ca-file';
const PROXY_CA = 'requestheader-client-ca-file';
const LISTS = [
  'requestheader-username-headers',
  'requestheader-uid-headers',
  'requestheader-group-headers',
  'requestheader-extra-headers-prefix',
  'requestheader-allowed-names',
];

/** Undefined: what is there cannot be read, and is left alone. */
function dataOf(known: Readonly<Record<string, string>>, authority: string, now: ClusterInstant): Record<string, string> | undefined {
  try {
    const clientCa = combined([known[CLIENT_CA] ?? '', authority], { keep: authority, now });
    const proxyCa = combined([known[PROXY_CA] ?? ''], { keep: '', now });
    // Without an authority for proxies nothing is said of their headers.
    const lists = proxyCa ? LISTS.filter((name) => known[name]).map((name) => [name, JSON.stringify([...new Set(JSON.parse(known[name]!) as string[])])]) : [];
    return { ...(clientCa && { [CLIENT_CA]: clientCa }), ...(proxyCa && { [PROXY_CA]: proxyCa, ...Object.fromEntries(lists) }) };
  } catch {
    return undefined;
  }
}

/** Certificates, each once, without those that have expired; the host's own is as good as the wall clock says, whatever time it is in the cluster. */
function combined(bundles: readonly string[], { keep, now }: { keep: string; now: ClusterInstant }): string {
  const own = new Set(certificatesIn(keep));
  const all = new Set(bundles.flatMap(certificatesIn));
  return [...all].filter((pem) => own.has(pem) || Date.parse(new X509Certificate(pem).validTo) > now).join('');
}

const certificatesIn = (bundle: string): string[] =>
  (bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) => `${pem}\n`);
