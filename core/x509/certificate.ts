import { X509Certificate } from 'node:crypto';
import { DerReader } from './der.ts';
import { type DistinguishedName, nameIn } from './distinguished-name.ts';
import { pemBlocks } from './pem.ts';

/** What is wrong with the text of issued certificates, in the words of pkg/apis/certificates/validation (validateCertificate); undefined: nothing. */
export function certificatesProblem(pem: string): string | undefined {
  const blocks = pemBlocks(pem);
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    if (!certificateIn(bytes)) return 'x509: malformed certificate';
  }
  return blocks.length > 0 ? undefined : 'must contain at least one CERTIFICATE PEM block';
}

/** Undefined: it is none. */
export function certificateIn(der: Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(der);
    // OpenSSL takes a certificate with anything behind it.
    return certificate.raw.length === der.byteLength ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** The first certificate of a text. */
export function firstCertificate(pem: string): X509Certificate | undefined {
  const block = pemBlocks(pem).find(({ type }) => type === 'CERTIFICATE');
  return block && certificateIn(block.bytes);
}

/** Its subject, read from its DER: what Node shows of it is text, in which one value cannot be told from two. */
export function subjectOf({ raw }: X509Certificate): DistinguishedName {
  const signed = new DerReader(raw).sequence('certificate').sequence('tbsCertificate');
  if (signed.isNext(VERSION)) signed.any();
  for (const _ of BEFORE_THE_SUBJECT) signed.any();
  return nameIn(signed.any().raw);
}

const VERSION = 0xa0;
const BEFORE_THE_SUBJECT = ['serialNumber', 'signature', 'issuer', 'validity'];
