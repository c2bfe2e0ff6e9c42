import type { Value } from './programs.ts';
import type { Command } from './syntax.ts';

interface ScopeOptions {
  readonly environment: ReadonlyMap<string, Value>;
  readonly directory: string;
  readonly errexit?: boolean;
  readonly args?: readonly Value[];
}

const UNSET = Symbol('unset');

/** What a shell remembers between its commands. */
export class Scope {
  readonly environment: ReadonlyMap<string, Value>;
  directory: string;
  errexit: boolean;
  args: readonly Value[];
  /** Of the command before; undefined where that is not known. */
  status: number | undefined = 0;
  /** What `$?` is to the command that is about to run. */
  before: number | undefined = 0;
  traps = new Map<string, string>();
  functions = new Map<string, Command>();
  /** Counts the changes of variables. */
  version = 0;
  /** What is another than in the environment; `unset` where it is no more. */
  #values = new Map<string, Value | typeof UNSET>();
  #arrays = new Map<string, readonly Value[]>();

  constructor({ environment, directory, errexit = false, args = [] }: ScopeOptions) {
    this.environment = environment;
    this.directory = directory;
    this.errexit = errexit;
    this.args = args;
  }

  has(name: string): boolean {
    return this.#arrays.has(name) || this.#hasValue(name);
  }

  /** How many variables and functions it has of its own. */
  get size(): number {
    return this.#values.size + this.#arrays.size + this.functions.size;
  }

  get(name: string): Value {
    return this.#value(name) ?? this.#arrays.get(name)?.[0];
  }

  set(name: string, value: Value): void {
    if (this.#hasValue(name) && this.#value(name) === value) return;
    this.#values.set(name, value);
    this.version++;
  }

  array(name: string): readonly Value[] | undefined {
    return this.#arrays.get(name) ?? (this.#hasValue(name) ? [this.#value(name)] : undefined);
  }

  setArray(name: string, values: readonly Value[], appends: boolean): void {
    this.#arrays.set(name, appends ? [...(this.array(name) ?? []), ...values] : values);
    this.version++;
  }

  unset(name: string): void {
    if (!this.has(name)) return;
    this.#arrays.delete(name);
    this.#values.set(name, UNSET);
    this.version++;
  }

  #hasValue(name: string): boolean {
    return this.#values.has(name) ? this.#values.get(name) !== UNSET : this.environment.has(name);
  }

  #value(name: string): Value {
    const own = this.#values.has(name) ? this.#values.get(name) : this.environment.get(name);
    return own === UNSET ? undefined : own;
  }

  /** What a subshell begins with. `shared`: for one command, whose functions and traps are its shell's. */
  copy({ shared = false } = {}): Scope {
    const copy = new Scope({ environment: this.environment, directory: this.directory, errexit: this.errexit, args: this.args });
    copy.#values = new Map(this.#values);
    copy.#arrays = new Map(this.#arrays);
    copy.status = this.status;
    copy.before = this.before;
    copy.functions = shared ? this.functions : new Map(this.functions);
    // A subshell does not take over what is trapped.
    if (shared) copy.traps = this.traps;
    return copy;
  }
}
