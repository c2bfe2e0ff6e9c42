import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schemaOf } from '../schema/built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../schema/schema.ts';
import { builtIn } from './built-in.ts';

/** The interfaces of `generated/kinds.ts`, with the type of each field as it is written there. */
const interfaces = new Map(
  [
    ...readFileSync(new URL('../schema/generated/kinds.ts', import.meta.url), 'utf8').matchAll(/^export interface (\w+)( extends KubeObject)? \{(.*?)\}$/gms),
  ].map(([, name, isObject, body]) => {
    const fields = [...body!.matchAll(/^ {2}'?([^'?:]+)'?(\?)?: (.+);$/gm)].map(
      ([, field, optional, type]) => [field!, { type: type!, isRequired: !optional }] as const,
    );
    return [name!, { isObject: isObject !== undefined, fields: new Map(fields) }];
  }),
);

/** Fails where an interface, or one that it refers to, has other fields than a type. */
function check(name: string, type: TypeSchema, checked: Set<string>): void {
  const written = interfaces.get(name);
  // ObjectMeta is written by hand.
  if (!written || checked.has(`${name} ${type.name}`)) return;
  checked.add(`${name} ${type.name}`);
  const fields = Object.entries(type.fields ?? {}).filter(([field]) => !(written.isObject && ['apiVersion', 'kind', 'metadata'].includes(field)));
  expect([name, [...written.fields.keys()].sort()]).toEqual([name, fields.map(([field]) => field).sort()]);
  const required = [...written.fields].flatMap(([field, { isRequired }]) => (isRequired ? [field] : []));
  expect([name, required.sort()]).toEqual([
    name,
    fields
      .map(([field]) => field)
      .filter((field) => type.required?.includes(field))
      .sort(),
  ]);
  for (const [field, schema] of fields) {
    const inner = innermost(schema);
    if (inner?.fields) check(/\w+(?=(\[\]|>)*$)/.exec(written.fields.get(field)!.type)![0], inner, checked);
  }
}

const innermost = (schema: FieldSchema): TypeSchema | undefined =>
  schema.items ? innermost(schema.items) : schema.map ? innermost(schema.map) : schema.ref ? schemaOf(schema.ref) : undefined;

it('stores the objects of every resource as those of which the Kinds say that they are', () => {
  const { fields: kinds } = interfaces.get('Kinds')!;
  const stored = builtIn.filter(({ groupResource, storedAs }) => groupResource === storedAs);
  expect([...kinds.keys()].sort()).toEqual(stored.map(({ groupResource }) => groupResource).sort());
  const checked = new Set<string>();
  for (const { groupResource, storageVersion } of stored) check(kinds.get(groupResource)!.type, storageVersion.type, checked);
  expect(checked.size).toBeGreaterThan(stored.length);
});
