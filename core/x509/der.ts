/**
 * Reads what is written by the Distinguished Encoding Rules (X.690), in the words of Go's encoding/asn1 where it is none: they are part of what Kubernetes answers
 * (`spec.request: Invalid value: …: asn1: syntax error: data truncated`).
 */
export class DerReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** Whether the next element has a tag. */
  isNext(tag: number): boolean {
    return this.#bytes[this.#offset] === tag;
  }

  /** The next element, whatever it is. Throws Asn1Error. */
  any(): Element {
    if (this.isAtEnd) throw syntaxError('sequence truncated');
    const start = this.#offset;
    const head = readHead(this.#bytes, start);
    const end = head.contents + head.length;
    if (end > this.#bytes.length) throw syntaxError('data truncated');
    this.#offset = end;
    return { tag: this.#bytes[start]!, contents: this.#bytes.subarray(head.contents, end), raw: this.#bytes.subarray(start, end) };
  }

  /** The next element, which is to be of a type. @param name of the type in Go, for what is said when it is another. Throws Asn1Error. */
  next(tag: number, name: string): Element {
    const start = this.#offset;
    if (this.isAtEnd) throw syntaxError('sequence truncated');
    const head = readHead(this.#bytes, start);
    const found = this.#bytes[start]!;
    if (found !== tag) {
      const is = `{class:${found >> 6} tag:${head.number} length:${head.length} isCompound:${(found & COMPOUND) !== 0}}`;
      throw new Asn1Error(`asn1: structure error: tags don't match (${tag & NUMBER} vs ${is}) ${NO_PARAMETERS} ${name} @${head.contents}`);
    }
    return this.any();
  }

  sequence(name: string): DerReader {
    return new DerReader(this.next(SEQUENCE, name).contents);
  }

  /** What is left, which is a list of elements of one type. Throws Asn1Error. */
  elements(tag: number): Element[] {
    const elements: Element[] = [];
    while (!this.isAtEnd) {
      const start = this.#offset;
      const { contents, length } = readHead(this.#bytes, start);
      if (this.#bytes[start] !== tag) throw structureError('sequence tag mismatch');
      if (contents + length > this.#bytes.length) throw syntaxError('truncated sequence');
      elements.push(this.any());
    }
    return elements;
  }

  integer(): Buffer {
    const { contents } = this.next(INTEGER, 'int');
    if (contents.length === 0) throw structureError('empty integer');
    const [first, second] = contents as unknown as [number, number | undefined];
    const isPadded = (first === 0 && second! < 0x80) || (first === 0xff && second! >= 0x80);
    if (contents.length > 1 && isPadded) throw structureError('integer not minimally-encoded');
    return contents;
  }

  objectIdentifier(): string {
    return objectIdentifierIn(this.next(OBJECT_IDENTIFIER, 'ObjectIdentifier').contents);
  }

  /** The bytes of a BIT STRING. */
  bitString(): Buffer {
    const { contents } = this.next(BIT_STRING, 'BitString');
    if (contents.length === 0) throw syntaxError('zero length BIT STRING');
    const padding = contents[0]!;
    const isWrong = padding > 7 || (contents.length === 1 && padding > 0) || (contents.at(-1)! & ((1 << padding) - 1)) !== 0;
    if (isWrong) throw syntaxError('invalid padding bits in BIT STRING');
    return contents.subarray(1);
  }
}

/** An element: its identifier octet, what it holds, and the whole of it. */
export interface Element {
  readonly tag: number;
  readonly contents: Buffer;
  readonly raw: Buffer;
}

/** What is no DER, or not of the type that is expected. */
export class Asn1Error extends Error {}

const COMPOUND = 0x20;
const NUMBER = 0x1f;

export const BOOLEAN = 1;
export const INTEGER = 2;
export const BIT_STRING = 3;
export const OCTET_STRING = 4;
export const OBJECT_IDENTIFIER = 6;
export const UTF8_STRING = 12;
export const PRINTABLE_STRING = 19;
export const UTC_TIME = 23;
export const GENERALIZED_TIME = 24;
export const SEQUENCE = 0x30;
export const SET = 0x31;
/** `[n]`, of this structure alone. */
export const contextTag = (number: number, { isCompound = false } = {}): number => 0x80 | (isCompound ? COMPOUND : 0) | number;

export const syntaxError = (what: string) => new Asn1Error(`asn1: syntax error: ${what}`);
const structureError = (what: string) => new Asn1Error(`asn1: structure error: ${what}`);

/** How Go prints that a field has no tag of its own. */
const NO_PARAMETERS =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';

interface Head {
  readonly number: number;
  readonly length: number;
  /** Where the contents begin. */
  readonly contents: number;
}

/** The tag and the length (parseTagAndLength). */
function readHead(bytes: Buffer, start: number): Head {
  let number = bytes[start]! & NUMBER;
  let offset = start + 1;
  if (number === NUMBER) ({ number, offset } = readLongTag(bytes, offset));
  if (offset >= bytes.length) throw syntaxError('truncated tag or length');
  const first = bytes[offset++]!;
  if (first < 0x80) return { number, length: first, contents: offset };
  const count = first & 0x7f;
  if (count === 0) throw syntaxError('indefinite length found (not DER)');
  let length = 0;
  for (let i = 0; i < count; i++) {
    if (offset >= bytes.length) throw syntaxError('truncated tag or length');
    if (length >= 1 << 23) throw structureError('length too large');
    length = length * 256 + bytes[offset++]!;
    if (length === 0) throw structureError('superfluous leading zeros in length');
  }
  if (length < 0x80) throw structureError('non-minimal length');
  return { number, length, contents: offset };
}

function readLongTag(bytes: Buffer, start: number): { number: number; offset: number } {
  const { value: number, offset } = base128(bytes, start);
  if (number < NUMBER) throw syntaxError('non-minimal tag');
  return { number, offset };
}

/** A number in groups of seven bits, the first one first (parseBase128Int). */
function base128(bytes: Buffer, start: number): { value: number; offset: number } {
  let value = 0;
  for (let i = 0; start + i < bytes.length; i++) {
    if (i === 5) throw structureError('base 128 integer too large');
    const byte = bytes[start + i]!;
    if (i === 0 && byte === 0x80) throw syntaxError('integer is not minimally encoded');
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (value > 0x7fff_ffff) throw structureError('base 128 integer too large');
    return { value, offset: start + i + 1 };
  }
  throw syntaxError('truncated base 128 integer');
}

function objectIdentifierIn(bytes: Buffer): string {
  if (bytes.length === 0) throw syntaxError('zero length OBJECT IDENTIFIER');
  const numbers: number[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const next = base128(bytes, offset);
    numbers.push(next.value);
    offset = next.offset;
  }
  const [first = 0, ...rest] = numbers;
  return [Math.min(2, Math.floor(first / 40)), first < 80 ? first % 40 : first - 80, ...rest].join('.');
}
