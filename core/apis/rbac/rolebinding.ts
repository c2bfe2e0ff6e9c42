import { bindingStrategy } from './binding.ts';

/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const strategy = bindingStrategy('roleBinding');
