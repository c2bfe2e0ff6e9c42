import { describe, expect, it } from 'vitest';
import { canonicalQuantity, compareQuantities, milliValue, parseQuantity, QuantityError, value } from './quantity.ts';

describe('canonicalQuantity', () => {
  // The first block is from the table of the API's own documentation and apimachinery's quantity_test.go.
  const cases: [given: string, want: string][] = [
    ['0', '0'],
    ['0n', '0'],
    ['0Mi', '0'],
    ['-0', '0'],
    ['1', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5.'],
    ['1.5', '1500m'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['100000', '100k'],
    ['1234567', '1234567'],
    ['1k', '1k'],
    ['1000k', '1M'],
    ['1Ki', '1Ki'],
    ['1024Ki', '1Mi'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['1.1Ki', '1126400m'],
    ['512Mi', '512Mi'],
    ['0.5Mi', '512Ki'],
    ['1e3', '1e3'],
    ['10e2', '1e3'],
    ['1E3', '1E3'],
    ['12e6', '12e6'],
    ['1e0', '1e0'],
    ['100e-2', '1'],
    ['1e-3', '1e-3'],
    ['0.1n', '1n'],
    ['1.0000000001', '1000000001n'],
    ['-1', '-1'],
    ['-0.5', '-500m'],
    ['+1', '+1'],
    ['16Ei', '9223372036854775807'],
    ['9223372036854775808', '9223372036854775808'],
    ['1.500', '1.500'],
    ['0.100', '100m'],
    ['Mi', '0'],
  ];
  it.each(cases)('%s → %s', (given, want) => expect(canonicalQuantity(given)).toBe(want));

  it.each(cases)('%s keeps its worth', (given, want) => {
    if (given !== '16Ei') expect(compareQuantities(given, want)).toBe(0);
  });
});

describe('parseQuantity', () => {
  const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const cases: [given: string, message: string][] = [
    ['', wrongFormat],
    ['abc', wrongFormat],
    ['1 Gi', wrongFormat],
    ['1,5', wrongFormat],
    ['1.2.3', wrongFormat],
    ['1Gb', wrongFormat],
    ['1GG', "unable to parse quantity's suffix"],
    ['1ki', "unable to parse quantity's suffix"],
    ['1K', "unable to parse quantity's suffix"],
    ['1Ki5', "unable to parse quantity's suffix"],
    ['1e', "unable to parse quantity's suffix"],
    ['1e999999999', "unable to parse quantity's suffix"],
  ];
  it.each(cases)('refuses "%s"', (given, message) => expect(() => parseQuantity(given)).toThrow(new QuantityError(message)));

  it('is exact where a double is not', () => {
    expect(parseQuantity('9007199254740993').nanos).toBe(9007199254740993n * 1_000_000_000n);
  });
});

describe('value and milliValue', () => {
  const cases: [text: string, value: number, milli: number][] = [
    ['100m', 1, 100],
    ['2', 2, 2000],
    ['1.5', 2, 1500],
    ['-1.5', -2, -1500],
    ['1Gi', 1073741824, 1073741824000],
    ['1n', 1, 1],
    ['1k', 1000, 1_000_000],
  ];
  it.each(cases)('%s', (text, whole, milli) => {
    expect(value(text)).toBe(whole);
    expect(milliValue(text)).toBe(milli);
  });
});

describe('arithmetic', () => {
  it.each([
    ['1', '1000m', 0],
    ['1Ki', '1k', 1],
    ['999m', '1', -1],
    ['-1', '0', -1],
  ])('compares %s to %s', (a, b, want) => expect(compareQuantities(a, b)).toBe(want));
});

describe('the amount of a quantity', () => {
  it.each([
    { given: '1.5', want: { unscaled: 15n, scale: -1, int64: true } },
    { given: '-2Ki', want: { unscaled: -2048n, scale: 0, int64: true } },
    { given: '1e18', want: { unscaled: 1n, scale: 18, int64: true } },
    { given: '999999999999999999', want: { unscaled: 999999999999999999n, scale: 0, int64: true } },
    // One digit more than surely fits.
    { given: '1000000000000000000', want: { unscaled: 1000000000000000000_000000000n, scale: -9, int64: false } },
    { given: '0.5Ki', want: { unscaled: 512_000000000n, scale: -9, int64: false } },
    { given: '0.1n', want: { unscaled: 1n, scale: -9, int64: false } },
  ])('of $given is held as apimachinery holds it', ({ given, want }) => expect(parseQuantity(given).amount).toEqual(want));
});
