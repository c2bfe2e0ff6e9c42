import { describe, expect, it } from 'vitest';
import { add } from '../arithmetic.ts';
import { contains, equal } from '../equality.ts';
import { Failure, type ListValue, type MapValue, type Value } from '../value.ts';
import type { Schema } from './schema.ts';
import { schemaValue } from './schema-value.ts';

const of = (json: unknown, schema: Schema) => schemaValue(json, schema) as Value;

const list = (listType: string | undefined, items: Schema, keys?: string[]): Schema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': listType,
  'x-kubernetes-list-map-keys': keys,
});
const text: Schema = { type: 'string' };
const pair: Schema = { type: 'object', properties: { k: text, v: { type: 'integer' } } };

describe('a list by its type', () => {
  const check = ({ schema, a, b, same, sum }: { schema: Schema; a: unknown[]; b: unknown[]; same: boolean; sum: unknown[] }) => {
    expect(equal(of(a, schema), of(b, schema))).toBe(same);
    expect((add(of(a, schema), of(b, schema)) as ListValue).json).toEqual(sum);
  };

  it.each([
    { name: 'atomic', schema: list('atomic', text), a: ['x', 'y'], b: ['y', 'x'], same: false, sum: ['x', 'y', 'y', 'x'] },
    { name: 'none', schema: list(undefined, text), a: ['x'], b: ['x'], same: true, sum: ['x', 'x'] },
    { name: 'set', schema: list('set', text), a: ['x', 'y'], b: ['y', 'x'], same: true, sum: ['x', 'y'] },
    { name: 'set with more', schema: list('set', text), a: ['x', 'y'], b: ['z', 'x'], same: false, sum: ['x', 'y', 'z'] },
    {
      name: 'map',
      schema: list('map', pair, ['k']),
      a: [
        { k: 'a', v: 1 },
        { k: 'b', v: 2 },
      ],
      b: [
        { k: 'b', v: 2 },
        { k: 'a', v: 1 },
      ],
      same: true,
      sum: [
        { k: 'a', v: 1 },
        { k: 'b', v: 2 },
      ],
    },
    {
      name: 'map with others',
      schema: list('map', pair, ['k']),
      a: [{ k: 'a', v: 1 }],
      b: [{ k: 'a', v: 3 }],
      same: false,
      sum: [{ k: 'a', v: 3 }],
    },
  ])('$name', check);
});

describe('an object', () => {
  const schema: Schema = { type: 'object', properties: { 'x-y': { type: 'integer' }, none: { ...text, nullable: true } } };

  it('has its fields by the names that expressions write', () => {
    const object = of({ 'x-y': 1, none: null, other: 2 }, schema) as MapValue;
    expect([object.find('x__dash__y'), object.find('x-y'), object.find('none'), object.find('other')]).toEqual([1n, 1n, undefined, undefined]);
    expect([...object.keys()]).toEqual(['x__dash__y', 'none']);
  });

  it('has no field of an object that JavaScript gives it', () => {
    expect((of({}, { type: 'object', additionalProperties: text }) as MapValue).find('constructor')).toBeUndefined();
    expect((of({}, { type: 'object', properties: { constructor: text } }) as MapValue).find('constructor')).toBeUndefined();
  });

  it('is compared with what its schema does not know, too', () => {
    expect(equal(of({ other: { a: [1] } }, schema), of({ other: { a: [1] } }, schema))).toBe(true);
    expect(equal(of({ other: { a: [1] } }, schema), of({ other: { a: [2] } }, schema))).toBe(false);
  });
});

describe('what is not as its schema says', () => {
  const check = ({ json, schema, want }: { json: unknown; schema: Schema; want: string }) => expect(schemaValue(json, schema)).toEqual(new Failure(want));

  it.each<{ name: string; json: unknown; schema: Schema; want: string }>([
    { name: 'a text for a number', json: 'x', schema: { type: 'integer' }, want: 'invalid data, expected int, got string' },
    { name: 'a fraction for an integer', json: 1.5, schema: { type: 'integer' }, want: 'invalid data, expected int, got float64' },
    { name: 'null', json: null, schema: text, want: 'invalid data, got null for schema with nullable=false' },
    { name: 'a list for an object', json: [], schema: pair, want: 'invalid data, expected a map for the provided schema with type=object' },
    {
      name: 'neither int nor string',
      json: true,
      schema: { 'x-kubernetes-int-or-string': true },
      want: 'invalid data, expected XIntOrString value to be either a string or integer',
    },
  ])('$name', check);

  it('is found in a list only if it has to be looked at', () => {
    const values = of(['a', 1], list(undefined, text));
    expect(contains(values, 'a')).toBe(true);
    expect(contains(values, 'b')).toEqual(new Failure('invalid data, expected string, got int64'));
  });
});
