import { createHash, type KeyObject, sign } from 'node:crypto';
import { certificateIn } from '../x509/certificate.ts';
import { DerReader } from '../x509/der.ts';
import { encodeName } from '../x509/distinguished-name.ts';
import { issue, type Sign } from '../x509/issue.ts';
import { pemBlocks, pemOf } from '../x509/pem.ts';
import { derivedKey } from './derived-key.ts';

/** What signs the certificates of a cluster. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. Its signature is another one in each process, and as good. */
  readonly certificate: string;
  /** Its name, and its public key (SubjectPublicKeyInfo), DER. */
  readonly name: Buffer;
  readonly keyInfo: Buffer;
  readonly publicKey: KeyObject;
  /** ms since the epoch, by the wall clock: nothing that it signs is good for longer. */
  readonly notAfter: number;
  readonly sign: Sign;
  /** Whether a text is its certificate, and nothing else, as this or another process made it. */
  isCertificate(pem: string): boolean;
}

/** All clusters' authorities have this name, by which clients choose what certificate to show; whose a certificate is, its signature says. */
const NAME = encodeName({ commonName: 'logplane-ca' });

/** The authority is as old as its key, of which nobody knows when it was made; it ends with the secret of the deployment, at the latest when years have five digits in UTCTime. */
const NOT_BEFORE = Date.parse('2020-01-01T00:00:00Z');
const NOT_AFTER = Date.parse('2049-12-31T23:59:59Z');

/** keyCertSign and cRLSign (RFC 5280, 4.2.1.3), and digitalSignature, as kubeadm has it. */
const KEY_USAGE = (1 << 0) | (1 << 5) | (1 << 6);

/** The authority of a cluster, whose key is derived from the secret of its deployment: every process has it, and what one cluster signs is nothing to another. */
export function certificateAuthorityOf(secret: Uint8Array, cluster: string): CertificateAuthority {
  const { privateKey, publicKey } = derivedKey(secret, (attempt) => `logplane certificate authority ${attempt} ${cluster}`);
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const signed: Sign = (bytes) => sign('sha256', bytes, privateKey);
  const der = issue(
    {
      serialNumber: createHash('sha256').update(keyInfo).digest().subarray(0, 16),
      issuer: NAME,
      subject: NAME,
      publicKey: keyInfo,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      keyUsage: KEY_USAGE,
      extendedKeyUsages: [],
      isAuthority: true,
      authorityKey: keyInfo,
    },
    signed,
  );
  let known: string | undefined;
  return {
    certificate: pemOf('CERTIFICATE', der),
    name: NAME,
    keyInfo,
    publicKey,
    notAfter: NOT_AFTER,
    sign: signed,
    isCertificate(pem) {
      if (pem === known) return true;
      const [block, ...more] = pemBlocks(pem);
      if (!block || more.length > 0 || !signedPart(block.bytes)?.equals(signedPart(der)!) || !certificateIn(block.bytes)?.verify(publicKey)) return false;
      known = pem;
      return true;
    },
  };
}

function signedPart(der: Buffer): Buffer | undefined {
  try {
    return new DerReader(der).sequence('certificate').any().raw;
  } catch {
    return undefined;
  }
}
