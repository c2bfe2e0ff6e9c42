/** What arithmetic reads and writes. A variable without a value is 0. */
export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/**
 * The value of `$(( … ))` (POSIX.1-2024, "Arithmetic Expansion"), of integers, with assignments, `++`, `--`, `**` and `?:`. Undefined when it
 * cannot be told: something in it is no number, or is divided by zero.
 */
export function arithmetic(text: string, variables: Variables): number | undefined {
  if (text.length > LONGEST) return undefined;
  const tokens = text.match(TOKENS) ?? [];
  if (tokens.length > MAX_TOKENS || tokens.join('') !== text.replace(/\s+/g, '')) return undefined;
  if (tokens.length === 0) return 0;
  const evaluator = new Evaluator(tokens, variables);
  const value = evaluator.comma();
  return evaluator.done && Number.isSafeInteger(value) ? value : undefined;
}

const TOKENS = /0[xX][\da-fA-F]+|\d+|\$?[A-Za-z_]\w*|\*\*|\+\+|--|<<=?|>>=?|[<>=!]=|&&|\|\||[-+*/%]=|[-+*/%<>=!~&|^?:(),]/g;
const MAX_TOKENS = 500;
/** In characters. */
const LONGEST = 10 * MAX_TOKENS;

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const OPERATORS: Record<string, (a: number, b: number) => number> = {
  '||': (a, b) => Number(a !== 0 || b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
};

class Evaluator {
  readonly #tokens: readonly string[];
  readonly #variables: Variables;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], variables: Variables) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  get done(): boolean {
    return this.#at === this.#tokens.length;
  }

  comma(): number {
    let value = this.#assignment();
    while (this.#take(',')) value = this.#assignment();
    return value;
  }

  #assignment(): number {
    if (++this.#depth > MAX_DEPTH) return Number.NaN;
    const [name, operator] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]];
    let value: number;
    if (isName(name) && operator && /^([-+*/%]|<<|>>)?=$/.test(operator)) {
      this.#at += 2;
      const right = this.#assignment();
      value = operator === '=' ? right : OPERATORS[operator.slice(0, -1)]!(this.#value(name), right);
      this.#variables.set(name, String(value));
    } else value = this.#conditional();
    this.#depth--;
    return value;
  }

  #conditional(): number {
    const condition = this.#binary(0);
    if (!this.#take('?')) return condition;
    const [yes, , no] = [this.#assignment(), this.#take(':'), this.#assignment()];
    return condition !== 0 ? yes : no;
  }

  #binary(level: number): number {
    const operators = LEVELS[level];
    if (!operators) return this.#power();
    let value = this.#binary(level + 1);
    for (let operator = this.#tokens[this.#at]; operator && operators.includes(operator); operator = this.#tokens[this.#at]) {
      this.#at++;
      value = OPERATORS[operator]!(value, this.#binary(level + 1));
    }
    return value;
  }

  #power(): number {
    const base = this.#unary();
    return this.#take('**') ? base ** this.#power() : base;
  }

  #unary(): number {
    if (++this.#depth > MAX_DEPTH) return Number.NaN;
    const value = this.#take('-')
      ? -this.#unary()
      : this.#take('+')
        ? this.#unary()
        : this.#take('!')
          ? Number(this.#unary() === 0)
          : this.#take('~')
            ? ~this.#unary()
            : this.#operand();
    this.#depth--;
    return value;
  }

  #operand(): number {
    const token = this.#tokens[this.#at++] ?? '';
    if (token === '(') {
      const value = this.comma();
      return this.#take(')') ? value : Number.NaN;
    }
    if (token === '++' || token === '--') return this.#step(this.#tokens[this.#at++] ?? '', token === '++' ? 1 : -1);
    const name = token.replace('$', '');
    if (!isName(name)) return /^0\d/.test(token) ? Number.parseInt(token, 8) : Number(token || Number.NaN);
    const value = this.#value(name);
    if (this.#take('++')) this.#variables.set(name, String(value + 1));
    else if (this.#take('--')) this.#variables.set(name, String(value - 1));
    return value;
  }

  #step(name: string, by: number): number {
    const value = this.#value(name) + by;
    this.#variables.set(name, String(value));
    return value;
  }

  #value(name: string): number {
    const text = this.#variables.get(name) ?? '';
    return text.length <= MOST_DIGITS && /^-?\d*$/.test(text) ? Number(text) : Number.NaN;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}

const MAX_DEPTH = 100;
/** More than any number has that is exact. */
const MOST_DIGITS = 20;

const isName = (token: string | undefined): token is string => token !== undefined && /^[A-Za-z_]/.test(token);
