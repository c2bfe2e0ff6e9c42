import { describe, expect, it } from 'vitest';
import { Substitutions } from './assignable.ts';
import { DYN, INT, listOf, mapOf, NULL, optionalOf, parameter, STRING, structType, TIMESTAMP, type Type, wrapperOf } from './type.ts';

describe('a value of one type for another', () => {
  const check = ({ wanted, given, want }: { wanted: Type; given: Type; want: boolean }) => expect(new Substitutions().assignable(wanted, given)).toBe(want);

  it.each([
    { name: 'the same', wanted: INT, given: INT, want: true },
    { name: 'another', wanted: INT, given: STRING, want: false },
    { name: 'dynamic', wanted: INT, given: DYN, want: true },
    { name: 'a list of the same', wanted: listOf(INT), given: listOf(INT), want: true },
    { name: 'a list of others', wanted: listOf(INT), given: listOf(STRING), want: false },
    { name: 'a list of anything', wanted: listOf(INT), given: listOf(DYN), want: true },
    { name: 'null for a struct', wanted: structType('Object'), given: NULL, want: true },
    { name: 'null for a timestamp', wanted: TIMESTAMP, given: NULL, want: true },
    { name: 'null for an int', wanted: INT, given: NULL, want: false },
    { name: 'null for a wrapper', wanted: wrapperOf(INT), given: NULL, want: true },
    { name: 'an int for a wrapper', wanted: wrapperOf(INT), given: INT, want: true },
    { name: 'structs of other names', wanted: structType('A'), given: structType('B'), want: false },
  ])('$name', check);

  it('binds parameters, to the more general of what they stand for', () => {
    const substitutions = new Substitutions();
    const [a, b] = [substitutions.freshParameter(), substitutions.freshParameter()];
    expect(substitutions.allAssignable([mapOf(STRING, INT), listOf(DYN)], [mapOf(a, b), listOf(b)])).toBe(true);
    expect(`${substitutions.apply(mapOf(a, optionalOf(b)))}`).toBe('map(string, optional_type(dyn))');
  });

  it('forgets what a failed attempt has bound', () => {
    const substitutions = new Substitutions();
    const a = substitutions.freshParameter();
    expect(substitutions.allAssignable([a, INT], [STRING, STRING])).toBe(false);
    expect(substitutions.assignable(a, INT)).toBe(true);
  });

  it('does not bind a parameter to what it is a part of', () => {
    const a = parameter('A');
    expect(new Substitutions().assignable(a, listOf(a))).toBe(false);
  });
});
