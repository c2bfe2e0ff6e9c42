import { defined } from '../definition.ts';
import { fields, type RequestInput, times } from '../input.ts';
import { LIST, MB } from './posted.ts';

const object = (properties: object) => ({ type: 'object', properties });

/** Something around something around something. */
const nested = (depth: number, around: (inner: object) => object, innermost: object = { type: 'string' }): object => {
  let schema = innermost;
  for (let i = 0; i < depth; i++) schema = around(schema);
  return schema;
};

/** Schemas of custom resources, with as much of one thing as a body may hold. */
export const schemaInputs: readonly RequestInput[] = [
  { name: 'schema: objects in objects', size: 2000, code: 400, request: (size) => defined(nested(size, (a) => object({ a }))) },
  { name: 'schema: lists in lists', size: 380, code: 201, request: (size) => defined(nested(size, (items) => ({ type: 'array', items }))) },
  {
    name: 'schema: maps in maps',
    size: 380,
    code: 201,
    request: (size) => defined(nested(size, (additionalProperties) => ({ type: 'object', additionalProperties }))),
  },
  {
    name: 'schema: each twice the one before',
    size: 16384,
    code: 201,
    request: (size) => defined(nested(Math.floor(Math.log2(size)), (a) => object({ a, b: a }))),
  },
  { name: 'schema: references', size: LIST, code: 422, request: (size) => defined(object(fields(size, () => ({ $ref: '#/properties/spec' })))) },
  { name: 'schema: definitions', size: LIST, code: 422, request: (size) => defined({ ...object({}), definitions: fields(size, () => ({ $ref: '#' })) }) },
  { name: 'schema: required fields', size: LIST, code: 201, request: (size) => defined({ ...object({}), required: times(size, (i) => `f${i}`) }) },
  { name: 'schema: an enum', size: LIST, code: 201, request: (size) => defined({ type: 'string', enum: times(size, () => 'a') }) },
  {
    name: 'schema: an enum of large values',
    size: 1000,
    code: 201,
    request: (size) => defined({ type: 'string', enum: times(size, (i) => `${i}${'x'.repeat(1000)}`) }),
  },
  {
    name: 'schema: allOf',
    size: LIST,
    code: 422,
    request: (size) => defined({ ...object({ a: { type: 'string' } }), allOf: times(size, () => ({ properties: { b: { type: 'string' } } })) }),
  },
  {
    name: 'schema: anyOf in anyOf',
    size: 600,
    code: 400,
    request: (size) => defined({ type: 'string', anyOf: [nested(size, (a) => ({ anyOf: [a] }), { pattern: 'a' })] }),
  },
  { name: 'schema: not', size: 380, code: 201, request: (size) => defined({ type: 'string', not: nested(size, (not) => ({ not }), { pattern: 'a' }) }) },
  {
    name: 'schema: patterns that do not go together',
    size: LIST,
    code: 422,
    request: (size) => defined(object(fields(size, () => ({ type: 'string', pattern: '(' })))),
  },
  {
    name: 'schema: a pattern of groups',
    size: 2000,
    code: 422,
    request: (size) => defined({ type: 'string', pattern: `${'('.repeat(size)}a${')+'.repeat(size)}` }),
  },
  { name: 'schema: a pattern of repetitions', size: 20_000, code: 422, request: (size) => defined({ type: 'string', pattern: 'a{1000}'.repeat(size) }) },
  { name: 'schema: defaults', size: LIST, code: 422, request: (size) => defined(object(fields(size, () => ({ type: 'string', default: 1 })))) },
  {
    name: 'schema: a large default',
    size: LIST,
    code: 201,
    request: (size) => defined({ type: 'array', items: { type: 'integer' }, default: times(size, (i) => i) }),
  },
  {
    name: 'schema: defaults in defaults',
    size: 190,
    code: 201,
    request: (size) => defined(nested(size, (a) => ({ ...object({ a }), default: {} }))),
  },
  {
    name: 'schema: keys of a list',
    size: LIST,
    code: 422,
    request: (size) =>
      defined({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': times(size, (i) => `k${i}`), items: object({}) }),
  },
  { name: 'schema: a long name', size: MB, code: 422, request: (size) => defined(object({ ['k'.repeat(size)]: { type: 'wrong' } })) },
  { name: 'schema: descriptions', size: MB, code: 201, request: (size) => defined({ ...object({}), description: 'x'.repeat(size) }) },
];
