import { contextTag, DerReader } from './der.ts';
import { element, sequence } from './der-writer.ts';

/** For whom a certificate is besides its subject, of those kinds that Go takes in and gives out again (RFC 5280, 4.2.1.6). */
export interface SubjectAlternativeNames {
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  /** 4 or 16 bytes each. */
  readonly ipAddresses: readonly Buffer[];
  readonly uris: readonly string[];
}

export const NO_NAMES: SubjectAlternativeNames = { dnsNames: [], emailAddresses: [], ipAddresses: [], uris: [] };

const EMAIL = contextTag(1);
const DNS = contextTag(2);
const URI = contextTag(6);
const IP = contextTag(7);

/** Throws in Go's words (crypto/x509, parseSANExtension). @param der the value of the extension */
export function alternativeNamesIn(der: Uint8Array): SubjectAlternativeNames {
  const names = { dnsNames: [] as string[], emailAddresses: [] as string[], ipAddresses: [] as Buffer[], uris: [] as string[] };
  const reader = new DerReader(der).sequence('GeneralNames');
  while (!reader.isAtEnd) {
    const { tag, contents } = reader.any();
    if (tag === EMAIL) names.emailAddresses.push(ia5(contents, 'rfc822Name'));
    if (tag === DNS) names.dnsNames.push(ia5(contents, 'dNSName'));
    if (tag === URI) names.uris.push(ia5(contents, 'uniformResourceIdentifier'));
    if (tag === IP) names.ipAddresses.push(address(contents));
  }
  return names;
}

/** Undefined: there are none. */
export function encodeAlternativeNames({ dnsNames, emailAddresses, ipAddresses, uris }: SubjectAlternativeNames): Buffer | undefined {
  const names = [
    ...dnsNames.map((name) => element(DNS, Buffer.from(name, 'latin1'))),
    ...emailAddresses.map((name) => element(EMAIL, Buffer.from(name, 'latin1'))),
    ...ipAddresses.map((bytes) => element(IP, bytes)),
    ...uris.map((uri) => element(URI, Buffer.from(uri, 'latin1'))),
  ];
  return names.length > 0 ? sequence(...names) : undefined;
}

function ia5(bytes: Buffer, kind: string): string {
  if (bytes.some((byte) => byte > 0x7f)) throw new Error(`x509: SAN ${kind} is malformed`);
  return bytes.toString('latin1');
}

function address(bytes: Buffer): Buffer {
  if (bytes.length !== 4 && bytes.length !== 16) throw new Error(`x509: cannot parse IP address of length ${bytes.length}`);
  return bytes;
}
