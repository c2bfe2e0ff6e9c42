import { absolute, type Files } from './files.ts';

interface Context {
  readonly files: Files;
  readonly time: number;
  readonly directory: string;
}

/** A word, or undefined where its text is not known. */
type Value = string | undefined;

/** Whether an expression of `test`, `[` or `[[` is true. Undefined when that cannot be told. `patterns`: `==` compares with a pattern, and `=~` with an expression. */
export function condition(words: readonly Value[], context: Context, { patterns = false } = {}): boolean | undefined {
  const parser = new Parser(words, context, patterns);
  const result = words.length === 0 ? false : parser.or();
  return parser.done ? result : undefined;
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
      const result = this.or();
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
    const file = this.#context.files.read(absolute(word, this.#context.directory), this.#context.time);
    if (file === 'unknown') return undefined;
    return operator === '-s' && file ? (file.text === undefined ? undefined : file.text !== '') : file !== undefined;
  }

  #compare(left: Value, operator: string, right: Value): boolean | undefined {
    if (left === undefined || right === undefined) return undefined;
    if (operator in NUMBERS) {
      if (![left, right].every((word) => /^\s*[-+]?\d+\s*$/.test(word))) return false;
      return NUMBERS[operator]!(Number(left), Number(right));
    }
    if (operator === '=~') return matches(left, right);
    if (operator === '<') return left < right;
    if (operator === '>') return left > right;
    const equal = this.#patterns ? matchesPattern(left, right) : left === right;
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

/** Only what takes time that grows with the text alone: no groups that repeat. */
function matches(text: string, expression: string): boolean | undefined {
  if (text.length > 1000 || expression.length > 100 || /[()]|[*+}?].*[*+}].*[*+}]/.test(expression)) return undefined;
  try {
    return new RegExp(expression).test(text);
  } catch {
    return undefined;
  }
}

/** Whether a text is of a shell's pattern: `*`, `?` and `[…]`. */
export function matchesPattern(text: string, pattern: string): boolean {
  // The last star that was met is tried with one character more each time: quadratic at worst.
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    const set = pattern[p] === '[' ? /^\[([!^]?)([^\]]+)\]/.exec(pattern.slice(p, p + 64)) : undefined;
    if (pattern[p] === '*') [star, mark] = [p++, t];
    else if (set && inSet(text[t]!, set[2]!) !== (set[1] !== '')) [p, t] = [p + set[0].length, t + 1];
    else if (p < pattern.length && !set && (pattern[p] === '?' || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, t] = [star + 1, ++mark];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p >= pattern.length;
}

function inSet(char: string, set: string): boolean {
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if (char >= set[i]! && char <= set[i + 2]!) return true;
      i += 2;
    } else if (set[i] === char) return true;
  }
  return false;
}
