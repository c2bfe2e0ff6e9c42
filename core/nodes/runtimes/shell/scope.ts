import type { Value } from './programs.ts';
import type { Command } from './syntax.ts';

interface ScopeOptions {
  readonly environment: ReadonlyMap<string, Value>;
  readonly directory: string;
  readonly errexit?: boolean;
  readonly args?: readonly Value[];
}

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
  #values: Map<string, Value>;
  #arrays = new Map<string, readonly Value[]>();

  constructor({ environment, directory, errexit = false, args = [] }: ScopeOptions) {
    this.environment = environment;
    this.directory = directory;
    this.errexit = errexit;
    this.args = args;
    this.#values = new Map(environment);
  }

  has(name: string): boolean {
    return this.#values.has(name) || this.#arrays.has(name);
  }

  get(name: string): Value {
    return this.#values.get(name) ?? this.#arrays.get(name)?.[0];
  }

  set(name: string, value: Value): void {
    if (this.#values.has(name) && this.#values.get(name) === value) return;
    this.#values.set(name, value);
    this.version++;
  }

  array(name: string): readonly Value[] | undefined {
    return this.#arrays.get(name) ?? (this.#values.has(name) ? [this.#values.get(name)] : undefined);
  }

  setArray(name: string, values: readonly Value[], appends: boolean): void {
    this.#arrays.set(name, appends ? [...(this.array(name) ?? []), ...values] : values);
    this.version++;
  }

  unset(name: string): void {
    if (this.#values.delete(name) || this.#arrays.delete(name)) this.version++;
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
