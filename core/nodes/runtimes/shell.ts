/** What is known of a command line without running it. */
export type CommandResult =
  | { readonly type: 'exits'; readonly afterMs: number; readonly exitCode: number }
  | { readonly type: 'forever' }
  /** A program that is not known takes over after this time. */
  | { readonly type: 'unknown'; readonly afterMs: number };

/**
 * Reads a container's command: one of a few programs (`sleep`, `true`, `false`, `echo`, `tail -f`), or a shell with `-c` and a script of
 * such programs joined by `;`, `&&`, `||` and newlines, with `exit`, `exec` and `set -e`. A program in the middle of a script that is not
 * known is taken to succeed at once, since the script goes on after it. What is beyond that (pipes, substitutions, control structures
 * other than an endless loop) makes the rest unknown.
 */
export function resultOfCommand(argv: readonly string[]): CommandResult {
  const program = basename(argv[0] ?? '');
  if (SHELLS.has(program)) {
    const script = scriptOf(argv.slice(1));
    return script && script.text.length <= LONGEST_SCRIPT ? runScript(script.text, script.errexit) : unknown(0);
  }
  return runProgram(argv, 0);
}

/** What is longer does more than can be read here, and would take long to read. */
const LONGEST_SCRIPT = 16 * 1024;

const SHELLS = new Set(['sh', 'bash', 'ash', 'dash', 'zsh']);
const QUIET = new Set(['true', ':', 'echo', 'printf', 'cd', 'export', 'set', 'trap', 'umask', 'unset', 'readonly', 'local']);

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const unknown = (afterMs: number): CommandResult => ({ type: 'unknown', afterMs });
const exits = (exitCode: number, afterMs = 0): CommandResult => ({ type: 'exits', afterMs, exitCode });

/** The argument of `-c`, which may share its dash with other letters: `sh -ec 'exit 3'`. */
function scriptOf(args: readonly string[]): { text: string; errexit: boolean } | undefined {
  let errexit = false;
  for (let i = 0; i < args.length && args[i]!.startsWith('-'); i++) {
    const letters = args[i]!.slice(1);
    if (letters.includes('e') && !letters.startsWith('-')) errexit = true;
    if (letters.endsWith('c') && !letters.startsWith('-')) return args[i + 1] === undefined ? undefined : { text: args[i + 1]!, errexit };
    if (letters === 'o') i++;
  }
  return undefined;
}

function runProgram(argv: readonly string[], last: number): CommandResult {
  const program = basename(argv[0] ?? '');
  if (QUIET.has(program)) return exits(0);
  if (program === 'false') return exits(1);
  if (program === 'sleep') return sleep(argv.slice(1));
  if (program === 'exit') return exitStatus(argv[1], last);
  if (program === 'tail') return argv.some((arg) => /^-[a-z]*[fF]/.test(arg)) ? { type: 'forever' } : exits(0);
  return unknown(0);
}

function exitStatus(code: string | undefined, last: number): CommandResult {
  if (code === undefined || code === '$?') return exits(last);
  return /^\d+$/.test(code) ? exits(Number(code) & 0xff) : unknown(0);
}

const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

function sleep(args: readonly string[]): CommandResult {
  if (args.length === 0) return exits(1);
  let seconds = 0;
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') return { type: 'forever' };
    const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(arg);
    if (!match) return unknown(0);
    seconds += Number(match[1]) * UNITS[match[2]!]!;
  }
  return exits(0, seconds * 1000);
}

function runScript(script: string, errexit: boolean): CommandResult {
  const commands = commandsOf(script);
  let time = 0;
  let status = 0;
  for (let i = 0; i < commands.length; i++) {
    const { words, plain, after } = commands[i]!;
    if (after === '&&' && status !== 0) continue;
    if (after === '||' && status === 0) continue;
    const argv = words[0] === 'exec' ? words.slice(1) : words;
    if (isEndlessLoop(words.join(' '))) return { type: 'forever' };
    if (CONTROL.has(argv[0]!)) return unknown(time);
    if (argv[0] === 'set' && argv.some((arg) => /^-[a-z]*e/.test(arg))) errexit = true;
    const last = i === commands.length - 1 || words[0] === 'exec';
    const outcome = !plain ? unknown(0) : SHELLS.has(basename(argv[0]!)) ? resultOfCommand(argv) : runProgram(argv, status);
    if (outcome.type === 'forever') return outcome;
    if (outcome.type === 'unknown') {
      if (last) return unknown(time + outcome.afterMs);
      status = 0;
      continue;
    }
    time += outcome.afterMs;
    status = outcome.exitCode;
    // `set -e` does not look at what stands before && and ||.
    const tested = commands[i + 1]?.after === '&&' || commands[i + 1]?.after === '||';
    if (last || argv[0] === 'exit' || (errexit && status !== 0 && !tested)) return exits(status, time);
  }
  return exits(status, time);
}

const CONTROL = new Set(['if', 'for', 'while', 'until', 'case', 'function', '{', '(']);

const isEndlessLoop = (text: string): boolean => /^(while (true|:|1|\[ 1 \])|until false|for \(\()/.test(text);

interface Command {
  readonly words: readonly string[];
  /** Whether it is words alone: no pipe, no substitution. */
  readonly plain: boolean;
  /** What joins it to the command before. */
  readonly after: ';' | '&&' | '||';
}

/** Splits a script into its commands and words, as far as quotes, comments and redirections go. */
function commandsOf(script: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let plain = true;
  let after: Command['after'] = ';';
  const end = (next: Command['after']) => {
    const assignments = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
    const rest = assignments < 0 ? [] : words.slice(assignments);
    if (rest.length > 0) commands.push({ words: rest, plain, after });
    words = [];
    plain = true;
    after = next;
  };
  for (const [token] of script.matchAll(TOKENS)) {
    if (token.startsWith('#')) continue;
    if (token === ';' || token === '\n') end(after !== ';' && words.length === 0 ? after : ';');
    else if (token === '&&' || token === '||') end(token);
    else if (token === '|') plain = false;
    else if (token === '&') {
      // It goes on in the background; the script does not wait for it.
      words = [];
      end(';');
    } else if (/^\d*(>>?|<)/.test(token)) continue;
    else if (/\S/.test(token)) {
      if (/\$\(|`/.test(token)) plain = false;
      words.push(unquoted(token));
    }
  }
  end(';');
  return commands;
}

// A comment, a separator, a redirection with its target, or a word whose parts may be quoted.
const TOKENS = /(?<=^|\s)#[^\n]*|&&|\|\||[;\n]|\d*(?:>>?|<)(?:&\d|&-|\s*[^\s;&|]+)|\||&|(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|\$\([^)]*\)|[^\s;&|"'\\<>])+/gs;

const unquoted = (word: string): string =>
  word.replace(
    /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/gs,
    (_, escaped?: string, double?: string, single?: string) => escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? '',
  );
