import { createHash } from 'node:crypto';
import { DerReader } from './der.ts';
import { bitString, boolean, element, explicit, integer, objectIdentifier, octetString, sequence, time } from './der-writer.ts';
import type { SubjectAlternativeNames } from './subject-alternative-names.ts';
import { encodeAlternativeNames } from './subject-alternative-names.ts';

/** What a certificate (RFC 5280) is to say. */
export interface CertificateTemplate {
  readonly serialNumber: Uint8Array;
  /** Names, DER. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** ms since the epoch; whole seconds count. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The bits of its KeyUsage (4.2.1.3), the first one lowest; 0: none is said. */
  readonly keyUsage: number;
  /** Object identifiers (4.2.1.12). */
  readonly extendedKeyUsages: readonly string[];
  /** Whether other certificates may be signed with its key. */
  readonly isAuthority: boolean;
  readonly names?: SubjectAlternativeNames;
  /** SubjectPublicKeyInfo of who signs, DER: certificates of one authority name its key. */
  readonly authorityKey: Buffer;
}

/** Signs bytes with ECDSA and SHA-256. */
export type Sign = (bytes: Buffer) => Buffer;

/** A certificate, DER. Its extensions are those of Go's crypto/x509, in their order. */
export function issue(template: CertificateTemplate, sign: Sign): Buffer {
  const { serialNumber, issuer, subject, publicKey, notBefore, notAfter } = template;
  const signed = sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    explicit(3, sequence(...extensionsOf(template))),
  );
  return sequence(signed, ECDSA_WITH_SHA256, bitString(sign(signed)));
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

function extensionsOf({ keyUsage, extendedKeyUsages, isAuthority, names, subject, publicKey, authorityKey }: CertificateTemplate): Buffer[] {
  const alternatives = names && encodeAlternativeNames(names);
  const hasSubject = !new DerReader(new DerReader(subject).any().contents).isAtEnd;
  return [
    ...(keyUsage ? [extension('2.5.29.15', flags(keyUsage), { critical: true })] : []),
    ...(extendedKeyUsages.length > 0 ? [extension('2.5.29.37', sequence(...extendedKeyUsages.map(objectIdentifier)))] : []),
    extension('2.5.29.19', isAuthority ? sequence(boolean(true)) : sequence(), { critical: true }),
    ...(isAuthority ? [extension('2.5.29.14', octetString(keyIdOf(publicKey)))] : []),
    extension('2.5.29.35', sequence(element(KEY_IDENTIFIER, keyIdOf(authorityKey)))),
    // Without a subject, they alone say whose it is (4.2.1.6).
    ...(alternatives ? [extension('2.5.29.17', alternatives, { critical: !hasSubject })] : []),
  ];
}

const KEY_IDENTIFIER = 0x80;

const extension = (id: string, value: Buffer, { critical = false } = {}): Buffer =>
  sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));

/** A BIT STRING that ends with the last bit that is set. */
function flags(bits: number): Buffer {
  const last = 31 - Math.clz32(bits);
  const bytes = Buffer.alloc((last >> 3) + 1);
  for (let bit = 0; bit <= last; bit++) if (bits & (1 << bit)) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  return bitString(bytes, 7 - (last & 7));
}

/** By which certificates name a key: the first 160 bits of the hash of its bits (RFC 7093, method 1), as Go makes it. */
function keyIdOf(publicKey: Buffer): Buffer {
  const info = new DerReader(publicKey).sequence('publicKeyInfo');
  info.any();
  return createHash('sha256').update(info.bitString()).digest().subarray(0, 20);
}
