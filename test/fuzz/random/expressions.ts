import type { Chance } from '../../simulation/chance.ts';

/** An expression of any size, right or wrong. */
export function expression(chance: Chance, depth = 3): string {
  const of = () => expression(chance, depth - 1);
  if (depth === 0 || chance.happens(0.15)) return chance.pick(LEAVES);
  switch (chance.weighted({ operator: 5, call: 4, macro: 3, list: 1, map: 1, condition: 1, access: 3, optional: 1, literal: 1, torn: 1 })) {
    case 'operator':
      return `(${of()} ${chance.pick(['+', '-', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', 'in'])} ${of()})`;
    case 'call':
      return chance.happens(0.7) ? `${of()}.${chance.pick(METHODS)}(${chance.happens(0.6) ? of() : ''})` : `${chance.pick(FUNCTIONS)}(${of()})`;
    case 'macro':
      return `${of()}.${chance.pick(['all', 'exists', 'exists_one', 'map', 'filter'])}(x, ${of()})`;
    case 'list':
      return `[${of()}, ${of()}]`;
    case 'map':
      return `{${of()}: ${of()}}`;
    case 'condition':
      return `(${of()} ? ${of()} : ${of()})`;
    case 'access':
      return `${of()}${chance.pick(['.a', '.b', '[0]', "['a']", '.__proto__', '.in', '.?a', "[?'a']"])}`;
    case 'optional':
      return `optional.of(${of()}).orValue(${of()})`;
    case 'literal':
      return chance.pick([`'${'x'.repeat(500)}'`, '9'.repeat(30), "r'\\('", "b'\\xff'", "'''a\nb'''", `${'-'.repeat(40)}1`, '('.repeat(300)]);
    case 'torn': {
      const whole = of();
      const at = chance.whole(0, whole.length);
      return chance.happens(0.5)
        ? whole.slice(0, at)
        : `${whole.slice(0, at)}${chance.pick(['(', '}', '"', '\\', '?', ' in ', '🌍', '\n', '@'])}${whole.slice(at)}`;
    }
  }
}

const LEAVES = [
  'self',
  'oldSelf',
  'object',
  'oldObject',
  'request.name',
  'params',
  'namespaceObject',
  'authorizer',
  'variables.a',
  'x',
  'true',
  'null',
  '1',
  '-9223372036854775808',
  '18446744073709551615u',
  '1.5',
  '1e400',
  "'a'",
  "''",
  "'(a{1000})'",
  '[]',
  '{}',
  'self.a',
  'type(1)',
  "timestamp('2026-01-01T00:00:00Z')",
  "duration('1h')",
  'google.protobuf.Struct{}',
];

const METHODS = [
  'size',
  'matches',
  'find',
  'findAll',
  'contains',
  'startsWith',
  'split',
  'replace',
  'join',
  'lowerAscii',
  'substring',
  'indexOf',
  'flatten',
  'sum',
  'sort',
  'slice',
  'getFullYear',
  'isSorted',
  'format',
  'charAt',
  'reverse',
  'distinct',
];

const FUNCTIONS = [
  'size',
  'int',
  'string',
  'double',
  'bytes',
  'dyn',
  'type',
  'has',
  'quantity',
  'ip',
  'cidr',
  'url',
  'semver',
  'timestamp',
  'duration',
  'lists.range',
  'sets.contains',
  'cel.bind',
];
