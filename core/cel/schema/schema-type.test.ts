import { describe, expect, it } from 'vitest';
import type { Schema } from './schema.ts';
import { schemaType } from './schema-type.ts';

const field = (schema: Schema, name: string) => schemaType({ type: 'object', properties: { [name]: schema } }, { name: 'self' })!;

describe('the type of a schema', () => {
  const check = ({ schema, want }: { schema: Schema; want: string | undefined }) =>
    expect(
      schemaType({ type: 'object', properties: { field: schema } }, { name: 'self' })!
        .type.fields!.get('field')
        ?.toString(),
    ).toBe(want);

  it.each<{ name: string; schema: Schema; want: string | undefined }>([
    { name: 'integer', schema: { type: 'integer' }, want: 'int' },
    { name: 'number', schema: { type: 'number' }, want: 'double' },
    { name: 'a date-time', schema: { type: 'string', format: 'date-time' }, want: 'timestamp' },
    { name: 'bytes', schema: { type: 'string', format: 'byte' }, want: 'bytes' },
    { name: 'a format that is only checked', schema: { type: 'string', format: 'email' }, want: 'string' },
    { name: 'a list', schema: { type: 'array', items: { type: 'string' } }, want: 'list(string)' },
    { name: 'a list of objects', schema: { type: 'array', items: { type: 'object' } }, want: 'list(self.field.@idx)' },
    { name: 'a map', schema: { type: 'object', additionalProperties: { type: 'integer' } }, want: 'map(string, int)' },
    { name: 'int or string', schema: { 'x-kubernetes-int-or-string': true }, want: 'dyn' },
    { name: 'what is kept without a schema', schema: { 'x-kubernetes-preserve-unknown-fields': true }, want: undefined },
    { name: 'a list of that', schema: { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } }, want: undefined },
  ])('$name', check);

  it('has fields by the names that expressions can write', () => {
    const names = { 'x-y': 'x__dash__y', 'a.b/c': 'a__dot__b__slash__c', in: '__in__', a__b: 'a__underscores__b' };
    for (const [property, name] of Object.entries(names)) expect(field({ type: 'string' }, property).type.fields!.get(name)?.name).toBe('string');
    expect(field({ type: 'string' }, 'namespace').type.fields!.get('namespace')?.name).toBe('string');
    expect(field({ type: 'string' }, '9lives').type.fields!.get('9lives')).toBeUndefined();
  });

  it('of a whole object has its metadata', () => {
    const root = schemaType({ type: 'object', properties: {} }, { name: 'self', root: true })!;
    expect(root.type.fields!.get('metadata')!.fields!.get('generateName')?.name).toBe('string');
  });

  it('says how large its values may be', () => {
    const sized = schemaType(
      {
        type: 'object',
        properties: {
          short: { type: 'string', maxLength: 5 },
          choice: { type: 'string', enum: ['a', 'abc'] },
          free: { type: 'string' },
          few: { type: 'array', maxItems: 3, items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
          many: { type: 'array', items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
        },
      },
      { name: 'self' },
    )!;
    const most = (...path: string[]) => sized.sizeOfPath(path)?.max;
    expect([most('short'), most('choice'), most('free'), most('few'), most('few', '@items', 'id')]).toEqual([20n, 3n, 3145726n, 3n, 3145726n]);
    // {"id":""}, and a comma between them.
    expect(most('many')).toBe((3n * 1024n * 1024n - 2n) / 11n);
    expect(most('nothing')).toBeUndefined();
  });
});
