/** What a usage of the API means in a certificate (authority/policies.go): a bit of its KeyUsage (RFC 5280, 4.2.1.3), or an identifier (4.2.1.12). */

const BITS: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
};

/** In the order in which Go writes them. */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

export const keyUsageOf = (usages: readonly string[]): number => usages.reduce((bits, usage) => (usage in BITS ? bits | (1 << BITS[usage]!) : bits), 0);

export const extendedKeyUsagesOf = (usages: readonly string[]): string[] => [
  ...new Set(Object.keys(IDENTIFIERS).flatMap((usage) => (usages.includes(usage) ? [IDENTIFIERS[usage]!] : []))),
];
