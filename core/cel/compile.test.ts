import { describe, expect, it } from 'vitest';
import { type Compiled, compile, type Evaluation, type Limits } from './compile.ts';
import { environment } from './environment.ts';
import { jsonValue } from './json-value.ts';
import { bindings } from './libraries/bindings.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { DYN } from './type.ts';

const dynamic = environment({ variables: { self: DYN, other: DYN }, libraries: [...kubernetesLibraries, bindings] });

const compiled = (expression: string): Compiled => {
  const result = compile(expression, dynamic);
  if ('issues' in result) throw new Error(result.message);
  return result;
};

const evaluate = (expression: string, json: { self?: unknown; other?: unknown } = {}, limits?: Limits): Evaluation =>
  compiled(expression).program.evaluate({ self: jsonValue(json.self), other: jsonValue(json.other) }, limits);

const message = (expression: string): string | undefined => {
  const result = compile(expression, dynamic);
  return 'issues' in result ? result.message : undefined;
};

describe('the limits of an evaluation', () => {
  const check = ({ limits, want }: { limits: Limits; want: Partial<{ value: unknown; error: string; exceeded: string }> }) =>
    expect(evaluate('[1, 2, 3].all(x, x > 0)', {}, limits)).toMatchObject(want);
  const over = { error: 'operation cancelled: actual cost limit exceeded' };

  it.each([
    { name: 'neither is reached', limits: { perCallLimit: 16, costLimit: 16 }, want: { value: true } },
    { name: 'that of the evaluation', limits: { perCallLimit: 15, costLimit: 100 }, want: { ...over, exceeded: 'perCallLimit' } },
    { name: 'what is left for all', limits: { perCallLimit: 100, costLimit: 15 }, want: { ...over, exceeded: 'costLimit' } },
  ])('$name', check);

  it('end what would not end', () => {
    const list = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
    const nested = `${`${list}.all(x, `.repeat(20)}true${')'.repeat(20)}`;
    expect(evaluate(nested)).toEqual({ error: 'operation cancelled: actual cost limit exceeded', cost: 1_000_001, spent: 1_000_001, exceeded: 'perCallLimit' });
  });

  it('are not absorbed by a logical operator', () => {
    expect(evaluate('[1, 2, 3].all(x, x > 0) || true', {}, { perCallLimit: 3 })).toMatchObject({ exceeded: 'perCallLimit' });
  });

  it('hold for lists that are nothing but other lists', () => {
    const doubled = Array.from({ length: 40 }, (_, i) => `cel.bind(x${i + 1}, x${i} + x${i}, `).join('');
    expect(evaluate(`cel.bind(x0, [self, self], ${doubled}x40 == x40${')'.repeat(41)}`)).toMatchObject({ error: 'list of more than 10000000 elements' });
  });
});

describe('an evaluation', () => {
  it('looks at what the expression asks for, and at nothing else', () => {
    const touched: PropertyKey[] = [];
    const list = new Proxy(
      Array.from({ length: 10_000 }, (_, i) => ({ n: i })),
      {
        get: (target, key) => {
          touched.push(key);
          return Reflect.get(target, key);
        },
      },
    );
    expect(evaluate('self.list[7].n', { self: { list } })).toMatchObject({ value: 7n });
    expect(touched.filter((key) => typeof key === 'string' && /^\d+$/.test(key))).toEqual(['7']);
  });

  it('does not depend on one before it', () => {
    const { program } = compiled("self.map(x, x + 1) + [1].map(x, x) == [2, 3, 1] && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}");
    const run = () => program.evaluate({ self: jsonValue([1, 2]) });
    expect(run()).toMatchObject({ value: true });
    expect(run()).toEqual(run());
  });

  it('of values that are nested too deep to be compared fails', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(evaluate('self == other', { self: deep, other: deep })).toMatchObject({ error: 'exceeded max depth' });
  });

  it('has integers of 64 bits, exactly', () => {
    expect(evaluate('9223372036854775807 - 1')).toMatchObject({ value: 9223372036854775806n });
    expect(evaluate('9007199254740993 == 9007199254740992')).toMatchObject({ value: false });
    expect(evaluate('9223372036854775807 + self', { self: 1 })).toMatchObject({ error: 'integer overflow' });
  });

  it('of a name that nothing is bound to fails', () => {
    expect(compiled('self').program.evaluate({})).toEqual({ error: 'no such attribute(s): self', cost: 1, spent: 1 });
  });

  it('computes the value of cel.bind once, and only if it is used', () => {
    expect(evaluate('cel.bind(x, 1 / 0, true)')).toMatchObject({ value: true });
    const once = evaluate('cel.bind(x, [self, self].size(), x)', { self: 1 }).cost;
    expect(evaluate('cel.bind(x, [self, self].size(), x + x)', { self: 1 }).cost).toBe(once + 2);
  });
});

it('says which names an expression refers to', () => {
  expect([...compiled('self.a.all(x, x > other.b) && type(self) == map').references].sort()).toEqual(['@result', 'map', 'other', 'self', 'x']);
});

describe('an expression is refused that', () => {
  const check = ({ source, want }: { source: string; want: string }) => expect(message(source)).toBe(want);

  it.each([
    {
      name: 'is too long',
      source: `'${'a'.repeat(100_000)}'`,
      want: 'ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100002, limit 100000',
    },
    { name: 'is nested too deep', source: `${'('.repeat(250)}1${')'.repeat(250)}`, want: 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250' },
    { name: 'is a chain too long', source: `1${'+1'.repeat(249)}`, want: 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250' },
    {
      name: 'macros make too large',
      source: `optional.of(1)${'.optMap(a, a)'.repeat(100)}`,
      want: 'ERROR: <input>:-1:0: expression size limit exceeded: 200000 parts',
    },
    { name: 'has a constant that is none', source: "int('x')", want: "type conversion error from 'string' to 'int'" },
    {
      name: 'has a literal that is none',
      source: "duration('1 fortnight')",
      want: "ERROR: <input>:1:10: invalid duration argument\n | duration('1 fortnight')\n | .........^",
    },
  ])('$name', check);

  it('goes as far as it may', () => {
    for (const source of [`${'('.repeat(249)}1${')'.repeat(249)}`, `1${'+1'.repeat(248)}`, `${'!'.repeat(99_000)}true`])
      expect(message(source)).toBeUndefined();
  });

  it('quotes a source in bytes that are bounded', () => {
    expect(message('@'.repeat(99_000))!.length).toBeLessThan(10_000);
    expect(message(`${'{'.repeat(20)}${'a:'.repeat(40_000)}`)!.length).toBeLessThan(2_000);
  });
});

it('A map is gone through in the order in which it was written', () => {
  expect(evaluate("{'b': 1, 'a': 2, 'c': 3}.map(key, key) == ['b', 'a', 'c']")).toMatchObject({ value: true });
  expect(evaluate("self.map(key, key) == ['b', 'a', 'c']", { self: { b: 1, a: 2, c: 3 } })).toMatchObject({ value: true });
});

it('A whole number of JSON is an int where no schema says double, however it was written', () => {
  expect(evaluate('type(self) == int', { self: JSON.parse('1.0') })).toMatchObject({ value: true });
  expect(evaluate('type(self) == double', { self: JSON.parse('1.5') })).toMatchObject({ value: true });
});
