import { isIPv4, isIPv6 } from 'node:net';
import { parseGoDuration } from '../../kube/go-duration.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';

/** The formats that schemas may name, as kube-openapi checks them (pkg/validation/strfmt), by their names without dashes. */

type Check = (text: string) => boolean;

/** The check of a format; undefined when it is none that Kubernetes 1.36 knows: such a format is ignored. */
export const formatCheck = (format: string): Check | undefined => {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(checks, name) ? checks[name] : undefined;
};

/** The format of a schema, if it is one that values of its type may have (apiserver/validation/formats.go). */
export function supportedFormat({ type, format, 'x-kubernetes-int-or-string': intOrString }: JSONSchemaProps): string | undefined {
  if (!format) return undefined;
  const known = numberFormats[intOrString ? '' : (type ?? '')];
  if (known) return known.includes(format) ? format : undefined;
  return !type || type === 'string' || intOrString ? formatCheck(format) && format : undefined;
}

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
  boolean: [],
  array: [],
  object: [],
};

const matching =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const UUID = (version: string, variant = '[0-9a-f]') =>
  matching(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i'));

const checks: Readonly<Record<string, Check>> = {
  bsonobjectid: matching(/^[0-9a-f]{24}$/i),
  byte: matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  cidr: isCidr,
  creditcard: isCreditCard,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: isEmail,
  hexcolor: matching(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  hostname: isHostname,
  ipv4: (text) => text.includes('.') && isAddress(text),
  ipv6: (text) => text.includes(':') && isAddress(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  k8slongname: (text) => text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
  k8sshortname: (text) => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text),
  mac: isMac,
  password: () => true,
  rgbcolor: isRgbColor,
  ssn: matching(/^(?=.{11}$)\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isRequestUri,
  uuid: UUID('[0-9a-f]'),
  uuid3: UUID('3'),
  uuid4: UUID('4', '[89ab]'),
  uuid5: UUID('5', '[89ab]'),
};

/** net.ParseIP, which takes leading zeros here as it did before Go 1.17, and no zones. */
function isAddress(text: string): boolean {
  const plain = text.replace(/(^|[.:])0+(?=\d+(?:\.|$))/g, '$1');
  return isIPv4(plain) || (isIPv6(plain) && !text.includes('%'));
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  return slash > 0 && /^\d{1,3}$/.test(bits) && isAddress(address) && Number(bits) <= (address.includes(':') ? 128 : 32);
}

const digitsOf = (text: string) => Array.from(text, Number);

/** Luhn's check digit. */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  const issuers =
    /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;
  if (!issuers.test(digits)) return false;
  const sum = digitsOf(digits)
    .reverse()
    .reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2), 0);
  return sum % 10 === 0;
}

function isIsbn10(text: string): boolean {
  const plain = text.replace(/[\s-]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(plain)) return false;
  const sum = Array.from(plain, (digit) => (digit === 'X' ? 10 : Number(digit))).reduce((total, digit, i) => total + (i + 1) * digit, 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const plain = text.replace(/[\s-]+/g, '');
  if (!/^[0-9]{13}$/.test(plain)) return false;
  const sum = digitsOf(plain.slice(0, 12)).reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 1 : 3), 0);
  return Number(plain[12]) === (10 - (sum % 10)) % 10;
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** Hours to 23, minutes and seconds to 59, and a time zone. */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  return isDate(date!) && time !== undefined && /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:.\d+)?(?:z|[+-]\d\d:\d\d)$/.test(time);
}

/** One of Go's, or parts of a number and a unit, as in Scala. */
function isDuration(text: string): boolean {
  if (parseGoDuration(text) !== undefined) return true;
  return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some(([, unit]) => {
    const name = unit!.toLowerCase();
    return /^(?:ns|us|µs|ms|s|m|h|hr|d|w|wk)$/.test(name) || /^(?:nano|micro|milli|sec|min|hour|day|week)/.test(name);
  });
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+";
const QUOTED = '"(?:[^"\\\\\\r\\n]|\\\\.)*"';
const ADDRESS = `(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${ATOM}(?:\\.${ATOM})*|\\[[^\\]\\s]*\\])`;
const email = new RegExp(`^${ADDRESS}$`);

/** net/mail.ParseAddress: alone, or in angle brackets behind a name. */
function isEmail(text: string): boolean {
  const trimmed = text.trim();
  if (!trimmed.endsWith('>')) return email.test(trimmed);
  const open = trimmed.lastIndexOf('<');
  return open >= 0 && !/[<>()[\]:;@,]/.test(trimmed.slice(0, open)) && email.test(trimmed.slice(open + 1, -1).trim());
}

const HOST =
  /^(?:[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|(?:[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u;

function isHostname(text: string): boolean {
  return text.length <= 255 && HOST.test(text) && Buffer.byteLength(text) <= 255 && text.split('.').every((label) => Buffer.byteLength(label) <= 63);
}

/** net.ParseMAC: 6, 8 or 20 bytes, with colons, dashes or dots. */
function isMac(text: string): boolean {
  const bytes = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2})*$/i.test(text)
    ? (text.length + 1) / 3
    : /^[0-9a-f]{4}(?:\.[0-9a-f]{4})+$/i.test(text)
      ? ((text.length + 1) / 5) * 2
      : 0;
  return bytes === 6 || bytes === 8 || bytes === 20;
}

function isRgbColor(text: string): boolean {
  const part = '\\s*(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*';
  return new RegExp(`^rgb\\(${part},${part},${part}\\)$`).test(text);
}

/** net/url.ParseRequestURI: an absolute URI or an absolute path. */
function isRequestUri(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a URL has none
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false;
  if (text === '*') return true;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(text)?.[0];
  const [rest = ''] = text.slice(scheme?.length ?? 0).split('?', 1);
  if (!rest.startsWith('/')) return scheme !== undefined;
  if (!rest.startsWith('//') || (scheme === undefined && rest.startsWith('///'))) return hasValidEscapes(rest);
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest)!;
  return isAuthority(authority) && hasValidEscapes(path);
}

const isAuthority = (text: string): boolean =>
  /^(?:[^\s<>"\\^`{}|[\]@]*@)?(?:\[[0-9A-Fa-f:.%\w]*\]|[^\s<>"\\^`{}|[\]:#/?@]*)(?::\d*)?$/.test(text) && hasValidEscapes(text);

const hasValidEscapes = (text: string): boolean => !/%(?![0-9A-Fa-f]{2})/.test(text);
