import { type Authorizer, anyAllows } from './authorizer.ts';
import { accessPolicyAuthorizer } from './eks/access-policy-authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { pastReaders } from './past-readers.ts';
import { privilegedGroup } from './privileged-group.ts';
import { rbac } from './rbac/rbac.ts';

const asInKubernetes = anyAllows([privilegedGroup, nodeAuthorizer, accessPolicyAuthorizer, rbac]);

/**
 * Who may do what in a cluster: what decides on requests, what reviews tell, and what admission and its expressions ask. One after the other until one allows, as
 * `--authorization-mode=Node,RBAC`; who may read the past follows from these.
 */
export const clusterAuthorizer: Authorizer = anyAllows([asInKubernetes, pastReaders(asInKubernetes)]);
