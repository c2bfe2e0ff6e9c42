import { DerReader, PRINTABLE_STRING, SEQUENCE, SET, syntaxError, UTF8_STRING } from './der.ts';
import { objectIdentifier, sequence, set, text } from './der-writer.ts';

/** What of a name (X.501) Go takes in and gives out again (crypto/x509/pkix, Name): what else it holds a certificate does not get. */
export interface DistinguishedName {
  readonly commonName: string;
  readonly serialNumber: string;
  readonly country: readonly string[];
  readonly organization: readonly string[];
  readonly organizationalUnit: readonly string[];
  readonly locality: readonly string[];
  readonly province: readonly string[];
  readonly streetAddress: readonly string[];
  readonly postalCode: readonly string[];
  /** Of what Kubernetes has given an identifier of its own (kube.io's arc, X509UID): the uids of the user. */
  readonly uids: readonly string[];
}

/** Throws Asn1Error. */
export function nameIn(der: Uint8Array): DistinguishedName {
  const values = new Map<string, string[]>();
  for (const { contents: members } of new DerReader(der).sequence('RDNSequence').elements(SET)) {
    for (const { contents: pair } of new DerReader(members).elements(SEQUENCE)) {
      const attribute = new DerReader(pair);
      const type = attribute.objectIdentifier();
      const { tag, contents } = attribute.any();
      const value = textIn(tag, contents);
      if (value !== undefined) values.set(type, [...(values.get(type) ?? []), value]);
    }
  }
  const all = (type: string) => values.get(type) ?? [];
  return {
    commonName: all(COMMON_NAME).at(-1) ?? '',
    serialNumber: all(SERIAL_NUMBER).at(-1) ?? '',
    uids: all(UID),
    country: all(LISTS.country),
    organization: all(LISTS.organization),
    organizationalUnit: all(LISTS.organizationalUnit),
    locality: all(LISTS.locality),
    province: all(LISTS.province),
    streetAddress: all(LISTS.streetAddress),
    postalCode: all(LISTS.postalCode),
  };
}

/** In the order in which Go writes them: the values of a list together (Name.ToRDNSequence). */
export function encodeName(name: Partial<Omit<DistinguishedName, 'uids'>>): Buffer {
  const lists = Object.entries(LISTS).map(([field, type]) => ({ type, values: name[field as keyof typeof LISTS] ?? [] }));
  const single = [
    { type: COMMON_NAME, values: name.commonName ? [name.commonName] : [] },
    { type: SERIAL_NUMBER, values: name.serialNumber ? [name.serialNumber] : [] },
  ];
  return sequence(
    ...[...lists, ...single]
      .filter(({ values }) => values.length > 0)
      .map(({ type, values }) => set(...values.map((value) => sequence(objectIdentifier(type), text(value))))),
  );
}

const COMMON_NAME = '2.5.4.3';
const SERIAL_NUMBER = '2.5.4.5';
const UID = '1.3.6.1.4.1.57683.2';
const LISTS = {
  country: '2.5.4.6',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  locality: '2.5.4.7',
  province: '2.5.4.8',
  streetAddress: '2.5.4.9',
  postalCode: '2.5.4.17',
} as const;

/** Undefined: it is no text. */
function textIn(tag: number, contents: Buffer): string | undefined {
  switch (tag) {
    case UTF8_STRING:
      return contents.toString('utf8');
    case PRINTABLE_STRING:
      if (!/^[A-Za-z0-9 '()+,\-./:=?*&]*$/.test(contents.toString('latin1'))) throw syntaxError('PrintableString contains invalid character');
      return contents.toString('latin1');
    case 18: // NumericString
    case 20: // T61String
    case 22: // IA5String
      return contents.toString('latin1');
    case 30: // BMPString
      return Buffer.from(contents).swap16().toString('utf16le');
    default:
      return undefined;
  }
}
