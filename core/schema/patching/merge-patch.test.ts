import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';

describe('mergePatch', () => {
  it('merges, removes what is null, and changes neither argument', () => {
    const given = { object: { a: 'b', c: { d: 'e' } }, patch: { a: null, c: { f: 'g' } } };
    const before = structuredClone(given);
    expect(mergePatch(given.object, given.patch)).toEqual({ c: { d: 'e', f: 'g' } });
    expect(given).toEqual(before);
  });

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
