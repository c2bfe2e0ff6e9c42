/** The number of a quantity such as `250m`, `1.5Gi` or `2e3` (API machinery, "Quantity"): cores of CPU, bytes of memory. */
export function quantity(text: string | undefined): number {
  if (!text) return 0;
  const known = kept.get(text);
  if (known !== undefined) return known;
  const [, digits = '0', suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)(.*)$/.exec(text) ?? [];
  const value = Number(digits) * (SUFFIXES[suffix] ?? 1);
  if (kept.size < 10_000) kept.set(text, value);
  return value;
}

const kept = new Map<string, number>();

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

export const cores = (value: number): string => (value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 1 || value === 0 ? 1 : 2));

export function bytes(value: number): string {
  if (value === 0) return '0';
  const step = Math.min(4, Math.floor(Math.log2(value) / 10));
  const number = value / 2 ** (10 * step);
  return `${number >= 10 ? Math.round(number) : number.toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][step]}`;
}
