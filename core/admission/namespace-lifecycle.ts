import { forbidden, notFound } from '../kube/status.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from './plugin.ts';

/** Keeps objects out of namespaces that do not exist or are going, and keeps the namespaces that every cluster needs (apiserver/pkg/admission/plugin/namespace/lifecycle). */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  mutate(review) {
    const { operation, resource, name } = review;
    if (resource.groupResource !== 'namespaces') return admitToNamespace(review);
    if (operation === 'DELETE' && IMMORTAL.has(name)) throw forbidden(resource, name, 'this namespace may not be deleted');
  },
};

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Throws 404, 403. What is there already may be changed and deleted. */
function admitToNamespace(review: AdmissionReview): void {
  const { operation, resource, namespace, state } = review;
  // Whether there is such a namespace is not told to those who may only ask what they may do.
  if (namespace === undefined || operation !== 'CREATE' || resource.groupResource === 'localsubjectaccessreviews.authorization.k8s.io') return;
  const into = state.get('namespaces', undefined, namespace);
  if (!into) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (!into.metadata.deletionTimestamp) return;
  const refused = refusal(review, `unable to create new content in namespace ${namespace} because it is being terminated`);
  refused.status.details!.causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }];
  throw refused;
}
