import type { GroupResource } from '../../core/kube/object.ts';

/** The resources that clients of the simulation use, and where the API serves them. */
export const paths: Readonly<Record<GroupResource, { prefix: string; namespaced: boolean }>> = {
  namespaces: { prefix: '/api/v1', namespaced: false },
  nodes: { prefix: '/api/v1', namespaced: false },
  pods: { prefix: '/api/v1', namespaced: true },
  configmaps: { prefix: '/api/v1', namespaced: true },
  services: { prefix: '/api/v1', namespaced: true },
  resourcequotas: { prefix: '/api/v1', namespaced: true },
  persistentvolumeclaims: { prefix: '/api/v1', namespaced: true },
  'deployments.apps': { prefix: '/apis/apps/v1', namespaced: true },
  'replicasets.apps': { prefix: '/apis/apps/v1', namespaced: true },
  'statefulsets.apps': { prefix: '/apis/apps/v1', namespaced: true },
  'daemonsets.apps': { prefix: '/apis/apps/v1', namespaced: true },
  'validatingadmissionpolicies.admissionregistration.k8s.io': { prefix: '/apis/admissionregistration.k8s.io/v1', namespaced: false },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': { prefix: '/apis/admissionregistration.k8s.io/v1', namespaced: false },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': { prefix: '/apis/admissionregistration.k8s.io/v1', namespaced: false },
  'mutatingadmissionpolicies.admissionregistration.k8s.io': { prefix: '/apis/admissionregistration.k8s.io/v1', namespaced: false },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': { prefix: '/apis/admissionregistration.k8s.io/v1', namespaced: false },
  'roles.rbac.authorization.k8s.io': { prefix: '/apis/rbac.authorization.k8s.io/v1', namespaced: true },
  'rolebindings.rbac.authorization.k8s.io': { prefix: '/apis/rbac.authorization.k8s.io/v1', namespaced: true },
  'clusterroles.rbac.authorization.k8s.io': { prefix: '/apis/rbac.authorization.k8s.io/v1', namespaced: false },
  'clusterrolebindings.rbac.authorization.k8s.io': { prefix: '/apis/rbac.authorization.k8s.io/v1', namespaced: false },
  'poddisruptionbudgets.policy': { prefix: '/apis/policy/v1', namespaced: true },
  'horizontalpodautoscalers.autoscaling': { prefix: '/apis/autoscaling/v2', namespaced: true },
  'apiservices.apiregistration.k8s.io': { prefix: '/apis/apiregistration.k8s.io/v1', namespaced: false },
  'clustersubscriptions.logplane.dev': { prefix: '/apis/logplane.dev/v1', namespaced: false },
  'transactions.logplane.dev': { prefix: '/apis/logplane.dev/v1', namespaced: true },
  'restores.logplane.dev': { prefix: '/apis/logplane.dev/v1', namespaced: true },
  'undos.logplane.dev': { prefix: '/apis/logplane.dev/v1', namespaced: true },
  'jobs.batch': { prefix: '/apis/batch/v1', namespaced: true },
  'validatingwebhookconfigurations.admissionregistration.k8s.io': { prefix: '/apis/admissionregistration.k8s.io/v1', namespaced: false },
};

/** `/apis/apps/v1/namespaces/shop/deployments/web/scale` */
export function pathOf(resource: GroupResource, namespace?: string, name?: string, subresource?: string): string {
  const { prefix, namespaced } = paths[resource]!;
  const plural = resource.split('.')[0];
  const within = namespaced && namespace ? `/namespaces/${namespace}` : '';
  return `${prefix}${within}/${plural}${name ? `/${name}` : ''}${subresource ? `/${subresource}` : ''}`;
}
