import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** How something was signed (RFC 5280, 4.1.1.2), as far as Go's crypto/x509 knows it. */
interface SignatureAlgorithm {
  /** As Go prints it. */
  readonly name: string;
  readonly keys: 'rsa' | 'ec' | 'ed25519';
  /** None: the algorithm has its own. */
  readonly hash?: string;
}

const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': { name: 'MD5-RSA', keys: 'rsa', hash: 'md5' },
  '1.2.840.113549.1.1.5': { name: 'SHA1-RSA', keys: 'rsa', hash: 'sha1' },
  '1.2.840.113549.1.1.11': { name: 'SHA256-RSA', keys: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { name: 'SHA384-RSA', keys: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { name: 'SHA512-RSA', keys: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.1': { name: 'ECDSA-SHA1', keys: 'ec', hash: 'sha1' },
  '1.2.840.10045.4.3.2': { name: 'ECDSA-SHA256', keys: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { name: 'ECDSA-SHA384', keys: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { name: 'ECDSA-SHA512', keys: 'ec', hash: 'sha512' },
  '1.3.101.112': { name: 'Ed25519', keys: 'ed25519' },
};

/** RSASSA-PSS names its hash in its parameters: the three that Go knows, as their identifiers stand in there (2.16.840.1.101.3.4.2.1 to 3). */
const PSS = '1.2.840.113549.1.1.10';
const PSS_HASHES = [
  { mark: Buffer.from('608648016503040201', 'hex'), hash: 'sha256', name: 'SHA256-RSAPSS' },
  { mark: Buffer.from('608648016503040202', 'hex'), hash: 'sha384', name: 'SHA384-RSAPSS' },
  { mark: Buffer.from('608648016503040203', 'hex'), hash: 'sha512', name: 'SHA512-RSAPSS' },
];

interface Signed {
  readonly algorithm: string;
  readonly parameters: Buffer;
  readonly signed: Buffer;
  readonly signature: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
}

/** What is wrong with a signature, in the words of Go's crypto/x509 (CheckSignature, of a request); undefined: it is good. */
export function signatureProblem({ algorithm: id, parameters, signed, signature, publicKey }: Signed): string | undefined {
  const pss = id === PSS ? PSS_HASHES.find(({ mark }) => parameters.includes(mark)) : undefined;
  const algorithm: SignatureAlgorithm | undefined = pss ? { name: pss.name, keys: 'rsa', hash: pss.hash } : ALGORITHMS[id];
  if (!algorithm) return UNSUPPORTED;
  if (algorithm.hash === 'md5') return `x509: cannot verify signature: insecure algorithm ${algorithm.name}`;
  const key = keyIn(publicKey);
  const type = key?.asymmetricKeyType;
  if (!key && publicKey.includes(ED25519)) return 'x509: wrong Ed25519 public key size';
  if (!key || (type !== 'rsa' && type !== 'ec' && type !== 'ed25519')) return UNSUPPORTED;
  if (type !== algorithm.keys)
    return `x509: signature algorithm specifies an ${GO_ALGORITHMS[algorithm.keys]} public key, but have public key of type ${GO_TYPES[type]}`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY;
  if (bits < 1024) return `crypto/rsa: ${bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`;
  const padded = pss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : key;
  return verify(algorithm.hash ?? null, signed, padded, signature) ? undefined : FAILURES[type];
}

/** Its identifier, as it stands in a SubjectPublicKeyInfo. */
const ED25519 = Buffer.from('06032b6570', 'hex');

const UNSUPPORTED = 'x509: cannot verify signature: algorithm unimplemented';
const GO_ALGORITHMS = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' };
const GO_TYPES = { rsa: '*rsa.PublicKey', ec: '*ecdsa.PublicKey', ed25519: 'ed25519.PublicKey' };
const FAILURES = { rsa: 'crypto/rsa: verification error', ec: 'x509: ECDSA verification failure', ed25519: 'x509: Ed25519 verification failure' };

function keyIn(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
