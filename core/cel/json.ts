import { ConstructedObject } from './constructed-objects.ts';
import { durationText } from './duration-text.ts';
import { goTypeOf } from './go-type.ts';
import { timestampText } from './timestamp-text.ts';
import { Duration, Failure, ListValue, MapValue, Optional, type Result, Timestamp, Uint, type Value } from './value.ts';

/** The JSON of what an expression has made, for a patch or an object; a Failure when it has none. */
export function jsonOf(value: Result): unknown {
  if (value instanceof Failure || value === null) return value;
  switch (typeof value) {
    case 'bigint':
      return integer(value);
    case 'number':
    case 'string':
    case 'boolean':
      return value;
  }
  if (value instanceof ListValue) return listOf(value);
  if (value instanceof MapValue) return value.json ?? objectOf([...value.keys()].map((key) => [key, value.find(key)!]));
  if (value instanceof ConstructedObject) return objectOf(value.fields);
  if (value instanceof Uint) return integer(value.value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value.nanos);
  if (value instanceof Uint8Array) return btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(''));
  if (value instanceof Optional) return value.value === undefined ? new Failure('optional.none() dereference') : jsonOf(value.value);
  return new Failure(`unsupported type conversion from '${goTypeOf(value)}' to JSON`);
}

/** What JSON's readers would round is text. */
const integer = (n: bigint) => (Number.isSafeInteger(Number(n)) ? Number(n) : String(n));

function listOf(list: ListValue): unknown {
  if (list.json !== undefined) return list.json;
  const out: unknown[] = [];
  for (const element of list) {
    const json = jsonOf(element);
    if (json instanceof Failure) return json;
    out.push(json);
  }
  return out;
}

function objectOf(entries: Iterable<readonly [key: Value, value: Result]>): unknown {
  const out: [string, unknown][] = [];
  for (const [key, value] of entries) {
    if (typeof key !== 'string') return new Failure(`unsupported type conversion from '${goTypeOf(key)}' to string`);
    const json = jsonOf(value);
    if (json instanceof Failure) return json;
    out.push([key, json]);
  }
  return Object.fromEntries(out);
}
