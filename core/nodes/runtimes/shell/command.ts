import { scriptOf } from './built-ins.ts';
import { ScriptError } from './cursor.ts';
import { Interpreter, type Run } from './interpreter.ts';
import type { Setting } from './shell.ts';

const SHELLS = new Set(['sh', 'bash', 'ash', 'dash', 'zsh']);

/** What is longer does more than can be read here, and would take long to read. */
const LONGEST_SCRIPT = 16 * 1024;

/**
 * Runs a command line on a virtual clock: a shell with a script, or one of the programs that are known (docs/decisions/0031-shell.md). What
 * cannot be read is not known.
 */
export function runCommand(argv: readonly string[], setting: Setting): Run {
  const interpreter = new Interpreter(setting);
  try {
    const [path = '', ...args] = argv;
    if (!isShell(path)) return interpreter.call(argv);
    const script = scriptOf(args);
    if (!script) return interpreter.call(argv);
    return script.text.length <= LONGEST_SCRIPT ? interpreter.run(script.text, { errexit: script.errexit, args: script.args as string[] }) : unread;
  } catch (thrown) {
    if (thrown instanceof ScriptError) return unread;
    throw thrown;
  }
}

const unread: Run = { ending: { type: 'unknown', afterMs: 0 }, output: '', traps: false };

export const isShell = (path: string): boolean => SHELLS.has(path.slice(path.lastIndexOf('/') + 1));
