import { scriptOf } from './built-ins.ts';
import { Interpreter, type Run } from './interpreter.ts';
import type { Setting } from './shell.ts';

const SHELLS = new Set(['sh', 'bash', 'ash', 'dash', 'zsh']);

/**
 * Runs a command line on a virtual clock: a shell with a script, or one of the programs that are known (docs/decisions/0031-shell.md). What
 * cannot be read is not known.
 */
export function runCommand(argv: readonly string[], setting: Setting): Run {
  const interpreter = new Interpreter(setting);
  const [path = '', ...args] = argv;
  const script = isShell(path) ? scriptOf(args) : undefined;
  return script ? interpreter.run(script.text, { errexit: script.errexit, args: script.args as string[] }) : interpreter.call(argv);
}

export const isShell = (path: string): boolean => SHELLS.has(path.slice(path.lastIndexOf('/') + 1));
