import type { JSONSchemaProps } from '../../../core/schema/generated/kinds.ts';
import type { Chance } from '../../simulation/chance.ts';
import { expression } from './expressions.ts';
import { anyValue } from './values.ts';

/** A structural schema, of which nearly all that may stand in one is made. */
export function structuralSchema(chance: Chance, depth = 3): JSONSchemaProps {
  const schema = shape(chance, depth);
  if (chance.happens(0.1)) schema.nullable = true;
  if (chance.happens(0.15)) schema['x-kubernetes-validations'] = [{ rule: expression(chance), ...(chance.happens(0.5) && { message: 'no' }) }];
  return schema;
}

function shape(chance: Chance, depth: number): JSONSchemaProps {
  const maybe = (probability: number, part: () => JSONSchemaProps): JSONSchemaProps => (chance.happens(probability) ? part() : {});
  const inner = () => structuralSchema(chance, depth - 1);
  const leaves = { text: 4, integer: 3, number: 1, boolean: 1, either: 1 };
  switch (depth === 0 ? chance.weighted(leaves) : chance.weighted({ ...leaves, object: 6, list: 3, set: 1, byKeys: 1, map: 2, free: 1 })) {
    case 'text':
      return {
        type: 'string',
        maxLength: 20,
        ...maybe(0.2, () => ({ pattern: chance.pick(['^[a-z]*$', 'a{3}', '.']) })),
        ...maybe(0.2, () => ({ enum: ['a', 'b', ''] })),
        ...maybe(0.2, () => ({ format: chance.pick(['date-time', 'byte', 'uuid', 'ipv4', 'duration', 'unknown']) })),
        ...maybe(0.2, () => ({ default: 'a' })),
      };
    case 'integer':
      return {
        type: 'integer',
        ...maybe(0.3, () => ({ format: 'int32' })),
        ...maybe(0.3, () => ({ minimum: 0, maximum: 9 })),
        ...maybe(0.2, () => ({ default: 3 })),
      };
    case 'number':
      return { type: 'number', ...maybe(0.5, () => ({ multipleOf: 0.5 })) };
    case 'boolean':
      return { type: 'boolean', ...maybe(0.3, () => ({ default: true })) };
    case 'either':
      return { 'x-kubernetes-int-or-string': true };
    case 'free':
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    case 'map':
      return { type: 'object', maxProperties: 5, additionalProperties: inner(), ...maybe(0.2, () => ({ 'x-kubernetes-map-type': 'atomic' })) };
    case 'set':
      return { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'set', items: { type: 'string', maxLength: 5 } };
    case 'byKeys':
      return {
        type: 'array',
        maxItems: 5,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
        items: { type: 'object', required: ['a'], properties: { a: { type: 'string', maxLength: 5 }, b: inner() } },
      };
    case 'list':
      return {
        type: 'array',
        maxItems: 5,
        items: inner(),
        ...maybe(0.2, () => ({ 'x-kubernetes-list-type': 'atomic' })),
        ...maybe(0.1, () => ({ default: [] })),
      };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(FIELDS.filter(() => chance.happens(0.5)).map((name) => [name, inner()])),
        ...maybe(0.2, () => ({ required: [chance.pick(FIELDS)] })),
        ...maybe(0.1, () => ({ anyOf: [{ required: ['a'] }, { properties: { b: { minLength: 1 } } }] })),
        ...maybe(0.1, () => ({ oneOf: [{ required: ['a'] }, { required: ['b'] }] })),
        ...maybe(0.1, () => ({ not: { required: ['c'] } })),
        ...maybe(0.1, () => ({ default: {} })),
        ...maybe(0.1, () => ({ 'x-kubernetes-preserve-unknown-fields': true })),
      };
  }
}

const FIELDS = ['a', 'b', 'c', 'd-e', 'in', '__proto__'];

/** A value that mostly is as its schema says. */
export function valueFor(chance: Chance, schema: JSONSchemaProps): unknown {
  if (chance.happens(0.03)) return anyValue(chance, 2);
  if (schema.enum && chance.happens(0.8)) return chance.pick(schema.enum as unknown[]);
  switch (schema.type) {
    case 'string':
      return chance.pick(['a', 'aaa', '', 'b', '2026-01-01T00:00:00Z', '1.2.3.4']);
    case 'integer':
      return chance.pick([0, 1, 3, 9, 10, -1]);
    case 'number':
      return chance.pick([0.5, 1, 0.1]);
    case 'boolean':
      return chance.happens(0.5);
    case 'array':
      return Array.from({ length: chance.whole(0, 3) }, () => valueFor(chance, schema.items as JSONSchemaProps));
    case 'object': {
      const entries = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name) || chance.happens(0.6));
      const fields = entries.map(([name, of]): [string, unknown] => [name, valueFor(chance, of)]);
      if (schema.additionalProperties)
        for (const name of FIELDS) if (chance.happens(0.3)) fields.push([name, valueFor(chance, schema.additionalProperties as JSONSchemaProps)]);
      if (chance.happens(0.1)) fields.push(['unknown', anyValue(chance, 2)]);
      return Object.fromEntries(fields);
    }
    default:
      return chance.pick([1, 'x', 0, '50%']);
  }
}
