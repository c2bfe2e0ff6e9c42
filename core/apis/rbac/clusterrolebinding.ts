import { bindingStrategy } from './binding.ts';

/** rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const strategy = bindingStrategy('clusterRoleBinding');
