import { admissionVariables } from '../../core/cel/admission-variables.ts';
import { compile } from '../../core/cel/compile.ts';
import { mutationStruct } from '../../core/cel/constructed-objects.ts';
import { doubleText } from '../../core/cel/double-text.ts';
import { parseDuration } from '../../core/cel/duration-text.ts';
import { type Environment, environment } from '../../core/cel/environment.ts';
import { jsonValue } from '../../core/cel/json-value.ts';
import { kubernetesLibraries } from '../../core/cel/libraries/kubernetes.ts';
import type { Bindings } from '../../core/cel/run.ts';
import type { Schema } from '../../core/cel/schema/schema.ts';
import { withObjectMeta } from '../../core/cel/schema/schema.ts';
import { schemaType } from '../../core/cel/schema/schema-type.ts';
import { schemaValue } from '../../core/cel/schema/schema-value.ts';
import { parseTimestamp, timestampText } from '../../core/cel/timestamp-text.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, optionalOf, STRING, TIMESTAMP, Type, UINT } from '../../core/cel/type.ts';
import { Duration, Failure, ListValue, MapValue, type OpaqueValue, Optional, type Result, Timestamp, Uint, type Value } from '../../core/cel/value.ts';
import type { RecordedEnvironment, Recording } from './recordings.ts';

/** What this engine makes of an expression, in the form of a recording. */
export function evaluated(expression: string, { environment, bindings, costLimit }: Made): Recording {
  const compiled = compile(expression, environment);
  if ('issues' in compiled) return { expression, [compiled.program ? 'programError' : 'compileError']: compiled.message };
  const evaluation = compiled.program.evaluate(bindings, { perCallLimit: costLimit });
  const outcome = 'error' in evaluation ? { error: evaluation.error } : { value: tagged(evaluation.value) };
  const { min, max } = compiled.estimate();
  return { expression, type: typeText(compiled.type), ...outcome, cost: String(evaluation.cost), estimate: [String(min), String(max)] };
}

export interface Made {
  readonly environment: Environment;
  readonly bindings: Bindings;
  readonly costLimit?: number;
}

const libraries = kubernetesLibraries;

export function made(recorded: RecordedEnvironment): Made {
  const { costLimit } = recorded;
  switch (recorded.kind) {
    case 'rule':
      return { ...rule(recorded), costLimit };
    case 'admission':
    case 'mutation':
      return { ...admission(recorded), costLimit };
    default: {
      const variables = Object.entries(recorded.variables ?? {}).map(([name, { type, value }]) => ({ name, type: parseType(type), value }));
      return {
        environment: environment({ variables: Object.fromEntries(variables.map(({ name, type }) => [name, type])), libraries }),
        bindings: Object.fromEntries(variables.map(({ name, type, value }) => [name, nativeOf(type, value)])),
        costLimit,
      };
    }
  }
}

function rule({ schema: given, root, optionalOldSelf, self, oldSelf }: RecordedEnvironment): Made {
  const schema = given as Schema;
  const declared = schemaType(schema, { name: 'selfType', root })!;
  const whole = root ? withObjectMeta(schema) : schema;
  const bindings: Record<string, Value> = { self: schemaValue(self, whole) as Value };
  if (oldSelf !== undefined) bindings['oldSelf'] = schemaValue(oldSelf, whole) as Value;
  if (optionalOldSelf) bindings['oldSelf'] = oldSelf === undefined ? Optional.none : new Optional(bindings['oldSelf']);
  const oldType = optionalOldSelf ? optionalOf(declared.type) : declared.type;
  return { environment: environment({ variables: { self: declared.type, oldSelf: oldType }, sizeOfPath: declared.sizeOfPath, libraries }), bindings };
}

function admission(recorded: RecordedEnvironment): Made {
  const { object, oldObject, params, request, namespaceObject } = recorded;
  const bindings = Object.fromEntries(Object.entries({ object, oldObject, params, request, namespaceObject }).map(([name, json]) => [name, jsonValue(json)]));
  const struct = recorded.kind === 'mutation' ? mutationStruct : undefined;
  return { environment: environment({ variables: admissionVariables, libraries, struct }), bindings };
}

const simpleTypes: Readonly<Record<string, Type>> = {
  int: INT,
  uint: UINT,
  double: DOUBLE,
  bool: BOOL,
  string: STRING,
  bytes: BYTES,
  dyn: DYN,
  null: NULL,
  timestamp: TIMESTAMP,
  duration: DURATION,
};

function parseType(text: string): Type {
  const match = /^(list|map|optional_type)\((.*)\)$/.exec(text);
  if (!match) return simpleTypes[text]!;
  const [, name, inner] = match;
  if (name === 'list') return listOf(parseType(inner!));
  if (name === 'optional_type') return optionalOf(parseType(inner!));
  const comma = inner!.indexOf(',');
  return mapOf(parseType(inner!.slice(0, comma)), parseType(inner!.slice(comma + 1).trim()));
}

function nativeOf(type: Type, value: unknown): Value {
  switch (type.kind) {
    case 'uint':
      return new Uint(BigInt(String(value)));
    case 'int':
      return BigInt(String(value));
    case 'double':
      return Number(value);
    case 'bytes':
      return Uint8Array.from(Buffer.from(String(value), 'base64'));
    case 'timestamp':
      return parseTimestamp(String(value)) as Timestamp;
    case 'duration':
      return new Duration(parseDuration(String(value))!);
    default:
      return jsonValue(value);
  }
}

/** As scripts/cel-goldens/value.go has it. */
function tagged(value: Result): unknown {
  if (value instanceof Failure) return { other: 'error' };
  if (value === null) return { null: true };
  if (typeof value === 'boolean') return { bool: value };
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { double: doubleText(value) };
  if (typeof value === 'string') return { string: value };
  if (value instanceof Uint) return { uint: String(value.value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Timestamp) return { timestamp: timestampText(new Timestamp(value.seconds, value.nanos)) };
  if (value instanceof Duration) return { duration: String(value.nanos) };
  if (value instanceof Optional) return { optional: value.value === undefined ? null : tagged(value.value) };
  if (value instanceof Type) return { type: value.name };
  if (value instanceof ListValue) return { list: [...value].map(tagged) };
  if (value instanceof MapValue) return { map: pairs([...value.keys()].map((key) => [key, value.find(key) ?? new Failure('no such key')])) };
  return opaque(value);
}

/** A type as Go prints it, which is not quite as the checker does. */
const typeText = ({ kind, name, parameters }: Type): string => {
  if (kind === 'parameter') return `<${name}>`;
  return parameters.length ? `${name}(${parameters.map(typeText).join(', ')})` : name;
};

const pairs = (entries: [Value, Result][]) =>
  entries.map((pair) => pair.map(tagged)).sort(([a], [b]) => (Object.values(a as object).join() < Object.values(b as object).join() ? -1 : 1));

function opaque(value: OpaqueValue): unknown {
  return { other: value.type.name };
}
