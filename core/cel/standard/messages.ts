import type { StructDeclaration } from '../declarations.ts';
import { int64 } from '../overflow.ts';
import { timestampAt } from '../timestamp-range.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, STRING, TIMESTAMP, type Type, UINT, wrapperOf } from '../type.ts';
import { Duration, Elements, Entries, Failure, type Result, Uint, type Value } from '../value.ts';

type Given = ReadonlyMap<string, Value>;

const wrapper = (type: Type, zero: Value): StructDeclaration => ({
  type: wrapperOf(type),
  fields: new Map([['value', type]]),
  construct: (fields) => fields.get('value') ?? zero,
});

const message = (type: Type, fields: Readonly<Record<string, Type>>, construct: (fields: Given) => Result): StructDeclaration => ({
  type,
  fields: new Map(Object.entries(fields)),
  construct,
});

/** The messages of Protocol Buffers that are values of the language itself (cel-spec, "Wrapper types"): `google.protobuf.Int64Value{value: 5}` is 5. */
const messages: Readonly<Record<string, StructDeclaration>> = {
  BoolValue: wrapper(BOOL, false),
  BytesValue: wrapper(BYTES, new Uint8Array()),
  DoubleValue: wrapper(DOUBLE, 0),
  FloatValue: wrapper(DOUBLE, 0),
  Int32Value: wrapper(INT, 0n),
  Int64Value: wrapper(INT, 0n),
  StringValue: wrapper(STRING, ''),
  UInt32Value: wrapper(UINT, new Uint(0n)),
  UInt64Value: wrapper(UINT, new Uint(0n)),
  Duration: message(DURATION, { seconds: INT, nanos: INT }, (fields) => {
    const nanos = int64(whole(fields, 'seconds') * 1_000_000_000n + whole(fields, 'nanos'));
    return nanos instanceof Failure ? nanos : new Duration(nanos);
  }),
  Timestamp: message(TIMESTAMP, { seconds: INT, nanos: INT }, (fields) => timestampAt(Number(whole(fields, 'seconds')), Number(whole(fields, 'nanos')))),
  Struct: message(mapOf(STRING, DYN), { fields: mapOf(STRING, DYN) }, (fields) => fields.get('fields') ?? new Entries()),
  ListValue: message(listOf(DYN), { values: listOf(DYN) }, (fields) => fields.get('values') ?? new Elements([])),
  Value: message(
    DYN,
    { null_value: NULL, number_value: DOUBLE, string_value: STRING, bool_value: BOOL, struct_value: mapOf(STRING, DYN), list_value: listOf(DYN) },
    (fields) => [...fields.values()].at(-1) ?? null,
  ),
};

const whole = (fields: Given, name: string): bigint => (fields.get(name) as bigint | undefined) ?? 0n;

const PACKAGE = 'google.protobuf.';

export function protobufMessage(name: string): StructDeclaration | undefined {
  const inside = name.startsWith(PACKAGE) ? name.slice(PACKAGE.length) : '';
  return Object.hasOwn(messages, inside) ? messages[inside] : undefined;
}
