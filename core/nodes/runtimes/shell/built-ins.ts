import { arithmetic } from './arithmetic.ts';
import { condition } from './condition.ts';
import { Leave, Stop } from './ending.ts';
import { absolute } from './files.ts';
import type { Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { Context, Shell, Status } from './shell.ts';

interface BuiltInCall {
  readonly name: string;
  readonly args: readonly Value[];
  readonly shell: Shell;
  readonly scope: Scope;
  readonly context: Context;
  /** Runs a program with its arguments. */
  readonly call: (argv: readonly Value[], shell: Shell, scope: Scope, context: Context) => Status;
}

/** `other`: it is called so that it is a program that is not known. */
type BuiltIn = (call: BuiltInCall) => Status | 'other';

const nothing: BuiltIn = () => 0;

/** What the shell does itself (POSIX.1-2024, "Special Built-In Utilities"), and what runs another program or script. */
export const builtIns: Readonly<Record<string, BuiltIn>> = {
  exit: leave,
  return: leave,
  break: leave,
  continue: leave,
  exec: ({ args, shell, scope, context, call }) => {
    if (args.length === 0) return 0;
    throw new Leave('exit', (call(args, shell, scope, { ...context, tail: true }) ?? shell.unknown()) & 0xff);
  },
  set,
  cd: ({ args, scope }) => {
    scope.directory = absolute(args[0] ?? '/', scope.directory);
    return 0;
  },
  export: declare,
  readonly: declare,
  local: declare,
  declare,
  typeset: declare,
  let: ({ args, scope }) => (args.every((arg) => arithmetic(arg ?? '?', scope) !== undefined) ? 0 : undefined),
  unset: ({ args, scope }) => {
    for (const arg of args) if (arg && !arg.startsWith('-')) scope.unset(arg);
    return 0;
  },
  shift: ({ args, scope }) => {
    scope.args = scope.args.slice(Number(args[0] ?? 1));
    return 0;
  },
  read: ({ args, scope, context }) => {
    for (const arg of args) if (arg && !arg.startsWith('-')) scope.set(arg, context.input === undefined ? '' : context.input.split('\n')[0]);
    return 'input' in context && context.piped ? undefined : 1;
  },
  test: (call) => test(call.args, call),
  '[': (call) => test(call.args.slice(0, -1), call),
  trap: ({ args: [action, ...signals], scope }) => {
    for (const signal of signals) {
      const key = signal === '15' ? 'TERM' : signal === '0' ? 'EXIT' : (signal ?? '').replace(/^SIG/, '');
      if (action !== undefined && action !== '-') scope.traps.set(key, action);
      else scope.traps.delete(key);
    }
    return 0;
  },
  wait,
  eval: ({ args, shell, scope, context }) => (args.includes(undefined) ? shell.unknown() : shell.list(shell.read(args.join(' ')), scope, context)),
  sh: runScript,
  bash: runScript,
  ash: runScript,
  dash: runScript,
  zsh: runScript,
  time: runArgs,
  nohup: runArgs,
  command: runArgs,
  sudo: runArgs,
  timeout,
  umask: nothing,
  ulimit: nothing,
  shopt: nothing,
  alias: nothing,
  hash: nothing,
  type: nothing,
};

function leave({ name, args, shell, scope }: BuiltInCall): never {
  const how = name as Leave['how'];
  const fromShell = how === 'exit' || how === 'return';
  const [code] = args;
  const value = code === undefined ? (args.length > 0 ? Number.NaN : fromShell ? (scope.before ?? Number.NaN) : 1) : Number(code);
  if (Number.isInteger(value)) throw new Leave(how, fromShell ? value & 0xff : value);
  if (code === undefined || code === '') shell.unknown();
  throw new Leave(how, 2);
}

/** Its options, and then its positional parameters. */
function set({ args, scope }: BuiltInCall): Status {
  for (let i = 0; i < args.length; i++) {
    const [, sign, letters = ''] = /^([-+])(\w+)$/.exec(args[i] ?? '') ?? [];
    if (!sign) {
      scope.args = args.slice(args[i] === '--' ? i + 1 : i);
      return 0;
    }
    const named = letters.endsWith('o') ? args[++i] : undefined;
    if (letters.includes('e') || named === 'errexit') scope.errexit = sign === '-';
  }
  return 0;
}

function declare({ args, scope }: BuiltInCall): Status {
  for (const arg of args) {
    const match = /^(\w+)=(.*)$/s.exec(arg ?? '');
    if (match) scope.set(match[1]!, match[2]);
  }
  return 0;
}

function test(words: readonly Value[], { shell, scope }: BuiltInCall): Status {
  const result = condition(words, shell, scope);
  return result === undefined ? undefined : Number(!result);
}

function wait({ shell, scope }: BuiltInCall): Status {
  const { signalledAt } = shell.setting;
  const isSignalled = signalledAt !== undefined && !shell.signalled && signalledAt >= shell.time && scope.traps.has('TERM');
  const until = Math.min(Math.max(shell.background, shell.time), isSignalled ? signalledAt : Number.POSITIVE_INFINITY);
  if (until === Number.POSITIVE_INFINITY) throw new Stop({ type: 'forever' });
  shell.time = until;
  return isSignalled && until === signalledAt ? 143 : 0;
}

function runScript({ args, shell, scope, context }: BuiltInCall): Status | 'other' {
  const script = scriptOf(args);
  if (!script) return 'other';
  const inner = shell.copy(scope);
  inner.errexit = script.errexit;
  inner.args = script.args;
  return shell.subshell(() => shell.list(shell.read(script.text), inner, context));
}

function runArgs({ args, shell, scope, context, call }: BuiltInCall): Status {
  return args.length > 0 ? call(args, shell, scope, context) : 0;
}

function timeout({ args, shell, scope, context, call }: BuiltInCall): Status {
  const [limit, ...argv] = args.filter((arg, i) => i > 0 || !arg?.startsWith('-'));
  const match = /^(\d+)s?$/.exec(limit ?? '');
  const started = shell.time;
  let status: Status;
  try {
    status = call(argv, shell, scope, { ...context, tail: false });
  } catch (thrown) {
    if (!match || !(thrown instanceof Stop) || thrown.ending.type !== 'forever') throw thrown;
    shell.time = Number.POSITIVE_INFINITY;
  }
  if (!match || shell.time - started <= Number(match[1]) * 1000) return status;
  shell.time = started + Number(match[1]) * 1000;
  return 143;
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
