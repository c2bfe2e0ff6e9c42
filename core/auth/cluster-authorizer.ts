import { type Authorizer, anyAllows, internalAuthorizer, withPrivilegedGroup } from './authorizer.ts';
import { accessPolicyAuthorizer } from './eks/access-policy-authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';

/** Who may do what in a cluster: what decides on requests, what reviews tell, and what admission and its expressions ask. */
export const clusterAuthorizer: Authorizer = withPrivilegedGroup(anyAllows([nodeAuthorizer, accessPolicyAuthorizer, internalAuthorizer]));
