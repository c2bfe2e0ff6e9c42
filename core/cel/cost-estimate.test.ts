import { describe, expect, it } from 'vitest';
import { seededEnv } from '../testing/env.ts';
import { type Compiled, compile } from './compile.ts';
import { environment } from './environment.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import type { Schema } from './schema/schema.ts';
import { schemaType } from './schema/schema-type.ts';
import { schemaValue } from './schema/schema-value.ts';
import type { Value } from './value.ts';

const text: Schema = { type: 'string', maxLength: 8 };

const schema: Schema = {
  type: 'object',
  properties: {
    n: { type: 'integer' },
    b: { type: 'boolean' },
    s: text,
    numbers: { type: 'array', maxItems: 5, items: { type: 'integer' } },
    texts: { type: 'array', maxItems: 4, items: text },
    labels: { type: 'object', maxProperties: 3, additionalProperties: text },
    ports: { type: 'array', maxItems: 3, items: { type: 'object', properties: { name: text, port: { type: 'integer' } } } },
  },
};

const declared = schemaType(schema, { name: 'self' })!;

const rules = environment({
  variables: { self: declared.type },
  // Numbers are of no size to Kubernetes' schemas, and so comparing them is free, before it is done.
  sizeOfPath: (path) => {
    const size = declared.sizeOfPath(path);
    return size?.max === 0n ? undefined : size;
  },
  libraries: kubernetesLibraries,
});

type Kind = 'bool' | 'int' | 'text' | 'numbers' | 'texts';

/**
 * Expressions of a kind, of those for which cel-go keeps its word: it estimates a selection from anything but a variable at 1 less than it counts, and
 * `startsWith` by the part where it counts by the text.
 */
class Expressions {
  readonly #random: () => number;
  readonly #variables: { name: string; kind: Kind }[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  of(kind: Kind, depth: number): string {
    const leaves = [...constants[kind], ...this.#variables.filter((variable) => variable.kind === kind).map(({ name }) => name)];
    if (depth === 0) return this.#pick(leaves);
    const of = (inner: Kind) => this.of(inner, depth - 1);
    const within = (name: string, of: Kind, result: Kind) => {
      this.#variables.push({ name, kind: of });
      const body = this.of(result, depth - 1);
      this.#variables.pop();
      return body;
    };
    const operators: Record<Kind, (() => string)[]> = {
      bool: [
        () => `${of('bool')} && ${of('bool')}`,
        () => `(${of('bool')} || ${of('bool')})`,
        () => `!(${of('bool')})`,
        () => `${of('int')} ${this.#pick(['<', '<=', '==', '!='])} ${of('int')}`,
        () => `${of('text')} ${this.#pick(['<', '>=', '==', '!='])} ${of('text')}`,
        () => `${of('numbers')} == ${of('numbers')}`,
        () => `${of('text')}.contains(${of('text')})`,
        () => `${of('text')}.matches('^[a-z]+$')`,
        () => `${of('int')} in ${of('numbers')}`,
        () => `${of('text')} in self.labels`,
        () => `${of('numbers')}.${this.#pick(['all', 'exists', 'exists_one'])}(x${depth}, ${within(`x${depth}`, 'int', 'bool')})`,
        () => `${of('texts')}.${this.#pick(['all', 'exists'])}(t${depth}, ${within(`t${depth}`, 'text', 'bool')})`,
        () => `self.ports.all(p, ${within('p.name', 'text', 'bool')})`,
        () => `self.labels.all(k, v, ${within('v', 'text', 'bool')})`,
      ],
      int: [
        () => `(${of('int')} ${this.#pick(['+', '-', '*'])} ${of('int')})`,
        () => `size(${of('text')})`,
        () => `${of('numbers')}.size()`,
        () => `${of('numbers')}.sum()`,
        () => `(${of('bool')} ? ${of('int')} : ${of('int')})`,
      ],
      text: [
        () => `(${of('text')} + ${of('text')})`,
        () => `string(${of('int')})`,
        () => `${of('text')}.lowerAscii()`,
        () => `(${of('bool')} ? ${of('text')} : ${of('text')})`,
        () => 'self.labels[?self.s].orValue(self.s)',
      ],
      numbers: [
        () => `(${of('numbers')} + ${of('numbers')})`,
        () => `[${of('int')}, ${of('int')}]`,
        () => `${of('numbers')}.map(y${depth}, ${within(`y${depth}`, 'int', 'int')})`,
        () => `${of('numbers')}.filter(z${depth}, ${within(`z${depth}`, 'int', 'bool')})`,
        () => `self.numbers.transformList(i, v, ${within('v', 'int', 'int')})`,
      ],
      texts: [
        () => `(${of('texts')} + ${of('texts')})`,
        () => `[${of('text')}]`,
        () => `self.ports.map(q, ${within('q.name', 'text', 'text')})`,
        () => `self.labels.map(l, ${within('l', 'text', 'text')})`,
      ],
    };
    return this.#pick(operators[kind])();
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }
}

const constants: Record<Kind, readonly string[]> = {
  bool: ['true', 'false', 'self.b', 'has(self.s)'],
  int: ['0', '7', '-1', 'self.n'],
  text: ["'abc'", "''", 'self.s'],
  numbers: ['[1, 2, 3]', 'self.numbers'],
  texts: ["['a', 'bc']", 'self.texts'],
};

const objects = [
  {
    n: 3,
    b: true,
    s: 'abcdefgh',
    numbers: [1, 2, 3, 4, 5],
    texts: ['aaaaaaaa', 'b', 'cccc', 'dddddddd'],
    labels: { a: 'b', abcdefgh: 'abcdefgh', '': 'x' },
    ports: [
      { name: 'http', port: 80 },
      { name: 'https', port: 443 },
      { name: 'metrics1', port: 9090 },
    ],
  },
  { n: 0, b: false, s: '', numbers: [], texts: [], labels: {}, ports: [] },
];

describe('what an evaluation costs', () => {
  it('is never more than the estimate', () => {
    const { random } = seededEnv({ seed: 20_26 });
    const expressions = new Expressions(() => random.next());
    let evaluated = 0;
    for (let round = 0; round < 1_500; round++) {
      const expression = expressions.of('bool', 1 + (round % 4));
      const compiled = compile(expression, rules) as Compiled;
      const { max } = compiled.estimate();
      for (const object of objects) {
        const result = compiled.program.evaluate({ self: schemaValue(object, schema) as Value });
        if ('error' in result) continue;
        evaluated++;
        if (BigInt(result.cost) > max) expect.fail(`${expression} costs ${result.cost}, at most ${max} by its estimate`);
      }
    }
    expect(evaluated).toBeGreaterThan(2_000);
  });
});
