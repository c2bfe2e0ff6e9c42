import type { Surroundings } from '../../surroundings.ts';
import { arithmetic } from './arithmetic.ts';
import { condition, matchesPattern } from './condition.ts';
import { expand, expandOne, expandQuietly } from './expand.ts';
import { absolute, type Files } from './files.ts';
import { parse } from './parse.ts';
import { type Answer, programs, type Value } from './programs.ts';
import { Scope } from './scope.ts';
import type { AndOr, Command, List, Pipeline, Redirection, Word } from './syntax.ts';

/** What a script comes to. Times in ms since its container's start. */
export type Ending =
  | { readonly type: 'exits'; readonly afterMs: number; readonly exitCode: number }
  | { readonly type: 'forever' }
  /** A program that is not known here takes over. */
  | { readonly type: 'program'; readonly afterMs: number; readonly argv: readonly string[] }
  /** What comes then cannot be told. */
  | { readonly type: 'unknown'; readonly afterMs: number };

export interface Run {
  readonly ending: Ending;
  /** What it has written last, standard error among it. */
  readonly output: string;
  /** Whether it does something of its own when it is signalled. */
  readonly traps: boolean;
}

export interface Setting {
  readonly environment: ReadonlyMap<string, Value>;
  readonly files: Files;
  readonly surroundings: Surroundings;
  readonly directory?: string;
  /** When it starts; 0 for a container's own command. */
  readonly time?: number;
  /** It is sent SIGTERM at this time. */
  readonly signalledAt?: number;
  /** Whether a program is known not to be there. */
  readonly missing?: (program: string) => boolean;
  /** Does what some programs do besides those of a small system. Undefined: it is none of them. `input` undefined: what it reads is not known. */
  readonly program?: (argv: readonly string[], time: number, input: Value) => Answer | undefined;
  /** How often programs have done something that is to be done each time: a round in which they do is not like the one before. */
  readonly done?: () => number;
  /** Told of each program that is not known. */
  readonly stranger?: () => void;
}

/** What ends a part of a script from within. */
class Leave {
  readonly how: 'exit' | 'return' | 'break' | 'continue';
  readonly value: number;
  constructor(how: Leave['how'], value: number) {
    this.how = how;
    this.value = value;
  }
}
class Stop {
  readonly ending: Ending;
  constructor(ending: Ending) {
    this.ending = ending;
  }
}

/** More commands than a script that is read here takes. */
const MOST_STEPS = 5_000;
const MOST_OUTPUT = 8 * 1024;
const MOST_DEPTH = 60;

/** A text that grows up to a length, of which the end is kept. */
export class Sink {
  text: Value = '';
  write(text: Value): void {
    if (text === undefined) this.text = undefined;
    else if (this.text !== undefined) this.text = (this.text + text).slice(-MOST_OUTPUT);
  }
}

/**
 * Runs a script on a virtual clock: nothing is executed, `sleep` alone takes time, files are those of the simulation. What depends on a program
 * that is not known is not known either, and ends what can be told. A loop that changes nothing goes on until something around it does.
 */
export class Interpreter {
  readonly #setting: Setting;
  readonly files: Files;
  readonly surroundings: Surroundings;
  time: number;
  #log = new Sink();
  #steps = 0;
  #depth = 0;
  #signalled = false;
  #background = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.files = setting.files;
    this.surroundings = setting.surroundings;
    this.time = setting.time ?? 0;
  }

  /** Runs what `sh -c` is given. Throws a ScriptError when it cannot be read. */
  run(text: string, { errexit = false, args = [] as readonly string[] } = {}): Run {
    const list = parse(text);
    const scope = new Scope({ environment: this.#setting.environment, directory: this.#setting.directory ?? '/', errexit, args });
    return this.#finish(scope, () => this.list(list, scope, { tail: true, out: this.#log }));
  }

  /** Runs one program with its arguments. */
  call(argv: readonly string[]): Run {
    const scope = new Scope({ environment: this.#setting.environment, directory: this.#setting.directory ?? '/' });
    return this.#finish(scope, () => this.#program(argv, scope, { tail: true, out: this.#log, input: '' }));
  }

  #finish(scope: Scope, run: () => number | undefined): Run {
    let ending: Ending;
    try {
      const status = this.#leaving(scope, run);
      ending = status === undefined ? { type: 'unknown', afterMs: this.time } : { type: 'exits', afterMs: this.time, exitCode: status };
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      ({ ending } = thrown);
    }
    return { ending, output: this.#log.text ?? '', traps: scope.traps.has('TERM') };
  }

  /** Runs what `exit` leaves, and what is trapped then. */
  #leaving(scope: Scope, run: () => number | undefined): number | undefined {
    let status: number | undefined;
    try {
      status = run();
    } catch (thrown) {
      if (!(thrown instanceof Leave) || (thrown.how !== 'exit' && thrown.how !== 'return')) throw thrown;
      status = thrown.value;
    }
    const trap = scope.traps.get('EXIT');
    scope.traps.delete('EXIT');
    if (!trap) return status;
    scope.status = status;
    return this.#leaving(scope, () => {
      this.list(parse(trap), scope, { out: this.#log });
      return status;
    });
  }

  list(list: List, scope: Scope, context: Context): number | undefined {
    let status: number | undefined = 0;
    for (const [i, each] of list.entries()) status = this.#andOr(each, scope, { ...context, tail: (context.tail && i === list.length - 1) ?? false });
    return status;
  }

  #andOr(each: AndOr, scope: Scope, context: Context): number | undefined {
    if (each.background) {
      this.#inBackground(() => this.#andOr({ ...each, background: false }, scope.copy(), { ...context, tail: false }));
      scope.status = 0;
      return 0;
    }
    const { pipelines, joins } = each;
    let status: number | undefined = 0;
    for (const [i, pipeline] of pipelines.entries()) {
      const join = joins[i - 1];
      if (join === '&&' && status !== 0) continue;
      if (join === '||' && status === 0) continue;
      const rest = joins.slice(i);
      // What may still be followed by `||` alone is the last to run when all goes well.
      const tail = context.tail && rest.every((next) => next === '||');
      status = this.#pipeline(pipeline, scope, { ...context, tail: tail ?? false, tested: (context.tested || rest.length > 0) ?? false });
      if (status === undefined && rest.length > 0) this.#unknown();
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
      if (thrown instanceof Stop) this.#background = Number.POSITIVE_INFINITY;
    }
    this.#background = Math.max(this.#background, this.time);
    this.time = time;
  }

  #pipeline({ commands, negated }: Pipeline, scope: Scope, context: Context): number | undefined {
    let input = context.input;
    let status: number | undefined = 0;
    for (const [i, command] of commands.entries()) {
      const last = i === commands.length - 1;
      const out = last ? context.out : new Sink();
      const inner = commands.length > 1 ? scope.copy() : scope;
      const run = () =>
        this.command(command, inner, {
          ...context,
          out,
          ...(input !== undefined || i > 0 ? { input } : {}),
          piped: i > 0,
          tail: (context.tail && commands.length === 1) ?? false,
        });
      status = commands.length > 1 ? this.#subshell(run) : run();
      input = out.text;
    }
    return negated && status !== undefined ? Number(status === 0) : status;
  }

  #subshell(run: () => number | undefined): number | undefined {
    try {
      return run();
    } catch (thrown) {
      if (thrown instanceof Leave) return thrown.how === 'exit' || thrown.how === 'return' ? thrown.value : 0;
      throw thrown;
    }
  }

  command(command: Command, scope: Scope, context: Context): number | undefined {
    if (++this.#steps > MOST_STEPS) this.#unknown();
    if (++this.#depth > MOST_DEPTH) this.#unknown();
    scope.before = scope.status;
    try {
      return this.#redirected(command, scope, context, (inner) => this.#compound(command, scope, inner));
    } finally {
      this.#depth--;
      this.#deliver(scope);
    }
  }

  #compound(command: Command, scope: Scope, context: Context): number | undefined {
    switch (command.type) {
      case 'simple':
        return this.#simple(command, scope, context);
      case 'group':
        return this.list(command.body, scope, context);
      case 'subshell':
        return this.#subshell(() => this.list(command.body, scope.copy(), context));
      case 'if':
        for (const { condition, body } of command.branches) if (this.#holds(condition, scope, context)) return this.list(body, scope, context);
        return this.list(command.otherwise, scope, context);
      case 'loop':
        return this.#loop(command, scope, context);
      case 'for': {
        const words = command.words ? command.words.flatMap((word) => expand(word, scope, this)) : scope.args;
        // How many they are is not known then.
        if (words.includes(undefined)) this.#unknown();
        return this.#each(words, (word) => scope.set(command.name, word), command.body, scope, context);
      }
      case 'count': {
        arithmetic(command.start, scope);
        const condition = () => (command.condition.trim() ? arithmetic(command.condition, scope) : 1);
        return this.#repeat(
          { condition, endless: !command.condition.trim() && !leaves(command.body), after: () => arithmetic(command.step, scope) },
          command.body,
          scope,
          context,
        );
      }
      case 'case': {
        const word = expandOne(command.word, scope, this);
        if (word === undefined) this.#unknown();
        const arm = command.arms.find(({ patterns }) => patterns.some((pattern) => matchesPattern(word!, expandOne(pattern, scope, this) ?? '*')));
        return arm ? this.list(arm.body, scope, context) : 0;
      }
      case 'function':
        scope.functions.set(command.name, command.body);
        return 0;
      case 'arithmetic': {
        const value = arithmetic(expandQuietly(command.text, scope), scope);
        return value === undefined ? undefined : Number(value === 0);
      }
      case 'test': {
        const words = command.words.map((word) => expandOne(word, scope, this));
        const result = condition(words, { files: this.files, time: this.time, directory: scope.directory }, { patterns: true });
        return result === undefined ? undefined : Number(!result);
      }
    }
  }

  #holds(list: List, scope: Scope, context: Context): boolean {
    const status = this.list(list, scope, { ...context, tail: false, tested: true });
    if (status === undefined) this.#unknown();
    return status === 0;
  }

  #loop({ condition, until, body }: Command & { type: 'loop' }, scope: Scope, context: Context): number | undefined {
    const endless = isConstant(condition, until) && !leaves(body);
    return this.#repeat({ condition: () => Number(this.#holds(condition, scope, context) !== until), endless, after: () => {} }, body, scope, context);
  }

  /** `endless`: its condition always holds, and nothing in it leaves it. */
  #repeat(
    loop: { condition: () => number | undefined; endless: boolean; after: () => unknown },
    body: List,
    scope: Scope,
    context: Context,
  ): number | undefined {
    let status: number | undefined = 0;
    for (let round = 1; ; round++) {
      const begun = { time: this.time, version: scope.version + this.files.version, done: this.#setting.done?.() };
      const holds = loop.condition();
      if (holds === undefined) this.#unknown();
      if (holds === 0) return status;
      try {
        status = this.list(body, scope, { ...context, tail: false });
      } catch (thrown) {
        if (!(thrown instanceof Leave) || thrown.how === 'exit' || thrown.how === 'return') throw thrown;
        if (thrown.value > 1) throw new Leave(thrown.how, thrown.value - 1);
        if (thrown.how === 'break') return 0;
      }
      loop.after();
      const same = scope.version + this.files.version === begun.version;
      if (this.#setting.done?.() === begun.done && (same || (loop.endless && round >= 2))) this.#skip(begun.time, { onlySignals: !same });
    }
  }

  /** A round that comes to the same each time is repeated until something around it changes: at once, or for ever. */
  #skip(begun: number, { onlySignals }: { onlySignals: boolean }): void {
    const { signalledAt } = this.#setting;
    const changes = [this.#signalled ? undefined : signalledAt];
    if (!onlySignals) changes.push(this.files.changesAfter(begun), this.surroundings.changesAfter(begun));
    const next = Math.min(...(changes.filter((time) => time !== undefined && time > begun) as number[]));
    const period = this.time - begun;
    if (next === Number.POSITIVE_INFINITY || period === 0) throw new Stop({ type: 'forever' });
    this.time += Math.max(0, Math.ceil((next - this.time) / period) - 1) * period;
  }

  #each(words: readonly Value[], set: (word: Value) => void, body: List, scope: Scope, context: Context): number | undefined {
    let next = 0;
    return this.#repeat(
      {
        condition: () => {
          if (next >= words.length) return 0;
          set(words[next]);
          // Each round has another word, also when it is the same text.
          scope.version++;
          return 1;
        },
        endless: false,
        after: () => next++,
      },
      body,
      scope,
      context,
    );
  }

  #simple({ assignments, words }: Command & { type: 'simple' }, scope: Scope, context: Context): number | undefined {
    scope.status = 0;
    const argv = words.flatMap((word) => expand(word, scope, this));
    const assigned = argv.length > 0 ? scope.copy({ shared: true }) : scope;
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
    return this.#program(argv, assignments.length > 0 ? assigned : scope, context);
  }

  #program(argv: readonly Value[], scope: Scope, context: Context): number | undefined {
    const [path, ...args] = argv;
    if (path === undefined) return context.tail ? this.#unknown() : 0;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const body = scope.functions.get(path);
    if (body) return this.#function(body, args, scope, context);
    const own = this.#builtIn(name, args, scope, context);
    if (own !== 'other') return own;
    const answer = argv.includes(undefined) ? undefined : this.#setting.program?.(argv as string[], this.time, 'input' in context ? context.input : '');
    if (answer) return this.#take(answer, context);
    const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
    if (program && !this.#setting.missing?.(name)) return this.#take(this.#asked(program, args, scope, context), context);
    if (this.#setting.missing?.(path)) {
      this.#log.write(`sh: ${path}: not found\n`);
      return 127;
    }
    this.#setting.stranger?.();
    if (context.tail)
      throw new Stop(argv.includes(undefined) ? { type: 'unknown', afterMs: this.time } : { type: 'program', afterMs: this.time, argv: argv as string[] });
    // The script goes on after it: it has succeeded, with what cannot be told.
    context.out.write(undefined);
    return 0;
  }

  #asked(program: (typeof programs)[string], args: readonly Value[], scope: Scope, context: Context): Answer {
    return program({
      args,
      input: 'input' in context ? context.input : '',
      time: this.time,
      files: this.files,
      directory: scope.directory,
      variable: (name) => scope.get(name),
      environment: scope.environment,
      surroundings: this.surroundings,
    });
  }

  #take(answer: Answer, context: Context): number | undefined {
    const { status, error, takesMs = 0, forever } = answer;
    const output = 'output' in answer ? answer.output : '';
    if (error) this.#log.write(error);
    if (forever) throw new Stop({ type: 'forever' });
    context.out.write(output);
    this.time += takesMs;
    return status;
  }

  #function(body: Command, args: readonly Value[], scope: Scope, context: Context): number | undefined {
    const before = scope.args;
    scope.args = args;
    try {
      return this.command(body, scope, context);
    } catch (thrown) {
      if (thrown instanceof Leave && thrown.how === 'return') return thrown.value;
      throw thrown;
    } finally {
      scope.args = before;
    }
  }

  /** What the shell does itself. */
  #builtIn(name: string, args: readonly Value[], scope: Scope, context: Context): number | undefined | 'other' {
    switch (name) {
      case 'exit':
      case 'return':
      case 'break':
      case 'continue': {
        const [code] = args;
        const value =
          code === undefined ? (args.length > 0 ? Number.NaN : name === 'exit' || name === 'return' ? (scope.before ?? Number.NaN) : 1) : Number(code);
        if (!Number.isInteger(value)) return code === undefined || code === '' ? this.#unknown() : this.#leave(name, 2);
        return this.#leave(name, value);
      }
      case 'exec':
        if (args.length === 0) return 0;
        return this.#leave('exit', this.#program(args, scope, { ...context, tail: true }) ?? this.#unknown());
      case 'set':
        for (const arg of args) if (/^[-+]\w*e/.test(arg ?? '') || arg === 'errexit') scope.errexit = !arg!.startsWith('+');
        return 0;
      case 'cd':
        scope.directory = absolute(args[0] ?? '/', scope.directory);
        return 0;
      case 'export':
      case 'readonly':
      case 'local':
      case 'declare':
      case 'typeset':
        for (const arg of args) {
          const match = /^(\w+)=(.*)$/s.exec(arg ?? '');
          if (match) scope.set(match[1]!, match[2]);
        }
        return 0;
      case 'let':
        return args.every((arg) => arithmetic(arg ?? '?', scope) !== undefined) ? 0 : undefined;
      case 'unset':
        for (const arg of args) if (arg && !arg.startsWith('-')) scope.unset(arg);
        return 0;
      case 'shift':
        scope.args = scope.args.slice(Number(args[0] ?? 1));
        return 0;
      case 'read':
        for (const arg of args) if (arg && !arg.startsWith('-')) scope.set(arg, context.input === undefined ? '' : context.input.split('\n')[0]);
        return 'input' in context && context.piped ? undefined : 1;
      case 'test':
      case '[': {
        const words = name === '[' ? args.slice(0, -1) : args;
        const result = condition(words, { files: this.files, time: this.time, directory: scope.directory });
        return result === undefined ? undefined : Number(!result);
      }
      case 'trap': {
        const [action, ...signals] = args;
        for (const signal of signals) {
          const key = signal === '15' ? 'TERM' : signal === '0' ? 'EXIT' : (signal ?? '').replace(/^SIG/, '');
          if (action !== undefined && action !== '-') scope.traps.set(key, action);
          else scope.traps.delete(key);
        }
        return 0;
      }
      case 'wait': {
        const { signalledAt } = this.#setting;
        const signalled =
          signalledAt !== undefined && !this.#signalled && signalledAt >= this.time && scope.traps.has('TERM') ? signalledAt : Number.POSITIVE_INFINITY;
        const until = Math.min(Math.max(this.#background, this.time), signalled);
        if (until === Number.POSITIVE_INFINITY) throw new Stop({ type: 'forever' });
        this.time = until;
        return until === signalled ? 143 : 0;
      }
      case 'eval':
        return args.includes(undefined) ? this.#unknown() : this.list(parse(args.join(' ')), scope, context);
      case 'sh':
      case 'bash':
      case 'ash':
      case 'dash':
      case 'zsh':
        return this.#shell(args, scope, context);
      case 'time':
      case 'nohup':
      case 'command':
      case 'sudo':
        return args.length > 0 ? this.#program(args, scope, context) : 0;
      case 'timeout':
        return this.#timeout(args, scope, context);
      case 'umask':
      case 'ulimit':
      case 'shopt':
      case 'alias':
      case 'hash':
      case 'type':
        return 0;
      default:
        return 'other';
    }
  }

  #leave(how: Leave['how'], value: number): never {
    throw new Leave(how, how === 'exit' || how === 'return' ? value & 0xff : value);
  }

  #shell(args: readonly Value[], scope: Scope, context: Context): number | undefined | 'other' {
    const script = scriptOf(args);
    if (!script) return 'other';
    const inner = scope.copy();
    inner.errexit = script.errexit;
    inner.args = script.args;
    return this.#subshell(() => this.list(parse(script.text), inner, context));
  }

  #timeout(args: readonly Value[], scope: Scope, context: Context): number | undefined {
    const [limit, ...argv] = args.filter((arg, i) => i > 0 || !arg?.startsWith('-'));
    const match = /^(\d+)s?$/.exec(limit ?? '');
    const started = this.time;
    let status: number | undefined;
    try {
      status = this.#program(argv, scope, { ...context, tail: false });
    } catch (thrown) {
      if (!match || !(thrown instanceof Stop) || thrown.ending.type !== 'forever') throw thrown;
      this.time = Number.POSITIVE_INFINITY;
    }
    if (!match || this.time - started <= Number(match[1]) * 1000) return status;
    this.time = started + Number(match[1]) * 1000;
    return 143;
  }

  #redirected(command: Command, scope: Scope, context: Context, run: (context: Context) => number | undefined): number | undefined {
    if (command.redirections.length === 0) return run(context);
    let inner = context;
    const written: { path: string; sink: Sink; before: Value }[] = [];
    for (const redirection of command.redirections) {
      const target = expandOne(redirection.target, scope, this);
      const input = this.#input(redirection, target, scope);
      if (input === 'missing') {
        this.#log.write(`sh: can't open ${target}: no such file\n`);
        return 1;
      }
      if (input) inner = { ...inner, input: input.text, piped: true };
      if (!redirection.operator.startsWith('>') || redirection.operator === '>&' || redirection.from > 1 || target === undefined) continue;
      const path = absolute(target, scope.directory);
      if (path === '/dev/stderr' || path === '/dev/stdout' || /^\/proc\/(1|self)\/fd\/[12]$/.test(path)) continue;
      const sink = new Sink();
      const file = redirection.operator === '>>' ? this.files.read(path, this.time) : undefined;
      const before = file === 'unknown' ? undefined : file ? file.text : '';
      inner = { ...inner, out: sink };
      if (path === '/dev/null') continue;
      written.push({ path, sink, before });
      this.files.write(path, this.time, { text: before });
    }
    try {
      return run(inner);
    } finally {
      for (const { path, sink, before } of written) {
        this.files.write(path, this.time, { text: before === undefined || sink.text === undefined ? undefined : (before + sink.text).slice(-MOST_OUTPUT) });
      }
    }
  }

  #input({ operator }: Redirection, target: Value, scope: Scope): { text: Value } | 'missing' | undefined {
    if (operator === '<<' || operator === '<<<') return { text: target === undefined || operator === '<<' ? target : `${target}\n` };
    if (operator !== '<') return undefined;
    const file = target === undefined ? 'unknown' : this.files.read(absolute(target, scope.directory), this.time);
    if (file === 'unknown' || target === '/dev/null') return { text: target === '/dev/null' ? '' : undefined };
    return file ?? 'missing';
  }

  /** What a command substitution is: the output of commands, without the newlines at its end. */
  output(list: List, scope: Scope): Value {
    const out = new Sink();
    scope.status = this.#subshell(() => this.list(list, scope.copy(), { out }));
    return out.text?.replace(/\n+$/, '');
  }

  /** A signal is taken once the command that runs in the foreground has ended. */
  #deliver(scope: Scope): void {
    const { signalledAt } = this.#setting;
    if (signalledAt === undefined || this.#signalled || this.time < signalledAt) return;
    const action = scope.traps.get('TERM');
    if (action === undefined) return;
    this.#signalled = true;
    scope.status = 143;
    this.list(parse(action), scope, { out: this.#log });
  }

  #unknown(): never {
    throw new Stop({ type: 'unknown', afterMs: this.time });
  }
}

/** Where a command stands. */
interface Context {
  readonly out: Sink;
  /** What it reads; undefined: what that is is not known. */
  readonly input?: Value;
  readonly piped?: boolean;
  /** Nothing comes after it. */
  readonly tail?: boolean;
  /** Its status is looked at. */
  readonly tested?: boolean;
}

/** The argument of `-c`, which may share its dash with other letters: `sh -ec 'exit 3'`. */
export function scriptOf(args: readonly Value[]): { text: string; errexit: boolean; args: readonly Value[] } | undefined {
  let errexit = false;
  for (let i = 0; i < args.length && args[i]?.startsWith('-'); i++) {
    const letters = args[i]!.slice(1);
    if (letters.startsWith('-')) continue;
    if (letters.includes('e')) errexit = true;
    if (letters.endsWith('c')) return args[i + 1] === undefined ? undefined : { text: args[i + 1]!, errexit, args: args.slice(i + 3) };
    if (letters === 'o' || letters.endsWith('o')) i++;
  }
  return undefined;
}

const isWords = (values: readonly Word[] | Word): values is readonly Word[] => Array.isArray(values[0]);

/** Whether a condition is one of those that are written to hold always: `while true`. */
function isConstant(condition: List, until: boolean): boolean {
  const [only] = condition.length === 1 && condition[0]!.pipelines.length === 1 ? condition[0]!.pipelines : [];
  const command = only?.commands.length === 1 && !only.negated ? only.commands[0] : undefined;
  if (command?.type === 'arithmetic') return !until && /^\s*1\s*$/.test(command.text);
  const words = command?.type === 'simple' || command?.type === 'test' ? command.words : [];
  const text = words.map((word) => (word.length === 1 && word[0]!.type === 'text' ? word[0]!.text : '?')).join(' ');
  return until ? text === 'false' : text === 'true' || text === ':' || /^(\[ )?(1|true)( \])?$/.test(text);
}

/** Whether something in a loop may end it. */
function leaves(body: List): boolean {
  return /"text":"(break|exit|return|exec|set)"/.test(JSON.stringify(body));
}
