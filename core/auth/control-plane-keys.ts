import type { ServiceAccount } from '../schema/generated/kinds.ts';
import { type CertificateAuthority, certificateAuthorityOf } from './certificate-authority.ts';
import { legacyToken } from './legacy-tokens.ts';
import { remember } from './remember.ts';
import { signingKeyOf } from './signing-key.ts';

/**
 * What the control plane of a cluster signs with: the port by which hosts give their secret to controllers. A signature of ECDSA is the one thing in a decision that is not of the
 * state and of `env`: node:crypto takes its chance itself. Whichever is appended stands; nothing is ever signed again to compare (docs/decisions/0024-certificates.md).
 */
export interface ControlPlaneKeys {
  readonly authority: CertificateAuthority;
  /** The token of a Secret of type kubernetes.io/service-account-token. */
  tokenFor(account: ServiceAccount, secretName: string): string;
}

/** The keys of each cluster, derived from the secret of the deployment when they are first asked for. */
export function controlPlaneKeys(secret: Uint8Array): (cluster: string) => ControlPlaneKeys {
  const known = new Map<string, ControlPlaneKeys>();
  return (cluster) => {
    return known.get(cluster) ?? remember(known, cluster, keysOf(secret, cluster));
  };
}

/** The authorities of each cluster whose certificates are good: the one that signs now comes first. @param secrets those of the deployment, the newest first */
export function trustedAuthorities(secrets: readonly Uint8Array[]): (cluster: string) => readonly CertificateAuthority[] {
  const known = new Map<string, readonly CertificateAuthority[]>();
  return (cluster) => {
    return (
      known.get(cluster) ??
      remember(
        known,
        cluster,
        secrets.map((secret) => certificateAuthorityOf(secret, cluster)),
      )
    );
  };
}

function keysOf(secret: Uint8Array, cluster: string): ControlPlaneKeys {
  const key = signingKeyOf(secret, cluster);
  return {
    authority: certificateAuthorityOf(secret, cluster),
    tokenFor: (account, secretName) => legacyToken({ key, account, secretName }),
  };
}
