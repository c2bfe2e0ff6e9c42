const UNITS: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ns: 1n,
};

const PART = /(\d*)(?:\.(\d*))?(h|ms|m|us|µs|μs|ns|s)/y;

/** A duration as Go writes it, in nanoseconds, exactly (time.ParseDuration): `1h30m`, `-1.5s`. undefined: it is none, or does not fit into 64 bits. */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const unsigned = negative || text.startsWith('+') ? text.slice(1) : text;
  if (unsigned === '0') return 0n;
  let total = 0n;
  let at = 0;
  while (at < unsigned.length) {
    PART.lastIndex = at;
    const match = PART.exec(unsigned);
    if (!match || (!match[1] && !match[2])) return undefined;
    const unit = UNITS[match[3]!]!;
    // More digits than a nanosecond has do not count.
    const fraction = (match[2] ?? '').slice(0, 18);
    total += BigInt(match[1] || 0) * unit + (BigInt(fraction || 0) * unit) / 10n ** BigInt(fraction.length);
    at = PART.lastIndex;
  }
  if (at === 0 || total > (negative ? 2n ** 63n : 2n ** 63n - 1n)) return undefined;
  return negative ? -total : total;
}

/** In seconds, as `string(duration)` has it: `5400s`, `-1.5s`. */
export function durationText(nanos: bigint): string {
  // Go goes by way of a floating-point number, and so do its roundings.
  const seconds = Number(nanos / 1_000_000_000n) + Number(nanos % 1_000_000_000n) / 1e9;
  return `${plainDecimal(seconds)}s`;
}

/** Without an exponent, as Go's strconv.FormatFloat(x, 'f', -1, 64). */
function plainDecimal(x: number): string {
  const text = String(x);
  const exponent = /e([+-]\d+)$/.exec(text);
  if (!exponent) return Object.is(x, -0) ? '-0' : text;
  const sign = x < 0 ? '-' : '';
  const digits = text.slice(sign.length, exponent.index).replace('.', '');
  const shift = Number(exponent[1]);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${digits}`;
  return `${sign}${digits.padEnd(shift + 1, '0')}`;
}
