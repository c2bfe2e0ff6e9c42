import { describe, expect, it } from 'vitest';
import { type FieldError, invalid } from '../status.ts';
import { duplicate, forbiddenField, immutable, invalidValue, notFoundValue, notSupported, oneOf, quoted, required, tooLong, tooMany } from './field.ts';

const check = ({ error, want }: { error: FieldError; want: string }) => expect(`${error.field}: ${error.message}`).toBe(want);

describe('field errors read as in Kubernetes', () => {
  it.each([
    { error: required('spec.x'), want: 'spec.x: Required value' },
    { error: required('metadata.name', 'name or generateName is required'), want: 'metadata.name: Required value: name or generateName is required' },
    { error: invalidValue('a', 'x', 'must be y'), want: 'a: Invalid value: "x": must be y' },
    { error: invalidValue('a', 0, 'must be y'), want: 'a: Invalid value: 0: must be y' },
    { error: invalidValue('a', false, 'must be y'), want: 'a: Invalid value: false: must be y' },
    { error: invalidValue('a', undefined, 'must be y'), want: 'a: Invalid value: null: must be y' },
    {
      error: invalidValue('a', { matchLabels: { app: 'b' } }, 'field is immutable'),
      want: 'a: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    },
    { error: notSupported('a', 'x', ['A', 'B']), want: 'a: Unsupported value: "x": supported values: "A", "B"' },
    { error: duplicate('a[1].name', 'x'), want: 'a[1].name: Duplicate value: "x"' },
    { error: notFoundValue('a', 'x'), want: 'a: Not found: "x"' },
    { error: forbiddenField('a', 'not now'), want: 'a: Forbidden: not now' },
    { error: tooLong('a', 63), want: 'a: Too long: may not be more than 63 bytes' },
    { error: tooMany('a', 5, 3), want: 'a: Too many: 5: must have at most 3 items' },
  ])('$want', check);

  it('quotes as Go does', () => expect(quoted('a"\\\n\u0001\u0007\u007fé')).toBe('"a\\"\\\\\\n\\x01\\a\\x7fé"'));

  it('quotes what cannot be printed by its code', () => expect(quoted('\u200b\u00a0 \u{e0001}🌍')).toBe('"\\u200b\\u00a0 \\U000e0001🌍"'));

  it('quotes no more of a value than can be read', () => {
    expect(invalidValue('a', 'x'.repeat(16 * 1024), 'b').message).toBe(`Invalid value: "${'x'.repeat(16 * 1024)}": b`);
    expect(invalidValue('a', 'x'.repeat(1_000_000), 'b').message).toBe(`Invalid value: "${'x'.repeat(16 * 1024)}...": b`);
    expect(invalidValue('a', ['x'.repeat(1_000_000)], 'b').message).toBe(`Invalid value: ["${'x'.repeat(16 * 1024 - 2)}...: b`);
  });

  it('looks at a value when the error is told, and tells as many as can be read', () => {
    let looked = 0;
    const list = Array.from({ length: 6000 }, () => ({
      get name() {
        looked++;
        return 'n'.repeat(100);
      },
    }));
    const errors = list.map((_, i) => invalidValue('a', list, `${i} is wrong`));
    expect(looked).toBe(0);
    const { status } = invalid({ group: '', kind: 'Thing' }, 'x', errors);
    expect(status.message).toMatch(/^Thing "x" is invalid: \[a: Invalid value: \[\{"name":"nnn.*, \.\.\. and 599\d more\]$/);
    expect(status.message!.length).toBeLessThan(64 * 1024);
    expect(JSON.stringify(status.details!.causes).length).toBeLessThan(64 * 1024);
    // Once for each time that the list is shown up to its 160th element.
    expect(looked).toBeLessThan(1000);
  });

  it('finds nothing wrong with what stayed, however it is absent', () => {
    expect(immutable('a', undefined, undefined)).toEqual([]);
    expect(immutable('a', { x: [1] }, { x: [1] })).toEqual([]);
    expect(immutable('a', 'b', 'c')).toHaveLength(1);
  });

  it('asks for a value before it looks whether it is a known one', () => {
    expect(oneOf('a', '', ['A']).map(({ reason }) => reason)).toEqual(['FieldValueRequired']);
    expect(oneOf('a', 'B', ['A']).map(({ reason }) => reason)).toEqual(['FieldValueNotSupported']);
    expect(oneOf('a', 'A', ['A'])).toEqual([]);
  });
});
