import { describe, expect, it } from 'vitest';
import { cut, jsonText, withSortedKeys } from './bounded-text.ts';

describe('the JSON of a value', () => {
  it.each([null, 1, true, 'a"b\n', [], {}, [1, [2, {}], null], { a: { b: 'c' }, d: [undefined, 1], e: undefined }, JSON.parse('{"__proto__":{"x":1}}')])(
    'is what JSON.stringify writes: %j',
    (value) => expect(jsonText(value)).toBe(JSON.stringify(value)),
  );

  it('fits to the last character', () => {
    const value = { a: 'bcd', e: [1, 2, 3] };
    const whole = JSON.stringify(value);
    expect(jsonText(value, whole.length)).toBe(whole);
    for (let limit = 0; limit < whole.length; limit++) expect(jsonText(value, limit)).toBe(`${whole.slice(0, limit)}...`);
  });

  it('has the keys of objects in order, where it is asked for that', () => {
    expect(jsonText(withSortedKeys({ b: [{ d: 1, c: null }], a: { z: 'x', y: [] } }))).toBe('{"a":{"y":[],"z":"x"},"b":[{"c":null,"d":1}]}');
  });

  it('is not made of what it does not show', () => {
    let looked = 0;
    const element = {
      get a() {
        looked++;
        return 'x'.repeat(100);
      },
    };
    const text = jsonText(
      Array.from({ length: 10_000 }, () => element),
      1000,
    );
    expect(text).toHaveLength(1003);
    expect(looked).toBeLessThan(20);
  });
});

it('a text is cut where it is too long', () => expect([cut('abc', 3), cut('abcd', 3)]).toEqual(['abc', 'abc...']));
