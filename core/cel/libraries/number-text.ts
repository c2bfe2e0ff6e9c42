/** Digits behind the point, exactly: the value of a double is rounded half to even, as Go does (`%.6f`). `+Inf`, `-Inf` and `NaN` are themselves. */
export function fixed(x: number, places: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? '+Inf' : '-Inf';
  const { mantissa, exponent } = partsOf(Math.abs(x));
  // No double has more digits than these; the others are zeros.
  const exact = Math.min(places, 1074);
  const digits = timesPowers(mantissa, exponent, exact)
    .toString()
    .padStart(exact + 1, '0');
  const point = digits.length - exact;
  return `${x < 0 || Object.is(x, -0) ? '-' : ''}${digits.slice(0, point)}${places ? `.${digits.slice(point).padEnd(places, '0')}` : ''}`;
}

/**
 * `%f` as `golang.org/x/text/message` prints it in English, which cel-go formats with: digits in groups of three, `∞`, no sign of a zero. It keeps the least number of digits
 * behind the point in 8 bits and the most in 16; where that comes out negative, the fewest digits that say which number it is are enough.
 */
export function localizedFixed(x: number, precision: number): string {
  if (!Number.isFinite(x)) return localizedSpecial(x);
  const [least, most] = [precision & 0xff, (precision << 16) >> 16];
  const [whole = '', fraction = ''] = fixed(Math.abs(x), most < 0 ? placesOf(x) : most).split('.');
  const shown = fraction.replace(/0+$/, '').padEnd(least, '0');
  return `${x < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${shown && `.${shown}`}`;
}

/** `%e` in the same way, six digits behind the point: `1.500000×10⁰⁰`. What cel-go takes for the precision is the width, filled with blanks. */
export function localizedScientific(x: number, width: number): string {
  if (!Number.isFinite(x)) return padded(localizedSpecial(x), width);
  let power = x === 0 ? 0 : Number(x.toExponential().split('e')[1]);
  let digits = significant(Math.abs(x), power);
  if (digits.length > 7) {
    power++;
    digits = digits.slice(0, 7);
  }
  const exponent = String(Math.abs(power))
    .padStart(2, '0')
    .replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  return padded(`${x < 0 ? '-' : ''}${digits[0]}.${digits.slice(1)}×10${power < 0 ? '⁻' : ''}${exponent}`, width);
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const localizedSpecial = (x: number): string => (Number.isNaN(x) ? 'NaN' : x > 0 ? '∞' : '-∞');

const padded = (text: string, width: number): string => text.padStart(Math.min(width, MOST_WIDTH));
/** No width that a formatted text is worth. */
const MOST_WIDTH = 1_000_000;

/** Seven digits of it, or eight when rounding carries over. */
function significant(x: number, power: number): string {
  const { mantissa, exponent } = partsOf(x);
  return timesPowers(mantissa, exponent, 6 - power)
    .toString()
    .padStart(7, '0');
}

/** A double that is not negative is mantissa × 2^exponent. */
function partsOf(x: number): { mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const whole = bits.getBigUint64(0);
  const biased = Number(whole >> 52n);
  const fraction = whole & (2n ** 52n - 1n);
  return biased === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (2n ** 52n), exponent: biased - 1075 };
}

/** mantissa × 2^two × 10^ten, to the nearest integer, half to even. */
function timesPowers(mantissa: bigint, two: number, ten: number): bigint {
  const numerator = mantissa * power(2n, two) * power(10n, ten);
  const denominator = power(2n, -two) * power(10n, -ten);
  const [quotient, rest] = [numerator / denominator, (numerator % denominator) * 2n];
  return rest > denominator || (rest === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

const power = (base: bigint, exponent: number): bigint => (exponent > 0 ? base ** BigInt(exponent) : 1n);

/** How many digits behind the point the shortest text of it has. */
function placesOf(x: number): number {
  const [mantissa, exponent] = Math.abs(x).toExponential().split('e');
  return Math.max(mantissa!.replace('.', '').length - 1 - Number(exponent), 0);
}
