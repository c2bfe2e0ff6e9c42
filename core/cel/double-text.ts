/** As Go's `%g` writes it, with the fewest digits that say which number it is: `0.5`, `1e+06`, `1.23456789e+08`, `+Inf`. */
export function doubleText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? '+Inf' : '-Inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [mantissa, exponent] = x.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return String(x);
}

/** A number as Go's strconv.ParseFloat takes it; undefined: it is none, or too large. */
export function parseDouble(text: string): number | undefined {
  const lower = withoutUnderscores(text.toLowerCase());
  if (/^[+-]?(?:inf|infinity)$/.test(lower)) return lower.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(lower)) return Number.NaN;
  if (HEXADECIMAL.test(lower)) return parseHexadecimal(lower);
  if (!DECIMAL.test(lower)) return undefined;
  const value = Number(lower);
  return Number.isFinite(value) ? value : undefined;
}

/** They may stand between digits. */
const withoutUnderscores = (text: string) => (/(?<![0-9a-fx])_|_(?![0-9a-f])/.test(text) ? text : text.replaceAll('_', ''));

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/;
const HEXADECIMAL = /^[+-]?0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)p[+-]?\d+$/;

function parseHexadecimal(text: string): number | undefined {
  const [, sign, whole, fraction = '', power] = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/.exec(text)!;
  const value = Number(BigInt(`0x0${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  return Number.isFinite(value) ? (sign === '-' ? -value : value) : undefined;
}
