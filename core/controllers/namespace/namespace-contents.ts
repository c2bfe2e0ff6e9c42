import { creation } from '../../apis/mutation.ts';
import type { ControlPlaneKeys } from '../../auth/control-plane-keys.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import type { ConfigMap, Namespace, ServiceAccount } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

/** Every namespace has a ServiceAccount `default` (pkg/controller/serviceaccount/serviceaccounts_controller.go). */
export const serviceAccountController: Controller<Namespace> = {
  name: 'service-account-controller',
  resource: 'namespaces',
  watches: {
    serviceaccounts: ({ type, object }) => (type === 'DELETED' && object.metadata.name === 'default' ? [namespaceOf(object.metadata.namespace!)] : []),
  },
  reconcile({ object: namespace, state }) {
    if (!isActive(namespace) || state.get('serviceaccounts', namespace.metadata.name, 'default')) return nothing;
    const object: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: namespace.metadata.name } };
    return { mutations: [creation('serviceaccounts', object)] };
  },
};

const ROOT_CA = 'kube-root-ca.crt';
/** What this namespace has all others have. */
const SOURCE = 'kube-system';
const DESCRIPTION = 'kubernetes.io/description';

/** Every namespace has the ConfigMap with the API server's certificate authority (pkg/controller/certificates/rootcacertpublisher). */
export const rootCaPublisher: Controller<Namespace> = {
  name: 'root-ca-cert-publisher',
  resource: 'namespaces',
  watches: { configmaps: published },
  reconcile({ object: namespace, state, keys }) {
    if (!isActive(namespace)) return nothing;
    const { name } = namespace.metadata;
    const data = { 'ca.crt': rootCertificate(state, keys) };
    const there = state.get('configmaps', name, ROOT_CA);
    if (there) {
      const { binaryData, ...rest } = there;
      return same(there.data, data) && !binaryData ? nothing : { mutations: [updateTo('configmaps', { ...rest, data })] };
    }
    const annotations = {
      [DESCRIPTION]:
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    };
    const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ROOT_CA, namespace: name, annotations }, data };
    return { mutations: [creation('configmaps', object)] };
  },
};

/**
 * The certificate of the cluster's authority, as kube-system has it: each process signs it anew, and one is as good as another. Another authority's goes; where the host gives none, it
 * is as it is.
 */
function rootCertificate(state: State, keys: ControlPlaneKeys | undefined): string {
  const published = state.get('configmaps', SOURCE, ROOT_CA)?.data?.['ca.crt'] ?? '';
  return !keys || keys.authority.isCertificate(published) ? published : keys.authority.certificate;
}

function published({ object }: Change, state: State): Key[] {
  const { name, namespace } = object.metadata;
  if (name !== ROOT_CA) return [];
  return namespace === SOURCE ? state.list('namespaces').map((other) => namespaceOf(other.metadata.name)) : [namespaceOf(namespace!)];
}

const namespaceOf = (name: string): Key => keyOf('namespaces', undefined, name);

const isActive = (namespace: Namespace | undefined): namespace is Namespace => namespace !== undefined && !namespace.metadata.deletionTimestamp;
