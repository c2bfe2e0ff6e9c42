import { createHash, type X509Certificate } from 'node:crypto';
import { epochMs, type RealInstant } from '../instant.ts';
import type { User } from '../kube/user.ts';
import { certificateIn, subjectOf } from '../x509/certificate.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { remember } from './remember.ts';

/**
 * Who shows a certificate that the cluster's authority has signed: its common name is the user, its organizations are the groups
 * (Authenticating, "X.509 client certificates"; apiserver/pkg/authentication/request/x509). There is no revoking one, but by another secret of the deployment.
 */
export class ClientCertificates {
  readonly #authoritiesOf: (cluster: string) => readonly CertificateAuthority[];
  /** What was found out of a certificate, for each cluster that it was shown to. Its bytes are those of a connection, and go with it. */
  readonly #known = new WeakMap<Uint8Array, Map<string, Verified | undefined>>();

  /** @param authoritiesOf those that sign for a cluster, and those that did before: their certificates are good until they expire */
  constructor(authoritiesOf: (cluster: string) => readonly CertificateAuthority[]) {
    this.#authoritiesOf = authoritiesOf;
  }

  /** The user; undefined: it is none of this cluster's, none for clients, or not of this time. @param der the same bytes for all requests of a connection */
  userOf(der: Uint8Array, { cluster, now }: { cluster: string; now: RealInstant }): User | undefined {
    const known = this.#known.get(der) ?? new Map<string, Verified | undefined>();
    this.#known.set(der, known);
    const verified = known.has(cluster) ? known.get(cluster) : remember(known, cluster, this.verified(der, cluster));
    const time = epochMs(now);
    return verified && verified.notBefore <= time && time <= verified.notAfter ? verified.user : undefined;
  }

  /** What a certificate says, if one of the cluster's authorities has signed it, for clients. Whether it is its time is for the caller to see. */
  verified(der: Uint8Array, cluster: string): Verified | undefined {
    const certificate = certificateIn(der);
    if (!certificate || !isForClients(certificate)) return undefined;
    if (!this.#authoritiesOf(cluster).some(({ publicKey }) => certificate.verify(publicKey))) return undefined;
    const user = userNamedIn(certificate);
    // OpenSSL prints whole seconds: a certificate is good to the end of its last one.
    return user && { user, certificate, notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) + 999 };
  }
}

export interface Verified {
  readonly user: User;
  readonly certificate: X509Certificate;
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_PURPOSE = '2.5.29.37.0';

/** A certificate that says nothing of what it is for is for all (RFC 5280, 4.2.1.12). Node calls the extended usages its usages. */
const isForClients = ({ keyUsage: usages }: X509Certificate): boolean => usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_PURPOSE);

function userNamedIn(certificate: X509Certificate): User | undefined {
  const { commonName: username, organization: groups, uids } = subjectOf(certificate);
  if (username === '' || uids.length > 1 || uids[0] === '') return undefined;
  const fingerprint = createHash('sha256').update(certificate.raw).digest('hex');
  return {
    username,
    ...(uids[0] !== undefined && { uid: uids[0] }),
    groups,
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}
