import { balanced } from './balanced.ts';
import { factoryAt } from './expression-factory.ts';
import { isLiteral, literalValue, SIGNED } from './literals.ts';
import type { Macro } from './macro.ts';
import { AND, CONDITIONAL, INDEX, NEGATE, NOT, OPTIONAL_INDEX, OPTIONAL_SELECT, OR, products, relations, sums } from './operator-names.ts';
import type { Issue, Source } from './source.ts';
import { type Expression, MacroError, type MapEntry, type StructField } from './syntax.ts';
import { syntaxErrors } from './syntax-errors.ts';
import { type Token, type TokenType, tokensOf } from './tokens.ts';
import type { Value } from './value.ts';

/** What a source says, and where in it each expression stands. */
export interface Parsed {
  readonly expression: Expression;
  /** By the ids of expressions, map entries and struct fields. */
  readonly offsets: readonly number[];
}

export interface Syntax {
  readonly macros: readonly Macro[];
  /** `a.?b`, `a[?b]`, `[?a]`, `{?a: b}` */
  readonly optional: boolean;
}

/** Parses an expression (CEL.g4 of cel-go), and puts what macros stand for in their place. */
export function parse(source: Source, syntax: Syntax): Parsed | { issues: Issue[] } {
  const size = source.text.length > MAX_SIZE ? [...source.text].length : 0;
  if (size > MAX_SIZE) return { issues: [source.issue(-1, `expression code point size exceeds limit: size: ${size}, limit ${MAX_SIZE}`)] };
  const { tokens, errors } = tokensOf(source.text);
  const parser = new Parser(source, tokens, syntax);
  try {
    const parsed = parser.start();
    if (errors.length === 0) return parsed;
  } catch (error) {
    if (error instanceof LimitError) return { issues: [...parser.issues, source.issue(-1, error.message)] };
    if (!(error instanceof UnexpectedToken)) throw error;
  }
  return { issues: [...syntaxErrors(source, tokens, errors), ...parser.issues] };
}

/** In code points. */
const MAX_SIZE = 100_000;

/** How deep one rule may be in itself, and how deep expressions may be in each other. */
const MAX_DEPTH = 250;

/** Of an expression's parts. Macros that copy what they are called on double it, and so does each that follows. */
const MAX_PARTS = 200_000;

/** The expression is too deep, or too large when macros have done their part. */
class LimitError extends Error {
  override readonly name = 'LimitError';
}

/** A token that cannot stand where it does. What is told about it is what ANTLR tells, which takes a look at the whole grammar. */
class UnexpectedToken extends Error {
  override readonly name = 'UnexpectedToken';
}

/** One method a rule of the grammar. Rules that refer to themselves on their left are loops; they count as deep as ANTLR has them. */
class Parser {
  readonly issues: Issue[] = [];
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  readonly #optionalSyntax: boolean;
  readonly #macros = new Map<string, Macro>();
  readonly #offsets: number[] = [0];
  /** How deep the visited expressions are below each, which is what cel-go's visitor limits. */
  readonly #heights = new WeakMap<Expression, number>();
  readonly #depths = new Map<string, number>();
  #at = 0;

  constructor(source: Source, tokens: readonly Token[], syntax: Syntax) {
    this.#source = source;
    this.#tokens = tokens;
    this.#optionalSyntax = syntax.optional;
    for (const macro of syntax.macros) this.#macros.set(keyOf(macro.name, macro.arguments, macro.member), macro);
  }

  start(): Parsed | { issues: Issue[] } {
    const expression = this.#expression();
    this.#take('EOF');
    if (this.#height(expression) > MAX_DEPTH) throw new LimitError('max recursion depth exceeded');
    return this.issues.length ? { issues: this.issues } : { expression, offsets: this.#offsets };
  }

  #expression(): Expression {
    this.#enter('expr');
    const condition = this.#chain('||', OR, () => this.#chain('&&', AND, () => this.#relation()));
    const question = this.#takeIf('?');
    let out = condition;
    if (question) {
      const id = this.#id(question.offset);
      const yes = this.#chain('||', OR, () => this.#chain('&&', AND, () => this.#relation()));
      this.#take(':');
      out = this.#deeper(this.#call(id, CONDITIONAL, [condition, yes, this.#expression()]), condition, yes);
    }
    this.#exit('expr');
    return out;
  }

  /** `a && b && c`, as a tree that is as flat as can be. */
  #chain(operator: string, name: string, operand: () => Expression): Expression {
    const terms = [operand()];
    const ids: number[] = [];
    for (let token = this.#takeIf(operator); token; token = this.#takeIf(operator)) {
      terms.push(operand());
      ids.push(this.#id(token.offset));
    }
    if (terms.length === 1) return terms[0]!;
    const height = Math.max(...terms.map((term) => this.#height(term)));
    return this.#high(
      balanced(terms, ids, (id, a, b) => ({ kind: 'call', id, function: name, args: [a, b] })),
      height,
    );
  }

  #relation(precedence = 0): Expression {
    this.#enter('relation');
    let levels = 1;
    let left = this.#calculation(0);
    while (precedence <= 1 && Object.hasOwn(relations, this.#token.type)) {
      this.#enter('relation');
      levels++;
      left = this.#operation(relations, left, () => this.#relation(2));
    }
    for (; levels > 0; levels--) this.#exit('relation');
    return left;
  }

  #calculation(precedence: number): Expression {
    this.#enter('calc');
    let levels = 1;
    let left = this.#unary();
    for (;;) {
      const product = Object.hasOwn(products, this.#token.type);
      if (!(product ? precedence <= 2 : Object.hasOwn(sums, this.#token.type) && precedence <= 1)) break;
      this.#enter('calc');
      levels++;
      left = product ? this.#operation(products, left, () => this.#calculation(3)) : this.#operation(sums, left, () => this.#calculation(2));
    }
    for (; levels > 0; levels--) this.#exit('calc');
    return left;
  }

  #operation(operators: Readonly<Record<string, string>>, left: Expression, operand: () => Expression): Expression {
    const operator = this.#next();
    const id = this.#id(operator.offset);
    const right = operand();
    return this.#deeper(this.#call(id, operators[operator.type]!, [left, right]), left, right);
  }

  #unary(): Expression {
    const operator = this.#token.type;
    // One minus before a number is the number's.
    const sign = operator === '-' && SIGNED.has(this.#tokens[this.#at + 1]!.type);
    if ((operator !== '!' && operator !== '-') || sign) return this.#member();
    const { offset } = this.#token;
    let count = 0;
    while (this.#takeIf(operator)) count++;
    if (count % 2 === 0) return this.#member();
    const id = this.#id(offset);
    const operand = this.#member();
    return this.#high(this.#call(id, operator === '!' ? NOT : NEGATE, [operand]), this.#height(operand));
  }

  #member(): Expression {
    this.#enter('member');
    let levels = 1;
    let out = this.#primary();
    for (;;) {
      const token = this.#token;
      if (token.type !== '.' && token.type !== '[') break;
      this.#enter('member');
      levels++;
      this.#next();
      out = token.type === '.' ? this.#selectOrCall(token, out) : this.#index(token, out);
    }
    for (; levels > 0; levels--) this.#exit('member');
    return out;
  }

  #selectOrCall(dot: Token, operand: Expression): Expression {
    const question = this.#takeIf('?');
    const name = this.#name();
    const open = !question && name.type === 'IDENTIFIER' ? this.#takeIf('(') : undefined;
    if (open) {
      const id = this.#id(open.offset);
      const args = this.#arguments();
      return this.#deeper(this.#memberCall(id, name.text, operand, args), operand, ...args);
    }
    const field = this.#fieldName(name);
    if (!question) return this.#deeper({ kind: 'select', id: this.#id(dot.offset), operand, field, testOnly: false }, operand);
    if (!this.#optionalSyntax) return this.#error(dot.offset, "unsupported syntax '.?'");
    const literal = this.#literal(name.offset, field);
    return this.#deeper({ kind: 'call', id: this.#id(dot.offset), function: OPTIONAL_SELECT, args: [operand, literal] }, operand);
  }

  #index(open: Token, operand: Expression): Expression {
    const id = this.#id(open.offset);
    const question = this.#takeIf('?');
    const index = this.#expression();
    this.#take(']');
    if (question && !this.#optionalSyntax) return this.#error(open.offset, "unsupported syntax '[?'");
    return this.#deeper(this.#call(id, question ? OPTIONAL_INDEX : INDEX, [operand, index]), operand, index);
  }

  /** The arguments of a call, whose parenthesis is open. */
  #arguments(): Expression[] {
    const args: Expression[] = [];
    if (this.#takeIf(')')) return args;
    do args.push(this.#expression());
    while (this.#takeIf(','));
    this.#take(')');
    return args;
  }

  #primary(): Expression {
    const token = this.#token;
    switch (token.type) {
      case '.':
      case 'IDENTIFIER':
        return this.#named();
      case '(': {
        this.#next();
        const inner = this.#expression();
        this.#take(')');
        return inner;
      }
      case '[':
        return this.#list();
      case '{':
        return this.#map();
      default:
        return this.#constant();
    }
  }

  /** An identifier, a call, or the construction of a message. */
  #named(): Expression {
    const first = this.#token;
    const dot = this.#takeIf('.') ? '.' : '';
    const name = this.#take('IDENTIFIER');
    const message = this.#messageName(name);
    if (message) return this.#struct(dot + message);
    if (RESERVED.has(name.text)) {
      const open = this.#takeIf('(');
      if (open) this.#arguments();
      return this.#error(first.offset, `reserved identifier: ${name.text}`);
    }
    const open = this.#takeIf('(');
    if (!open) return { kind: 'identifier', id: this.#id(name.offset), name: dot + name.text };
    const id = this.#id(open.offset);
    const args = this.#arguments();
    return this.#high(this.#call(id, dot + name.text, args), Math.max(0, ...args.map((arg) => this.#height(arg))));
  }

  /** The whole name when names and dots lead to a brace. */
  #messageName(first: Token): string | undefined {
    let name = first.text;
    let at = this.#at;
    while (this.#tokens[at]!.type === '.' && this.#tokens[at + 1]!.type === 'IDENTIFIER') {
      name += `.${this.#tokens[at + 1]!.text}`;
      at += 2;
    }
    if (this.#tokens[at]!.type !== '{') return undefined;
    this.#at = at;
    return name;
  }

  #struct(name: string): Expression {
    const id = this.#id(this.#take('{').offset);
    const fields: StructField[] = [];
    while (this.#token.type !== '}') {
      if (fields.length ? !this.#takeIf(',') : this.#takeIf(',')) break;
      if (this.#token.type === '}') break;
      const { offset } = this.#token;
      const optional = this.#takeIf('?') !== undefined;
      const field = this.#name();
      const entry = this.#id(this.#take(':').offset);
      const value = this.#expression();
      if (optional && !this.#optionalSyntax) this.#error(offset, "unsupported syntax '?'");
      fields.push({ id: entry, name: this.#fieldName(field), value, optional });
    }
    this.#take('}');
    return this.#high({ kind: 'struct', id, name, fields }, Math.max(0, ...fields.map(({ value }) => this.#height(value))));
  }

  #list(): Expression {
    const id = this.#id(this.#take('[').offset);
    const elements: Expression[] = [];
    const optional = new Set<number>();
    while (this.#token.type !== ']') {
      if (elements.length ? !this.#takeIf(',') : this.#takeIf(',')) break;
      if (this.#token.type === ']') break;
      const question = this.#takeIf('?');
      if (question && !this.#optionalSyntax) this.#error(question.offset, "unsupported syntax '?'");
      if (question) optional.add(elements.length);
      elements.push(this.#expression());
    }
    this.#take(']');
    return this.#high({ kind: 'list', id, elements, optional }, Math.max(0, ...elements.map((element) => this.#height(element))));
  }

  #map(): Expression {
    const id = this.#id(this.#take('{').offset);
    const entries: MapEntry[] = [];
    while (this.#token.type !== '}') {
      if (entries.length ? !this.#takeIf(',') : this.#takeIf(',')) break;
      if (this.#token.type === '}') break;
      const { offset } = this.#token;
      const optional = this.#takeIf('?') !== undefined;
      if (optional && !this.#optionalSyntax) this.#error(offset, "unsupported syntax '?'");
      const key = this.#expression();
      const entry = this.#id(this.#take(':').offset);
      entries.push({ id: entry, key, value: this.#expression(), optional });
    }
    this.#take('}');
    return this.#high({ kind: 'map', id, entries }, Math.max(0, ...entries.flatMap(({ key, value }) => [this.#height(key), this.#height(value)])));
  }

  #constant(): Expression {
    const { offset } = this.#token;
    const sign = this.#takeIf('-') ? '-' : '';
    const token = this.#next();
    if (sign ? !SIGNED.has(token.type) : !isLiteral(token)) throw new UnexpectedToken();
    const literal = literalValue(token, sign);
    return 'error' in literal ? this.#error(offset, literal.error) : this.#literal(offset, literal.value);
  }

  #name(): Token {
    return this.#token.type === 'ESC_IDENTIFIER' ? this.#next() : this.#take('IDENTIFIER');
  }

  #fieldName({ type, text, offset }: Token): string {
    if (type === 'IDENTIFIER') return text;
    this.#error(offset, "unsupported syntax: '`'");
    return text;
  }

  #call(id: number, name: string, args: Expression[]): Expression {
    return this.#expanded(id, name, undefined, args) ?? { kind: 'call', id, function: name, args };
  }

  #memberCall(id: number, name: string, target: Expression, args: Expression[]): Expression {
    return this.#expanded(id, name, target, args) ?? { kind: 'call', id, function: name, target, args };
  }

  #expanded(id: number, name: string, target: Expression | undefined, args: Expression[]): Expression | undefined {
    const member = target !== undefined;
    const macro = this.#macros.get(keyOf(name, args.length, member)) ?? this.#macros.get(keyOf(name, undefined, member));
    if (!macro) return undefined;
    const offset = this.#offsets[id]!;
    try {
      return macro.expand(
        factoryAt(() => this.#id(offset)),
        target,
        args,
      );
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      return this.#error(this.#offsets[error.id]!, error.message);
    }
  }

  #literal(offset: number, value: Value): Expression {
    return { kind: 'literal', id: this.#id(offset), value };
  }

  #error(offset: number, message: string): Expression {
    this.issues.push(this.#source.issue(offset, message));
    return { kind: 'unspecified', id: this.#id(offset) };
  }

  #id(offset: number): number {
    if (this.#offsets.length > MAX_PARTS) throw new LimitError(`expression size limit exceeded: ${MAX_PARTS} parts`);
    return this.#offsets.push(offset) - 1;
  }

  #height(expression: Expression): number {
    return this.#heights.get(expression) ?? 0;
  }

  #high<E extends Expression>(expression: E, height: number): E {
    if (height > 0) this.#heights.set(expression, height);
    return expression;
  }

  #deeper(expression: Expression, ...parts: Expression[]): Expression {
    return this.#high(expression, 1 + Math.max(0, ...parts.map((part) => this.#height(part))));
  }

  #enter(rule: string): void {
    const depth = (this.#depths.get(rule) ?? 0) + 1;
    if (depth > MAX_DEPTH) throw new LimitError(`expression recursion limit exceeded: ${MAX_DEPTH}`);
    this.#depths.set(rule, depth);
  }

  #exit(rule: string): void {
    this.#depths.set(rule, this.#depths.get(rule)! - 1);
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#token;
    if (token.type !== 'EOF') this.#at++;
    return token;
  }

  #takeIf(type: TokenType): Token | undefined {
    return this.#token.type === type ? this.#next() : undefined;
  }

  #take(type: TokenType): Token {
    if (this.#token.type !== type) throw new UnexpectedToken();
    return this.#next();
  }
}

/** What a macro is found by. */
const keyOf = (name: string, args: number | undefined, member: boolean) => `${name}:${args ?? '*'}:${member}`;

/** Names that no variable may have; `in`, `true`, `false` and `null` are tokens of their own. */
const RESERVED = new Set('as break const continue else for function if import let loop package namespace return var void while'.split(' '));
