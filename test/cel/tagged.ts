import { doubleText } from '../../core/cel/double-text.ts';
import { AddressBlock } from '../../core/cel/libraries/cidr.ts';
import { NamedFormat } from '../../core/cel/libraries/format.ts';
import { IpAddress } from '../../core/cel/libraries/ip.ts';
import { QuantityValue } from '../../core/cel/libraries/quantity.ts';
import { Semver } from '../../core/cel/libraries/semver.ts';
import { UrlValue } from '../../core/cel/libraries/url.ts';
import { timestampText } from '../../core/cel/timestamp-text.ts';
import { Type } from '../../core/cel/type.ts';
import { Duration, Failure, ListValue, MapValue, Optional, type Result, Timestamp, Uint, type Value } from '../../core/cel/value.ts';

/** A value as the recorder writes it (scripts/cel-goldens/value.go): an object of one key, its type. */
export function tagged(value: Result | undefined): unknown {
  // A field that is not what its schema says.
  if (value instanceof Failure || value === undefined) return { other: 'error' };
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
  if (value instanceof ListValue) return { list: Array.from(value, tagged) };
  if (value instanceof MapValue) return { map: entries(value) };
  return opaque(value);
}

function entries(map: MapValue): [unknown, unknown][] {
  const pairs = Array.from(map.keys(), (key): [unknown, unknown] => [tagged(key), tagged(map.find(key))]);
  const text = ([key]: [unknown, unknown]) => Buffer.from(JSON.stringify(key));
  return pairs.sort((a, b) => Buffer.compare(text(a), text(b)));
}

function opaque(value: Exclude<Value, null | string | number | boolean | bigint> & { type: Type }): unknown {
  if (value instanceof QuantityValue) return { quantity: value.toString() };
  if (value instanceof IpAddress) return { ip: value.toString() };
  if (value instanceof AddressBlock) return { cidr: value.toString() };
  if (value instanceof UrlValue) return { url: value.toString() };
  if (value instanceof Semver) return { semver: value.toString() };
  if (value instanceof NamedFormat) return { format: value.name };
  return { other: value.type.name };
}
