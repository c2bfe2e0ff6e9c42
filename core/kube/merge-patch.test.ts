import { describe, expect, it } from 'vitest';
import { applyPatch, type MergePatch } from './merge-patch.ts';

describe('applyPatch', () => {
  // The test cases of RFC 7386, appendix A, whose target and patch are objects.
  const rfc: [Record<string, unknown>, MergePatch, Record<string, unknown>][] = [
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
  for (const [target, patch, want] of rfc) {
    it(`${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () => {
      const original = structuredClone(target);
      expect(applyPatch(target, patch)).toStrictEqual(want);
      expect(target).toStrictEqual(original);
    });
  }

  it('shares what it does not touch, and the object itself when nothing changes', () => {
    const before = { spec: { a: { b: 1 } }, status: { phase: 'Pending' } };
    const after = applyPatch(before, { status: { phase: 'Running' } });
    expect(after.spec).toBe(before.spec);
    expect(after.status).not.toBe(before.status);
    expect(applyPatch(before, { status: { phase: 'Pending' }, gone: null, spec: {} })).toBe(before);
  });
});
