import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';

describe('mergePatch', () => {
  // RFC 7386, appendix A, as far as it speaks of objects.
  const cases: [object: object, patch: object, want: object][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [object, patch, want] of cases) {
    it(`${JSON.stringify(object)} and ${JSON.stringify(patch)}`, () => {
      const before = structuredClone({ object, patch });
      expect(mergePatch(object, patch)).toEqual(want);
      expect({ object, patch }).toEqual(before);
    });
  }

  it('shares what it does not touch', () => {
    const object = { a: { x: 1 }, b: { y: 1 } };
    expect(mergePatch(object, { a: { x: 2 } }).b).toBe(object.b);
  });

  it('takes __proto__ as a key like any other', () => {
    const patched = mergePatch({ data: {} as object }, JSON.parse('{"data":{"__proto__":{"polluted":"x"}}}'));
    expect(JSON.stringify(patched)).toBe('{"data":{"__proto__":{"polluted":"x"}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses what is no object', () => {
    expect(() => mergePatch({}, [])).toThrow('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}');
    expect(() => mergePatch({}, 'x')).toThrow('cannot unmarshal string');
    expect(() => mergePatch({}, null)).toThrow('Invalid JSON Patch');
  });
});
