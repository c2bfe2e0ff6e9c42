import {
  BIT_STRING,
  BOOLEAN,
  contextTag,
  GENERALIZED_TIME,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  PRINTABLE_STRING,
  SEQUENCE,
  SET,
  UTC_TIME,
  UTF8_STRING,
} from './der.ts';

/** Writes by the Distinguished Encoding Rules (X.690): one function a type, each returns the whole element. */

export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...contents]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export const sequence = (...elements: readonly Uint8Array[]): Buffer => element(SEQUENCE, ...elements);

/** Its elements in the order of their octets (X.690, 11.6). */
export const set = (...elements: readonly Uint8Array[]): Buffer => element(SET, ...[...elements].sort(Buffer.compare));

/** `[n]` around an element. */
export const explicit = (number: number, contents: Uint8Array): Buffer => element(contextTag(number, { isCompound: true }), contents);

/** A whole number that is not negative, of the bytes that it is given in. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const minimal = first < 0 ? Buffer.of(0) : bytes.subarray(first);
  return minimal[0]! >= 0x80 ? element(INTEGER, Buffer.of(0), minimal) : element(INTEGER, minimal);
}

export const boolean = (value: boolean): Buffer => element(BOOLEAN, Buffer.of(value ? 0xff : 0));

export const octetString = (bytes: Uint8Array): Buffer => element(OCTET_STRING, bytes);

export const bitString = (bytes: Uint8Array, unused = 0): Buffer => element(BIT_STRING, Buffer.of(unused), bytes);

export function objectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  return element(OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const groups = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift(0x80 | (rest % 128));
  return groups;
}

/** A text of a name: of the smaller alphabet, where that will do, as Go writes it. */
export const text = (value: string): Buffer => element(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? PRINTABLE_STRING : UTF8_STRING, Buffer.from(value));

/** A time in whole seconds: with two digits of the year up to 2049 (RFC 5280, 4.1.2.5). @param ms since the epoch */
export function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  return digits < '2050' ? element(UTC_TIME, Buffer.from(digits.slice(2))) : element(GENERALIZED_TIME, Buffer.from(digits));
}
