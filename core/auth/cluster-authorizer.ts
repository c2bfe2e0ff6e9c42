import { type Authorizer, anyAllows } from './authorizer.ts';
import { accessPolicyAuthorizer } from './eks/access-policy-authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { privilegedGroup } from './privileged-group.ts';
import { rbac } from './rbac/rbac.ts';

/**
 * Who may do what in a cluster: what decides on requests, what reviews tell, and what admission and its expressions ask. One after the other until one allows, as
 * `--authorization-mode=Node,RBAC`.
 */
export const clusterAuthorizer: Authorizer = anyAllows([privilegedGroup, nodeAuthorizer, accessPolicyAuthorizer, rbac]);
