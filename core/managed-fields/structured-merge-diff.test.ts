import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { same } from '../kube/object.ts';
import { schemaOf } from '../schema/built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../schema/schema.ts';
import { compare } from './comparison.ts';
import { FieldSet, sameFields } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { fieldsV1Of, readFieldsV1 } from './fields-v1.ts';
import { merge } from './merge.ts';
import { type MergeType, mergeTypeOf } from './merge-type.ts';
import { displayed } from './path-element.ts';
import { remove } from './remove.ts';
import { difference, differenceBelow, intersection, union } from './set-operations.ts';
import { typeErrors } from './type-errors.ts';
import { applied, Conflicts, type Owned, updated, type Versions } from './updater.ts';

/** What Go's sigs.k8s.io/structured-merge-diff answered (scripts/smd-goldens). */

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any;

const file = (name: string) => readFileSync(path.join(import.meta.dirname, 'testdata', name), 'utf8');

const recorded: Json[] = file('recorded.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const ownTypes: Record<string, Json> = JSON.parse(file('types.json'));
const schemas = new Map(Object.entries(ownTypes).map(([name, openapi]) => [name, structOf(openapi, name)]));

const typeOf = (name: string): MergeType => mergeTypeOf(schemas.get(name) ?? schemaOf(name)!);

function structOf({ properties, ...of }: Json, name = ''): TypeSchema {
  return {
    name,
    fields: Object.fromEntries(Object.entries(properties).map(([field, schema]) => [field, fieldOf(schema)])),
    ...(of['x-kubernetes-map-type'] && { mapType: of['x-kubernetes-map-type'] }),
    ...(of['x-kubernetes-preserve-unknown-fields'] && { preserveUnknownFields: true }),
  };
}

function fieldOf(schema: Json): FieldSchema {
  const { type, format, items, properties, additionalProperties } = schema;
  return {
    presence: 'pointer',
    ...(properties ? { struct: structOf(schema) } : { type }),
    ...(format && { format }),
    ...(items && { items: fieldOf(items), listType: schema['x-kubernetes-list-type'], listMapKeys: schema['x-kubernetes-list-map-keys'] }),
    ...(additionalProperties && { map: fieldOf(additionalProperties) }),
    ...(schema['x-kubernetes-map-type'] && { mapType: schema['x-kubernetes-map-type'] }),
    ...(schema.default !== undefined && { default: schema.default }),
  };
}

const setOf = (text: string): FieldSet => readFieldsV1(JSON.parse(text));
const text = (set: FieldSet) => JSON.stringify(fieldsV1Of(set));
const pathOf = (elements: readonly string[]) => elements.map(displayed).join('');

const answers: Record<string, (one: Json) => Json> = {
  set({ set }) {
    try {
      const read = setOf(set);
      return { set: text(read), paths: [...read.paths()].map(pathOf) };
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
      return { refused: true };
    }
  },
  operations(one) {
    const [a, b] = [setOf(one.a), setOf(one.b)];
    return {
      union: text(union(a, b)),
      intersection: text(intersection(a, b)),
      difference: text(difference(a, b)),
      differenceBelow: text(differenceBelow(a, b)),
      same: sameFields(a, b),
    };
  },
  value({ type, value, want }) {
    const error = typeErrors(value, typeOf(type));
    // What is wrong in other ways than by repetition has no fields.
    return { ...(error !== undefined && { error }), ...(want.set !== undefined && { set: text(fieldSetOf(value, typeOf(type))) }) };
  },
  compare({ type, before, after }) {
    const { added, modified, removed } = compare(before, after, typeOf(type));
    return { added: text(added), modified: text(modified), removed: text(removed) };
  },
  merge: ({ type, left, right }) => merge(left, right, typeOf(type)) ?? null,
  remove: ({ type, value, set }) => remove(value, setOf(set), typeOf(type)),
  sequence: ({ steps }) => run(steps),
};

/** Two versions of one type: what v1 calls `text` is `string` in v2. */
const versions = (ignored: readonly string[]): Versions => ({
  typeOf: (apiVersion) => (apiVersion === 'v1' || apiVersion === 'v2' ? typeOf(`thing/${apiVersion}`) : undefined),
  convert({ value, apiVersion: from }, apiVersion) {
    if (from === apiVersion) return value;
    const [was, is] = apiVersion === 'v2' ? ['text', 'string'] : ['string', 'text'];
    return Object.fromEntries(Object.entries(value ?? {}).map(([name, field]) => [name === was ? is : name, field]));
  },
  ignored: () => FieldSet.of(...ignored.map((name) => [`f:${name}`])),
  mayChange: true,
});

function run(steps: Json[]): Json[] {
  let [object, version]: [Json, string] = [{}, 'v1'];
  let owners: ReadonlyMap<string, Owned> = new Map();
  return steps.map((step) => {
    const of = versions(step.ignored ?? []);
    const live = { value: of.convert({ value: object, apiVersion: version }, step.version), apiVersion: step.version };
    const given = { value: step.object, apiVersion: step.version };
    let noop = false;
    try {
      if (step.apply) {
        const result = applied(live, given, { manager: step.manager, owners, versions: of, force: step.force ?? false });
        noop = result.value === undefined;
        if (!noop) [object, version] = [result.value, step.version];
        owners = result.owners;
      } else {
        owners = updated(live, given, { manager: step.manager, owners, versions: of });
        [object, version] = [step.object, step.version];
      }
    } catch (error) {
      if (!(error instanceof Conflicts)) throw error;
      const texts = error.conflicts.map(({ manager, path }) => `conflict with ${JSON.stringify(manager)}: ${pathOf(path)}`);
      return { conflicts: texts.sort() };
    }
    const shown = [...owners].map(([manager, { set, apiVersion, isApplied }]) => [manager, { version: apiVersion, applied: isApplied, set: text(set) }]);
    return { noop, object, owners: Object.fromEntries(shown) };
  });
}

describe("Go's structured-merge-diff", () => {
  it('was asked often enough', () => expect(recorded.length).toBeGreaterThan(600));

  for (const [kind, cases] of Map.groupBy(recorded, ({ kind }) => kind as string)) {
    it(`answers the same: ${kind} (${cases.length})`, () => {
      for (const one of cases) {
        const got = JSON.parse(JSON.stringify(answers[kind]!(one)));
        if (!same(got, one.want)) expect({ ...one, want: got }).toStrictEqual(one);
      }
    });
  }
});
