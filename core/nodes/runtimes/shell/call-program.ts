import { builtIns } from './built-ins.ts';
import { Leave, Stop } from './ending.ts';
import { type Answer, programs, type Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { Context, Shell, Status } from './shell.ts';
import type { Command } from './syntax.ts';

/** Runs what a word names: a function of the script, what the shell does itself, or a program, which may be one that is not known. */
export function callProgram(argv: readonly Value[], shell: Shell, scope: Scope, context: Context): Status {
  return shell.nested(() => call(argv, shell, scope, context));
}

function call(argv: readonly Value[], shell: Shell, scope: Scope, context: Context): Status {
  const [path, ...args] = argv;
  if (path === undefined) return context.tail ? shell.unknown() : 0;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const body = scope.functions.get(path);
  if (body) return callFunction(body, args, shell, scope, context);
  const isKnown = Object.hasOwn(builtIns, name) || Object.hasOwn(programs, name);
  // What is not known may be called with whatever there is.
  if (isKnown) shell.spend(args.reduce((sum, arg) => sum + 1 + (arg?.length ?? 0), 0));
  const own = Object.hasOwn(builtIns, name) ? builtIns[name]!({ name, args, shell, scope, context, call: callProgram }) : 'other';
  if (own !== 'other') return own;
  const answer = shell.setting.program?.(argv, shell.time, inputOf(context));
  if (answer) return take(answer, shell, context);
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (program && !shell.setting.missing?.(name)) return take(asked(program, args, shell, scope, context), shell, context);
  if (shell.setting.missing?.(path)) {
    shell.log.write(`sh: ${path}: not found\n`);
    return 127;
  }
  shell.setting.stranger?.();
  if (context.tail)
    throw new Stop(argv.includes(undefined) ? { type: 'unknown', afterMs: shell.time } : { type: 'program', afterMs: shell.time, argv: argv as string[] });
  // The script goes on after it: it has succeeded, with what cannot be told.
  context.out.write(undefined);
  return 0;
}

function callFunction(body: Command, args: readonly Value[], shell: Shell, scope: Scope, context: Context): Status {
  const before = scope.args;
  scope.args = args;
  try {
    return shell.command(body, scope, context);
  } catch (thrown) {
    if (thrown instanceof Leave && thrown.how === 'return') return thrown.value;
    throw thrown;
  } finally {
    scope.args = before;
  }
}

/** What nothing is piped into has an empty one. */
const inputOf = (context: Context): Value => ('input' in context ? context.input : '');

function asked(program: (typeof programs)[string], args: readonly Value[], shell: Shell, scope: Scope, context: Context): Answer {
  return program({
    args,
    input: inputOf(context),
    time: shell.time,
    files: shell.files,
    directory: scope.directory,
    variable: (name) => scope.get(name),
    environment: scope.environment,
    surroundings: shell.surroundings,
  });
}

/** Some three hundred years after a container's start, in ms: what lasts longer lasts for ever. A time of JavaScript ends after 275,760 years. */
const LATEST = 1e13;

function take(answer: Answer, shell: Shell, context: Context): Status {
  const { status, error, takesMs = 0, cost = 0, forever } = answer;
  const output = 'output' in answer ? answer.output : '';
  shell.spend((output?.length ?? 0) + (error?.length ?? 0) + cost);
  if (error) shell.log.write(error);
  if (forever) throw new Stop({ type: 'forever' });
  context.out.write(output);
  shell.time += takesMs;
  if (shell.time > LATEST) throw new Stop({ type: 'forever' });
  return status;
}
