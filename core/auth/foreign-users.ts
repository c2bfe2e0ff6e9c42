import { type Authenticator, anyOf } from './authenticator.ts';
import type { EksCluster } from './eks/eks-cluster-setting.ts';
import { EksUsers } from './eks/eks-users.ts';
import type { HttpsGet } from './https-get.ts';
import type { AuthenticationConfiguration } from './oidc/authentication-configuration.ts';
import { oidcUsers } from './oidc/oidc-users.ts';

export interface ForeignUsersOptions {
  /** Whose tokens are good besides the host's own; none, unless told. */
  readonly authentication?: AuthenticationConfiguration | undefined;
  /** As which cluster of EKS users of AWS may know the default cluster; none, unless told. */
  readonly eksCluster?: EksCluster | undefined;
  readonly defaultCluster: string;
  /** Who issues the tokens of service accounts. */
  readonly ownIssuer: string;
  readonly get: HttpsGet;
  readonly problem: (message: string, error: unknown) => void;
}

/** Users whom others vouch for, as a host is set to take them (docs/decisions/0025-foreign-identities.md). Throws for a configuration that is wrong. */
export function foreignUsers({ authentication, eksCluster, defaultCluster, ownIssuer, get, problem }: ForeignUsersOptions): Authenticator {
  return anyOf([
    ...(authentication ? [oidcUsers(authentication, { get, ownIssuers: [ownIssuer], problem })] : []),
    ...(eksCluster ? [new EksUsers({ eksName: (cluster) => eksName(cluster, { defaultCluster, eksCluster }), region: eksCluster.region, get, problem })] : []),
  ]);
}

/** A token is of one cluster: one for the default cluster is good for no other of the same host. No name of EKS has a slash. */
const eksName = (cluster: string, { defaultCluster, eksCluster: { name } }: { defaultCluster: string; eksCluster: EksCluster }): string =>
  cluster === defaultCluster ? name : `${name}/${cluster}`;
