import { absolute } from './files.ts';
import { matches, matchesExpression } from './pattern.ts';
import type { Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { Shell } from './shell.ts';

/** Whether an expression of `test`, `[` or `[[` is true. Undefined when that cannot be told. `patterns`: `==` compares with a pattern, and `=~` with an expression. */
export function condition(words: readonly Value[], shell: Shell, { directory }: Scope, { patterns = false } = {}): boolean | undefined {
  const parser = new Parser(words, { shell, directory }, patterns);
  const result = words.length === 0 ? false : parser.or();
  return parser.done ? result : undefined;
}

interface Context {
  readonly shell: Shell;
  readonly directory: string;
}

class Parser {
  readonly #words: readonly Value[];
  readonly #context: Context;
  readonly #patterns: boolean;
  #at = 0;

  constructor(words: readonly Value[], context: Context, patterns: boolean) {
    this.#words = words;
    this.#context = context;
    this.#patterns = patterns;
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  or(): boolean | undefined {
    let result = this.#and();
    while (this.#take('-o', '||')) {
      const right = this.#and();
      result = result || right ? true : result === undefined || right === undefined ? undefined : false;
    }
    return result;
  }

  #and(): boolean | undefined {
    let result = this.#not();
    while (this.#take('-a', '&&')) {
      const right = this.#not();
      result = result === false || right === false ? false : result === undefined || right === undefined ? undefined : true;
    }
    return result;
  }

  #not(): boolean | undefined {
    let negated = false;
    while (this.#words.length - this.#at > 1 && this.#take('!')) negated = !negated;
    const result = this.#primary();
    return negated && result !== undefined ? !result : result;
  }

  #primary(): boolean | undefined {
    const words = this.#words;
    const [first, operator, right] = [words[this.#at], words[this.#at + 1], words[this.#at + 2]];
    const left = words.length - this.#at;
    if (left >= 3 && operator !== undefined && BINARY.has(operator)) {
      this.#at += 3;
      return this.#compare(first, operator, right);
    }
    if (first === '(' && left >= 3) {
      this.#at++;
      const result = this.#context.shell.nested(() => this.or());
      this.#take(')');
      return result;
    }
    if (left >= 2 && first !== undefined && /^-[a-zA-Z]$/.test(first)) {
      this.#at += 2;
      return this.#unary(first, operator);
    }
    this.#at++;
    return first === undefined ? undefined : first !== '';
  }

  #unary(operator: string, word: Value): boolean | undefined {
    if (word === undefined) return undefined;
    if (operator === '-n') return word !== '';
    if (operator === '-z') return word === '';
    if (operator === '-t') return false;
    if (!'-e-f-r-w-x-d-s-L-h-p-S'.includes(operator)) return undefined;
    const { shell, directory } = this.#context;
    const file = shell.files.read(absolute(word, directory), shell.time);
    if (file === 'unknown') return undefined;
    return operator === '-s' && file ? (file.text === undefined ? undefined : file.text !== '') : file !== undefined;
  }

  #compare(left: Value, operator: string, right: Value): boolean | undefined {
    if (left === undefined || right === undefined) return undefined;
    if (operator in NUMBERS) {
      if (![left, right].every((word) => /^\s*[-+]?\d+\s*$/.test(word))) return false;
      return NUMBERS[operator]!(Number(left), Number(right));
    }
    if (operator === '=~') return matchesExpression(left, right, this.#context.shell);
    if (operator === '<') return left < right;
    if (operator === '>') return left > right;
    const equal = this.#patterns ? matches(left, right, this.#context.shell) : left === right;
    return operator === '!=' ? !equal : equal;
  }

  #take(...tokens: readonly string[]): boolean {
    const word = this.#words[this.#at];
    if (word === undefined || !tokens.includes(word)) return false;
    this.#at++;
    return true;
  }
}

const NUMBERS: Record<string, (a: number, b: number) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

const BINARY = new Set(['=', '==', '!=', '=~', '<', '>', ...Object.keys(NUMBERS)]);
