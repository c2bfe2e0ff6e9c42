/**
 * A Kubernetes quantity, exact: `100m`, `1.5Gi`, `2e3`. Follows apimachinery's `resource.Quantity`: the finest unit is a nano (smaller parts round
 * away from zero), and the suffix that it was written with decides how it is printed.
 */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  readonly amount: Amount;
}

/**
 * How apimachinery holds the value: `unscaled × 10^scale`. It is an `int64Amount` as long as it is short, and an `inf.Dec` otherwise, which expressions can see:
 * the latter is never an integer to them (`Quantity.AsInt64`).
 */
export interface Amount {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly int64: boolean;
}

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A text that is not a quantity; the message is the one that Kubernetes gives. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/** Throws `QuantityError`. Parsing the same text again is free: the values of a cluster are few. */
export const parseQuantity = (text: string): Quantity => read(text).quantity;

/**
 * The text that Kubernetes keeps for a quantity: largest suffix without a fraction (`0.5` → `500m`, `1.5Gi` → `1536Mi`, `1000` → `1k`).
 * Throws `QuantityError`.
 */
export const canonicalQuantity = (text: string): string => read(text).canonical;

/** The whole value, a fraction rounded away from zero: bytes of `1Ki`, 1 for `100m`. Throws `QuantityError`. */
export const value = (text: string): number => read(text).value;

/** In thousandths, a fraction rounded away from zero: 100 for `100m`, 2000 for `2`. Throws `QuantityError`. */
export const milliValue = (text: string): number => read(text).milli;

/** Above this, Kubernetes compares whole values, not thousandths (resource.MaxMilliValue). */
export const MOST_MILLI = Math.floor(2 ** 63 / 1000);

export const isQuantity = (text: string): boolean => {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
};

/** Below zero when `a` is less than `b`, above when more, zero when they are worth the same, however written. Throws `QuantityError`. */
export function compareQuantities(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [parseQuantity(a).nanos, parseQuantity(b).nanos];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** What two are worth together, in the format of the first (Quantity.Add). Throws `QuantityError`. */
export function sumQuantities(a: string, b: string): string {
  const [x, y] = [parseQuantity(a), parseQuantity(b)];
  return formatQuantity({ nanos: x.nanos + y.nanos, format: x.nanos === 0n ? y.format : x.format });
}

/** The canonical text (Quantity.CanonicalizeBytes). */
export function formatQuantity({ nanos, format }: Pick<Quantity, 'nanos' | 'format'>): string {
  if (nanos === 0n) return '0';
  const kibi = 1024n * NANO;
  const whole = nanos % NANO === 0n;
  if (format === 'BinarySI' && whole && (nanos >= kibi || nanos <= -kibi)) {
    const [digits, exponent] = withoutFactors(nanos / NANO, 1024n, BINARY.length - 1);
    return `${digits}${BINARY[exponent]}`;
  }
  const [digits, thousands] = withoutFactors(nanos, 1000n, format === 'DecimalExponent' ? Number.MAX_SAFE_INTEGER : DECIMAL.length - 1);
  if (format !== 'DecimalExponent') return `${digits}${DECIMAL[thousands]}`;
  return thousands === 3 ? `${digits}` : `${digits}e${(thousands - 3) * 3}`;
}

const NANO = 1_000_000_000n;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** Divides by `factor` as often as it goes without a rest: the quotient, and how often. */
function withoutFactors(amount: bigint, factor: bigint, most: number): [bigint, number] {
  let times = 0;
  while (times < most && amount % factor === 0n) {
    amount /= factor;
    times++;
  }
  return [amount, times];
}

interface Read {
  readonly quantity: Quantity;
  readonly canonical: string;
  readonly value: number;
  readonly milli: number;
}

// Pure and bounded, so that it may be shared by all clusters of a process.
const seen = new Map<string, Read>();
const MOST_SEEN = 10_000;

function read(text: string): Read {
  const known = seen.get(text);
  if (known) return known;
  const { keepsText, ...quantity } = parse(text);
  const canonical = keepsText ? text : formatQuantity(quantity);
  const result = { quantity, canonical, value: rounded(quantity.nanos, NANO), milli: rounded(quantity.nanos, 1_000_000n) };
  if (seen.size >= MOST_SEEN) seen.clear();
  seen.set(text, result);
  return result;
}

const rounded = (amount: bigint, unit: bigint) => Number(divideAwayFromZero(amount, unit));

function divideAwayFromZero(amount: bigint, unit: bigint): bigint {
  const quotient = amount / unit;
  return amount % unit === 0n ? quotient : quotient + (amount < 0n ? -1n : 1n);
}

const NUMBER_AND_SUFFIX = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
// apimachinery caps what has a binary suffix, and nothing else.
const MOST_BINARY = (2n ** 63n - 1n) * NANO;

/** More digits than any amount has. Arithmetic with a megabyte of them takes its time, and so does finding out that they are no number. */
const LONGEST = 256;

function parse(text: string): Quantity & { keepsText: boolean } {
  const match = text === '' || text.length > LONGEST ? null : NUMBER_AND_SUFFIX.exec(text);
  if (!match) throw new QuantityError(wrongFormat);
  const [, sign, integer = '', fraction = '', suffix = ''] = match;
  const { base, exponent, format } = interpret(suffix);
  const digits = (integer.replace(/^0+/, '') || '0') + fraction;
  const unscaled = BigInt(digits) * (base === 2 ? 2n ** BigInt(exponent) : 1n);
  const scale = (base === 10 ? exponent : 0) - fraction.length + 9;
  const exact = scale >= 0 ? unscaled * 10n ** BigInt(scale) : divideAwayFromZero(unscaled, 10n ** BigInt(-scale));
  const magnitude = base === 2 && exact > MOST_BINARY ? MOST_BINARY : exact;
  const nanos = sign === '-' ? -magnitude : magnitude;
  const int64 = isInt64Amount(digits, fraction, { base, exponent });
  return {
    nanos,
    format: base === 2 && magnitude < NANO ? 'DecimalSI' : format,
    amount: int64 ? { unscaled: sign === '-' ? -unscaled : unscaled, scale: scale - 9, int64 } : { unscaled: nanos, scale: -9, int64 },
    keepsText: keepsText(text, digits, fraction, { base, exponent }),
  };
}

/** Whether ParseQuantity takes its shortcut: no more digits than surely fit into 64 bits. */
function isInt64Amount(digits: string, fraction: string, { base, exponent }: { base: 2 | 10; exponent: number }): boolean {
  if (base === 2) return fraction === '' && digits.length + Math.trunc((exponent * 3) / 10) + 1 <= 15;
  return digits.length <= 18 && exponent - fraction.length >= -9;
}

/**
 * Whether Kubernetes keeps the text as it was given. ParseQuantity takes a shortcut for short texts that look canonical at a glance, so that it
 * keeps some that are not quite (`1.500`, `+1Mi`); clients can see that, so it is the same here.
 */
function keepsText(text: string, digits: string, fraction: string, { base, exponent }: { base: 2 | 10; exponent: number }): boolean {
  if (text === '0') return true;
  if (!isInt64Amount(digits, fraction, { base, exponent })) return false;
  if (base === 2) return Number(BigInt(digits) & 7n) !== 0;
  return (exponent - fraction.length) % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

const exponents: Record<string, { base: 2 | 10; exponent: number; format: QuantityFormat }> = {};
BINARY.slice(1).forEach((suffix, i) => {
  exponents[suffix] = { base: 2, exponent: (i + 1) * 10, format: 'BinarySI' };
});
DECIMAL.forEach((suffix, i) => {
  exponents[suffix] = { base: 10, exponent: (i - 3) * 3, format: 'DecimalSI' };
});
// Far beyond what an int64 of nanos holds: a bound on how much work a few letters can ask for.
const MOST_EXPONENT = 400;

function interpret(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  if (Object.hasOwn(exponents, suffix)) return exponents[suffix]!;
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(suffix);
  if (!exponent || Math.abs(Number(exponent[1])) > MOST_EXPONENT) throw new QuantityError("unable to parse quantity's suffix");
  return { base: 10, exponent: Number(exponent[1]), format: 'DecimalExponent' };
}
