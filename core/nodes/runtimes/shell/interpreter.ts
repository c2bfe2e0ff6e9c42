import type { Surroundings } from '../../surroundings.ts';
import { arithmetic } from './arithmetic.ts';
import { Budget, LONGEST_SCRIPT } from './budget.ts';
import { callProgram } from './call-program.ts';
import { condition } from './condition.ts';
import { ScriptError } from './cursor.ts';
import { type Ending, Leave, leavesShell, Stop } from './ending.ts';
import { expand, expandOne, expandQuietly } from './expand.ts';
import type { Files } from './files.ts';
import { runCount, runFor, runLoop } from './loop.ts';
import { parse } from './parse.ts';
import { matches } from './pattern.ts';
import type { Value } from './programs.ts';
import { redirected } from './redirection.ts';
import { Scope } from './scope.ts';
import type { Context, Setting, Shell, Status } from './shell.ts';
import { Sink } from './sink.ts';
import type { AndOr, Command, List, Pipeline, Word } from './syntax.ts';

export interface Run {
  readonly ending: Ending;
  /** What it has written last, standard error among it. */
  readonly output: string;
  /** Whether it does something of its own when it is signalled. */
  readonly traps: boolean;
}

/**
 * Runs a script on a virtual clock: nothing is executed, `sleep` alone takes time, files are those of the simulation. What depends on a program
 * that is not known is not known either, and ends what can be told. A loop that changes nothing goes on until something around it does.
 */
export class Interpreter implements Shell {
  readonly setting: Setting;
  readonly files: Files;
  readonly surroundings: Surroundings;
  readonly log = new Sink();
  time: number;
  signalled = false;
  background = 0;
  readonly #budget: Budget;

  constructor(setting: Setting) {
    this.setting = setting;
    this.#budget = setting.budget ?? new Budget();
    this.files = setting.files;
    this.surroundings = setting.surroundings;
    this.time = setting.time ?? 0;
  }

  /** Runs what `sh -c` is given. */
  run(text: string, { errexit = false, args = [] as readonly string[] } = {}): Run {
    const scope = new Scope({ environment: this.setting.environment, directory: this.setting.directory ?? '/', errexit, args });
    return this.#finish(scope, () => this.list(this.read(text), scope, { tail: true, out: this.log }));
  }

  /** Runs one program with its arguments. */
  call(argv: readonly string[]): Run {
    const scope = new Scope({ environment: this.setting.environment, directory: this.setting.directory ?? '/' });
    return this.#finish(scope, () => callProgram(argv, this, scope, { tail: true, out: this.log, input: '' }));
  }

  #finish(scope: Scope, run: () => Status): Run {
    let ending: Ending;
    try {
      const status = this.#leaving(scope, run);
      ending = status === undefined ? { type: 'unknown', afterMs: this.time } : { type: 'exits', afterMs: this.time, exitCode: status };
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      ({ ending } = thrown);
    }
    return { ending, output: this.log.end ?? '', traps: scope.traps.has('TERM') };
  }

  /** Runs what `exit` leaves, and what is trapped then: once. */
  #leaving(scope: Scope, run: () => Status): Status {
    const status = this.#left(run);
    const trap = scope.traps.get('EXIT');
    scope.traps.delete('EXIT');
    if (!trap) return status;
    scope.status = status;
    return this.#left(() => {
      this.list(this.read(trap), scope, { out: this.log });
      return status;
    });
  }

  #left(run: () => Status): Status {
    try {
      return run();
    } catch (thrown) {
      if (!leavesShell(thrown)) throw thrown;
      return thrown.value;
    }
  }

  list(list: List, scope: Scope, context: Context): Status {
    let status: Status = 0;
    for (const [i, each] of list.entries()) status = this.#andOr(each, scope, { ...context, tail: (context.tail && i === list.length - 1) ?? false });
    return status;
  }

  #andOr(each: AndOr, scope: Scope, context: Context): Status {
    if (each.background) {
      this.#inBackground(() => this.#andOr({ ...each, background: false }, this.copy(scope), { ...context, tail: false }));
      scope.status = 0;
      return 0;
    }
    const { pipelines, joins } = each;
    let status: Status = 0;
    for (const [i, pipeline] of pipelines.entries()) {
      const join = joins[i - 1];
      if (join === '&&' && status !== 0) continue;
      if (join === '||' && status === 0) continue;
      const rest = joins.slice(i);
      // What may still be followed by `||` alone is the last to run when all goes well.
      const tail = context.tail && rest.every((next) => next === '||');
      status = this.#pipeline(pipeline, scope, { ...context, tail: tail ?? false, tested: (context.tested || rest.length > 0) ?? false });
      if (status === undefined && rest.length > 0) this.unknown();
      scope.status = status;
      // `set -e` does not look at what stands before && and ||, nor at what is negated.
      if (scope.errexit && status !== 0 && status !== undefined && rest.length === 0 && !context.tested && !pipeline.negated) throw new Leave('exit', status);
    }
    return status;
  }

  #inBackground(run: () => unknown): void {
    const { time } = this;
    try {
      run();
    } catch (thrown) {
      if (!(thrown instanceof Stop) && !(thrown instanceof Leave)) throw thrown;
      if (thrown instanceof Stop) this.background = Number.POSITIVE_INFINITY;
    }
    this.background = Math.max(this.background, this.time);
    this.time = time;
  }

  #pipeline({ commands, negated }: Pipeline, scope: Scope, context: Context): Status {
    let input = context.input;
    let status: Status = 0;
    for (const [i, command] of commands.entries()) {
      const last = i === commands.length - 1;
      const out = last ? context.out : new Sink();
      const inner = commands.length > 1 ? this.copy(scope) : scope;
      const run = () =>
        this.command(command, inner, {
          ...context,
          out,
          ...(input !== undefined || i > 0 ? { input } : {}),
          piped: i > 0,
          tail: (context.tail && commands.length === 1) ?? false,
        });
      status = commands.length > 1 ? this.subshell(run) : run();
      input = out.text;
    }
    return negated && status !== undefined ? Number(status === 0) : status;
  }

  subshell(run: () => Status): Status {
    try {
      return run();
    } catch (thrown) {
      if (thrown instanceof Leave) return leavesShell(thrown) ? thrown.value : 0;
      throw thrown;
    }
  }

  command(command: Command, scope: Scope, context: Context): Status {
    if (!this.#budget.spend({ steps: 1 })) this.unknown();
    scope.before = scope.status;
    try {
      return this.nested(() => redirected(command, this, scope, context, (inner) => this.#compound(command, scope, inner)));
    } finally {
      this.#deliver(scope);
    }
  }

  #compound(command: Command, scope: Scope, context: Context): Status {
    switch (command.type) {
      case 'simple':
        return this.#simple(command, scope, context);
      case 'group':
        return this.list(command.body, scope, context);
      case 'subshell':
        return this.subshell(() => this.list(command.body, this.copy(scope), context));
      case 'if':
        for (const { condition, body } of command.branches) if (this.#holds(condition, scope, context)) return this.list(body, scope, context);
        return this.list(command.otherwise, scope, context);
      case 'loop':
        return runLoop(command, this, scope, context);
      case 'for':
        return runFor(command, this, scope, context);
      case 'count':
        return runCount(command, this, scope, context);
      case 'case': {
        const word = expandOne(command.word, scope, this) ?? this.unknown();
        const arm = command.arms.find(({ patterns }) => patterns.some((pattern) => matches(word, expandOne(pattern, scope, this) ?? '*', this)));
        return arm ? this.list(arm.body, scope, context) : 0;
      }
      case 'function':
        scope.functions.set(command.name, command.body);
        return 0;
      case 'arithmetic': {
        const value = arithmetic(expandQuietly(command.text, scope, this), scope);
        return value === undefined ? undefined : Number(value === 0);
      }
      case 'test': {
        const words = command.words.map((word) => expandOne(word, scope, this));
        const result = condition(words, this, scope, { patterns: true });
        return result === undefined ? undefined : Number(!result);
      }
    }
  }

  #holds(list: List, scope: Scope, context: Context): boolean {
    const status = this.list(list, scope, { ...context, tail: false, tested: true });
    if (status === undefined) this.unknown();
    return status === 0;
  }

  #simple({ assignments, words }: Command & { type: 'simple' }, scope: Scope, context: Context): Status {
    scope.status = 0;
    const argv = words.flatMap((word) => expand(word, scope, this));
    const assigned = argv.length > 0 && assignments.length > 0 ? this.copy(scope, { shared: true }) : scope;
    for (const { name, appends, values } of assignments) {
      if (isWords(values))
        assigned.setArray(
          name,
          values.flatMap((word) => expand(word, scope, this)),
          appends,
        );
      else {
        const value = expandOne(values, scope, this);
        assigned.set(name, appends ? (scope.get(name) ?? '') + (value ?? '') : value);
      }
    }
    if (argv.length === 0) return scope.status;
    return callProgram(argv, this, assigned, context);
  }

  read(text: string): List {
    this.spend(text.length);
    if (text.length > LONGEST_SCRIPT) this.unknown();
    try {
      return parse(text);
    } catch (thrown) {
      if (thrown instanceof ScriptError) return this.unknown();
      throw thrown;
    }
  }

  spend(characters: number): void {
    if (!this.#budget.spend({ characters })) this.unknown();
  }

  copy(scope: Scope, options?: { shared?: boolean }): Scope {
    this.spend(scope.size);
    return scope.copy(options);
  }

  nested<T>(run: () => T): T {
    return this.#budget.nested(run, () => this.unknown());
  }

  /** What a command substitution is: the output of commands, without the newlines at its end. */
  output(list: List, scope: Scope): Value {
    const out = new Sink();
    scope.status = this.subshell(() => this.list(list, this.copy(scope), { out }));
    return out.text?.replace(/\n+$/, '');
  }

  /** A signal is taken once the command that runs in the foreground has ended. */
  #deliver(scope: Scope): void {
    const { signalledAt } = this.setting;
    if (signalledAt === undefined || this.signalled || this.time < signalledAt) return;
    const action = scope.traps.get('TERM');
    if (action === undefined) return;
    this.signalled = true;
    scope.status = 143;
    this.list(this.read(action), scope, { out: this.log });
  }

  unknown(): never {
    throw new Stop({ type: 'unknown', afterMs: this.time });
  }
}

const isWords = (values: readonly Word[] | Word): values is readonly Word[] => Array.isArray(values[0]);
