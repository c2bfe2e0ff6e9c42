import { parseDuration } from '../duration-text.ts';
import { int64 } from '../overflow.ts';
import { Failure } from '../value.ts';

const HOUR = 3_600_000_000_000n;

/** By name, with the plural of the last one, or whatever else begins with it. */
const units: readonly [names: readonly string[], nanos: bigint][] = [
  [['ns', 'nano'], 1n],
  [['us', 'µs', 'micro'], 1_000n],
  [['ms', 'milli'], 1_000_000n],
  [['s', 'sec'], 1_000_000_000n],
  [['m', 'min'], 60_000_000_000n],
  [['h', 'hr', 'hour'], HOUR],
  [['d', 'day'], 24n * HOUR],
  [['w', 'wk', 'week'], 7n * 24n * HOUR],
];

/** The nanoseconds of a value of the format `duration`: Go's, or numbers with units, `3 weeks` (k8s.io/kube-openapi/pkg/validation/strfmt/duration.go). */
export function parseDurationFormat(text: string): bigint | undefined {
  const plain = parseDuration(text);
  if (plain !== undefined) return plain;
  let total: bigint | undefined;
  for (const [, digits, word] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    if (digits!.length > 19) return undefined;
    for (const [names, nanos] of units) {
      const matches = names.some((name, i) => name === word!.toLowerCase() || (i === names.length - 1 && word!.toLowerCase().startsWith(name)));
      if (matches) total = (total ?? 0n) + BigInt(digits!) * nanos;
    }
  }
  const checked = total === undefined ? undefined : int64(total);
  return checked instanceof Failure ? undefined : checked;
}
