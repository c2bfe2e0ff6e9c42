import { isFields } from '../../kube/fields.ts';
import { same } from '../../kube/object.ts';
import type { Block, Functions, Operand, Pipeline, Template } from './syntax.ts';

/** What a template makes of a value. Throws an Error that says what in it cannot be done. */
export function execute(template: Template, value: unknown, functions: Functions): string {
  const run = new Run(template, functions);
  run.block(template.main, new Scope(undefined, value, new Map([['$', value]])));
  return run.text;
}

/** What `.` is in a block, and the variables that are seen there. */
class Scope {
  readonly #outer: Scope | undefined;
  readonly dot: unknown;
  readonly #variables: Map<string, unknown>;

  constructor(outer: Scope | undefined, dot: unknown, variables = new Map<string, unknown>()) {
    this.#outer = outer;
    this.dot = dot;
    this.#variables = variables;
  }

  get(name: string): unknown {
    const holder = this.#holderOf(name);
    if (!holder) throw new Error(`undefined variable ${JSON.stringify(name)}`);
    return holder.#variables.get(name);
  }

  declare(name: string, value: unknown): void {
    this.#variables.set(name, value);
  }

  assign(name: string, value: unknown): void {
    const holder = this.#holderOf(name);
    if (!holder) throw new Error(`undefined variable ${JSON.stringify(name)}`);
    holder.#variables.set(name, value);
  }

  #holderOf(name: string): Scope | undefined {
    if (this.#variables.has(name)) return this;
    return this.#outer ? this.#outer.#holderOf(name) : undefined;
  }
}

class Run {
  text = '';
  readonly #template: Template;
  readonly #functions: Functions;
  #depth = 0;

  constructor(template: Template, functions: Functions) {
    this.#template = template;
    this.#functions = { ...BUILT_IN, ...functions };
  }

  /** Returns how a loop around it goes on. */
  block(block: Block, scope: Scope): 'break' | 'continue' | undefined {
    for (const piece of block) {
      const flow = this.#piece(piece, scope);
      if (flow) return flow;
    }
    return undefined;
  }

  #piece(piece: Block[number], scope: Scope): 'break' | 'continue' | undefined {
    switch (piece.type) {
      case 'text':
        this.#write(piece.text);
        return undefined;
      case 'print': {
        const value = this.#pipeline(piece.pipeline, scope);
        if (!piece.pipeline.assigns) this.#write(printed(value));
        return undefined;
      }
      case 'if': {
        const inner = new Scope(scope, scope.dot);
        const branch = piece.branches.find(({ pipeline }) => isTrue(this.#pipeline(pipeline, inner)));
        return this.block(branch ? branch.body : piece.otherwise, inner);
      }
      case 'with': {
        const inner = new Scope(scope, scope.dot);
        const value = this.#pipeline(piece.pipeline, inner);
        return isTrue(value) ? this.block(piece.body, new Scope(inner, value)) : this.block(piece.otherwise, inner);
      }
      case 'range':
        return this.#range(piece, scope);
      case 'template': {
        const block = this.#template.defined.get(piece.name);
        if (!block) throw new Error(`template ${JSON.stringify(piece.name)} not defined`);
        if (++this.#depth > MAX_DEPTH) throw new Error('exceeded maximum template depth');
        const value = piece.pipeline ? this.#pipeline(piece.pipeline, scope) : undefined;
        this.block(block, new Scope(undefined, value, new Map([['$', value]])));
        this.#depth--;
        return undefined;
      }
      default:
        return piece.type;
    }
  }

  #range({ pipeline, names, body, otherwise }: Extract<Block[number], { type: 'range' }>, scope: Scope): undefined {
    const value = this.#pipeline(pipeline, scope);
    const entries: [unknown, unknown][] = Array.isArray(value) ? value.map((each, i) => [i, each]) : isFields(value) ? inOrder(value) : [];
    if (entries.length === 0) {
      this.block(otherwise, new Scope(scope, scope.dot));
      return undefined;
    }
    for (const [key, each] of entries) {
      const inner = new Scope(scope, each);
      if (names.length === 2) inner.declare(names[0]!, key);
      if (names.length > 0) inner.declare(names.at(-1)!, each);
      if (this.block(body, inner) === 'break') break;
    }
    return undefined;
  }

  #write(text: string): void {
    this.text += text;
    if (this.text.length > MAX_TEXT) throw new Error(`more than ${MAX_TEXT} characters`);
  }

  #pipeline({ assigns, commands }: Pipeline, scope: Scope): unknown {
    let value: unknown;
    commands.forEach((command, i) => {
      value = this.#command(command, scope, i === 0 ? [] : [value]);
    });
    if (assigns?.declares) scope.declare(assigns.name, value);
    else if (assigns) scope.assign(assigns.name, value);
    return value;
  }

  #command([first, ...rest]: readonly Operand[], scope: Scope, last: readonly unknown[]): unknown {
    if (first!.type === 'function') return this.#call(first!.name, [...rest.map((operand) => this.#operand(operand, scope)), ...last]);
    if (rest.length > 0 || last.length > 0) throw new Error("can't give argument to non-function");
    return this.#operand(first!, scope);
  }

  #operand(operand: Operand, scope: Scope): unknown {
    switch (operand.type) {
      case 'literal':
        return operand.value;
      case 'dot':
        return scope.dot;
      case 'variable':
        return scope.get(operand.name);
      case 'function':
        return this.#call(operand.name, []);
      case 'pipeline':
        return this.#pipeline(operand.pipeline, scope);
      case 'fields':
        return operand.names.reduce(fieldOf, this.#operand(operand.of, scope));
    }
  }

  #call(name: string, args: readonly unknown[]): unknown {
    if (!Object.hasOwn(this.#functions, name)) throw new Error(`function ${JSON.stringify(name)} not defined`);
    return this.#functions[name]!(...args);
  }
}

const MAX_DEPTH = 100;
const MAX_TEXT = 1_000_000;

/** As in a Go map without that key: nothing. */
const fieldOf = (value: unknown, name: string): unknown => (isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined);

const inOrder = (value: Readonly<Record<string, unknown>>): [string, unknown][] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

/** As `if` takes it. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isFields(value) ? Object.keys(value).length > 0 : Boolean(value);
}

/** As an action prints it. */
export const printed = (value: unknown): string =>
  value === undefined || value === null ? '<no value>' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const compared = (holds: (order: number) => boolean) => (a: unknown, b: unknown) => holds(Number(a) - Number(b));

/** Those of text/template, as far as their values are JSON. */
const BUILT_IN: Functions = {
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  and: (...args) => args.find((value) => !isTrue(value)) ?? args.at(-1),
  not: (value) => !isTrue(value),
  eq: (a, ...others) => others.some((b) => same(a, b)),
  ne: (a, b) => !same(a, b),
  lt: compared((order) => order < 0),
  le: compared((order) => order <= 0),
  gt: compared((order) => order > 0),
  ge: compared((order) => order >= 0),
  len: (value) => (Array.isArray(value) || typeof value === 'string' ? value.length : Object.keys(value ?? {}).length),
  index: (value, ...keys) => keys.reduce((of, key) => (Array.isArray(of) ? of[Number(key)] : fieldOf(of, String(key))), value),
  print: (...args) => args.map(printed).join(''),
  printf: (format, ...args) => {
    const rest = args.values();
    return String(format).replace(/%[svd]/g, () => printed(rest.next().value));
  },
};
