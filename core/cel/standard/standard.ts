import type { Library } from '../library.ts';
import { standardMacros } from '../macros.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, listOf, mapOf, NULL, parameter, STRING, TIMESTAMP, TYPE, type Type, typeOfType, UINT } from '../type.ts';
import { conversions } from './conversions.ts';
import { operators } from './operators.ts';
import { strings } from './strings.ts';
import { times } from './times.ts';

const types: readonly Type[] = [
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listOf(parameter('A')),
  mapOf(parameter('A'), parameter('B')),
  NULL,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
];

/** What every environment has (cel-spec, "List of Standard Definitions"). */
export const standard: Library = {
  name: 'cel.lib.std',
  functions: [...operators, ...strings, ...conversions, ...times],
  macros: standardMacros,
  constants: Object.fromEntries(types.map((type) => [type.name, { type: typeOfType(type), value: type }])),
};
