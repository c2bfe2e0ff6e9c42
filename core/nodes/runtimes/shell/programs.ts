import type { Surroundings } from '../../surroundings.ts';
import { arithmetic } from './arithmetic.ts';
import { MOST_OUTPUT } from './budget.ts';
import { absolute, type Files } from './files.ts';

/** A text, or undefined where it is not known. */
export type Value = string | undefined;

/** A program as it is called. */
export interface Call {
  readonly args: readonly Value[];
  /** What it reads, where that is not a file. */
  readonly input: Value;
  /** ms since the container's start. */
  readonly time: number;
  readonly files: Files;
  readonly directory: string;
  readonly variable: (name: string) => Value;
  readonly environment: ReadonlyMap<string, Value>;
  readonly surroundings: Surroundings;
}

/** What it does. `status` undefined: that cannot be told. */
export interface Answer {
  readonly status: number | undefined;
  readonly output?: Value;
  readonly error?: string;
  readonly takesMs?: number;
  /** What it is to be accounted for, in characters, besides what it writes. */
  readonly cost?: number;
  /** It runs until it is stopped. */
  readonly forever?: boolean;
}

const ok = (...output: [Value?]): Answer => ({ status: 0, output: output.length > 0 ? output[0] : '' });
const failed = (error: string, status = 1): Answer => ({ status, output: '', error: `${error}\n` });
const unclear: Answer = { status: undefined, output: undefined };

/** The programs of a small system, as busybox has them, as far as scripts in containers use them. */
export const programs: Readonly<Record<string, (call: Call) => Answer>> = {
  true: () => ok(),
  ':': () => ok(),
  false: () => ({ status: 1, output: '' }),
  echo: ({ args }) => echo(args),
  printf: ({ args }) => printf(args),
  sleep: ({ args }) => sleep(args),
  usleep: ({ args: [time] }) => (/^\d+$/.test(time ?? '') ? { status: 0, output: '', takesMs: Number(time) / 1000 } : unclear),
  cat: ({ args, input, ...call }) => {
    const paths = args.filter((arg) => arg === undefined || !/^-./.test(arg));
    return paths.length === 0 ? ok(input) : read('cat', paths, call);
  },
  head: (call) => excerpt('head', call),
  tail: (call) => (call.args.some((arg) => /^(-[a-z0-9]*[fF]|--follow)/.test(arg ?? '')) ? { status: 0, forever: true } : excerpt('tail', call)),
  wc: ({ input, args }) => count(args, input),
  tr: ({ args: [from, to], input }) =>
    from === '-d' && to && input !== undefined ? ok([...input].filter((char) => !to.includes(char)).join('')) : ok(undefined),
  tee: ({ args, input, files, time, directory }) => {
    for (const path of args) if (path && !path.startsWith('-')) files.write(absolute(path, directory), time, { text: input });
    return ok(input);
  },
  grep: (call) => grep(call),
  touch: ({ args, files, time, directory }) => {
    for (const path of paths(args, directory)) if (!isThere(files, path, time)) files.write(path, time, { text: '' });
    return ok();
  },
  mkdir: ({ args, files, time, directory }) => {
    for (const path of paths(args, directory)) if (!isThere(files, path, time)) files.write(path, time, { text: '' });
    return ok();
  },
  rm: ({ args, files, time, directory }) => {
    const forced = args.some((arg) => /^-\w*f/.test(arg ?? ''));
    for (const path of paths(args, directory)) {
      if (!isThere(files, path, time) && !forced) return failed(`rm: can't remove '${path}': No such file or directory`);
      files.remove(path, time);
    }
    return ok();
  },
  cp: (call) => copy('cp', call),
  mv: (call) => copy('mv', call),
  ls: ({ args, files, time, directory }) => {
    const named = paths(args, directory);
    for (const path of named) {
      if (files.read(path, time) === undefined && files.list(path, time).length === 0) return failed(`ls: ${path}: No such file or directory`);
    }
    return ok(undefined);
  },
  basename: ({ args: [path] }) => ok(path && `${path.replace(/\/+$/, '').replace(/.*\//, '')}\n`),
  dirname: ({ args: [path] }) => ok(path && `${/^(.+)\/[^/]*$/.exec(path)?.[1] ?? (path.startsWith('/') ? '/' : '.')}\n`),
  expr: ({ args }) => expr(args),
  seq: ({ args }) => seq(args),
  date: ({ args: [format], time, surroundings }) => ok(format === '+%s' ? `${Math.floor((surroundings.startedAt + time) / 1000)}\n` : undefined),
  hostname: ({ surroundings }) => ok(`${surroundings.hostname}\n`),
  pwd: ({ directory }) => ok(`${directory}\n`),
  env: ({ args, environment }) => (args.length === 0 ? ok([...environment].map(([name, value]) => `${name}=${value ?? ''}\n`).join('')) : unclear),
  printenv: ({ args: names, environment }) => {
    if (names.length === 0 || names.includes(undefined)) return ok(undefined);
    const found = names.filter((name) => environment.has(name!));
    return { status: found.length === names.length ? 0 : 1, output: found.map((name) => `${environment.get(name!) ?? ''}\n`).join('') };
  },
  nslookup: (call) => lookup(call),
  getent: (call) => lookup(call),
  nc: (call) => connect(call),
  ncat: (call) => connect(call),
  curl: (call) => request(call),
  wget: (call) => request(call),
  pg_isready: (call) => byOption(call, '-h', '--host'),
  'redis-cli': (call) => byOption(call, '-h'),
  mysqladmin: (call) => byOption(call, '-h', '--host'),
  // Nothing else runs here: a loop that waits for a process to end need not wait.
  killall: () => ({ status: 1, output: '' }),
  pkill: () => ({ status: 1, output: '' }),
  pgrep: () => ({ status: 1, output: '' }),
  pidof: () => ({ status: 1, output: '' }),
  ...Object.fromEntries(
    ['kill', 'sync', 'chmod', 'chown', 'ln', 'id', 'whoami', 'uname', 'ps', 'df', 'du', 'free', 'mount', 'stty', 'logger', 'which'].map((name) => [
      name,
      () => ok(undefined),
    ]),
  ),
};

const isThere = (files: Files, path: string, time: number): boolean => {
  const file = files.read(path, time);
  return file !== undefined && file !== 'unknown';
};

const paths = (args: readonly Value[], directory: string): string[] =>
  args.filter((arg) => arg !== undefined && !arg.startsWith('-')).map((arg) => absolute(arg!, directory));

function echo(args: readonly Value[]): Answer {
  const options = args.findIndex((arg) => !/^-[neE]+$/.test(arg ?? ''));
  const [flags, words] = [args.slice(0, options < 0 ? undefined : options).join(''), options < 0 ? [] : args.slice(options)];
  if (words.includes(undefined)) return ok(undefined);
  const text = words.join(' ');
  return ok(`${flags.includes('e') ? escaped(text) : text}${flags.includes('n') ? '' : '\n'}`);
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0', a: '\x07' };
const escaped = (text: string): string => text.replace(/\\([ntra0\\])/g, (_, char: string) => ESCAPES[char]!);

function printf([format, ...args]: readonly Value[]): Answer {
  if (format === undefined || args.includes(undefined)) return ok(undefined);
  let next = 0;
  let text = '';
  do {
    if (text.length > MOST_OUTPUT) return ok(undefined);
    text += escaped(format).replace(/%(?:%|-?\d*(?:\.\d+)?([sdiu]))/g, (all, kind?: string) =>
      all === '%%' ? '%' : (args[next++] ?? (kind === 's' ? '' : '0')),
    );
  } while (next > 0 && next < args.length && /%-?\d*[sdiu]/.test(format));
  return ok(text);
}

const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

function sleep(args: readonly Value[]): Answer {
  if (args.length === 0) return failed('BusyBox: sleep: missing operand');
  let seconds = 0;
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') return { status: 0, forever: true };
    const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(arg ?? '');
    if (arg === undefined) return unclear;
    if (!match) return /^\$\(/.test(arg) ? unclear : failed(`sleep: invalid number '${arg}'`);
    seconds += Number(match[1]) * UNITS[match[2]!]!;
  }
  return { status: 0, output: '', takesMs: seconds * 1000 };
}

function read(program: string, names: readonly Value[], { files, time, directory }: Pick<Call, 'files' | 'time' | 'directory'>): Answer {
  let output: Value = '';
  for (const name of names) {
    if (name === undefined) return unclear;
    const file = files.read(absolute(name, directory), time);
    if (file === 'unknown') return unclear;
    if (!file) return failed(`${program}: can't open '${name}': No such file or directory`);
    output = output === undefined || file.text === undefined ? undefined : output + file.text;
  }
  return ok(output);
}

function excerpt(program: 'head' | 'tail', call: Call): Answer {
  const named = call.args.filter((arg, i) => arg !== undefined && !arg.startsWith('-') && !/^-[nc]$/.test(call.args[i - 1] ?? ''));
  const source = named.length > 0 ? read(program, named, call) : ok(call.input);
  if (source.status !== 0 || source.output === undefined) return source;
  const lines = Number(/-n?\s*(\d+)/.exec(call.args.join(' '))?.[1] ?? 10);
  const all = source.output.split(/(?<=\n)/);
  return ok((program === 'head' ? all.slice(0, lines) : all.slice(Math.max(0, all.length - lines))).join(''));
}

function count(args: readonly Value[], input: Value): Answer {
  if (input === undefined || args.some((arg) => !arg?.startsWith('-'))) return ok(undefined);
  if (args.includes('-l')) return ok(`${input.split('\n').length - 1}\n`);
  return args.includes('-c') ? ok(`${input.length}\n`) : ok(undefined);
}

function grep(call: Call): Answer {
  const { args, input } = call;
  const [pattern, ...named] = args.filter((arg) => !/^-\w+$/.test(arg ?? ''));
  const flags = args.filter((arg) => /^-\w+$/.test(arg ?? '')).join('');
  const source = named.length > 0 ? read('grep', named, call) : ok(input);
  if (source.status !== 0) return { ...source, status: source.status === undefined ? undefined : 2 };
  // Of patterns only plain text: what is matched by more is not worth the risk of a pattern that takes forever.
  if (source.output === undefined || pattern === undefined || /[\\.*[\]^$+?(){}|]/.test(pattern)) return unclear;
  const lines = source.output.split(/(?<=\n)/).filter((line) => line && line.includes(pattern) !== flags.includes('v'));
  return { status: lines.length > 0 ? 0 : 1, output: flags.includes('q') ? '' : flags.includes('c') ? `${lines.length}\n` : lines.join('') };
}

function copy(program: 'cp' | 'mv', { args, files, time, directory }: Call): Answer {
  const named = paths(args, directory);
  const target = named.pop();
  if (!target || named.length === 0) return unclear;
  for (const source of named) {
    const file = files.read(source, time);
    if (file === 'unknown') return unclear;
    if (!file) return failed(`${program}: can't stat '${source}': No such file or directory`);
    const into = named.length > 1 || files.list(target, time).length > 0 ? `${target}/${source.slice(source.lastIndexOf('/') + 1)}` : target;
    files.write(into, time, { text: file.text });
    if (program === 'mv') files.remove(source, time);
  }
  return ok();
}

function expr(args: readonly Value[]): Answer {
  if (args.includes(undefined)) return unclear;
  const text = args.map((arg) => (arg === '=' ? '==' : arg)).join(' ');
  const value = arithmetic(text, { get: () => undefined, set: () => {} });
  if (value === undefined || /[A-Za-z]/.test(text)) {
    if (args.length === 3 && (args[1] === '=' || args[1] === '!='))
      return Number((args[0] === args[2]) === (args[1] === '=')) ? ok('1\n') : { status: 1, output: '0\n' };
    return failed('expr: syntax error', 2);
  }
  return { status: value === 0 ? 1 : 0, output: `${value}\n` };
}

const MOST_NUMBERS = 10_000;

function seq(args: readonly Value[]): Answer {
  const numbers = args.filter((arg) => !/^-[ws]/.test(arg ?? '')).map(Number);
  const [first, step, last] =
    numbers.length === 1 ? [1, 1, numbers[0]!] : numbers.length === 2 ? [numbers[0]!, 1, numbers[1]!] : [numbers[0]!, numbers[1]!, numbers[2]!];
  if (![first, step, last].every(Number.isSafeInteger) || step === 0 || (last - first) / step > MOST_NUMBERS) return unclear;
  let output = '';
  for (let number = first; step > 0 ? number <= last : number >= last; number += step) output += `${number}\n`;
  return ok(output);
}

function lookup({ args, time, surroundings }: Call): Answer {
  const host = args.findLast((arg) => arg !== undefined && !arg.startsWith('-') && arg !== 'hosts');
  if (!host) return unclear;
  const since = surroundings.resolves(host);
  if (since === undefined || surroundings.startedAt + time < since) return failed(`nslookup: can't resolve '${host}'`);
  return ok(undefined);
}

function answers(host: string | undefined, { time, surroundings }: Call, error: (host: string) => Answer): Answer {
  if (!host) return unclear;
  const since = surroundings.answers(host.replace(/:\d+$/, ''));
  return since === undefined || surroundings.startedAt + time < since ? error(host) : ok(undefined);
}

function connect(call: Call): Answer {
  const { args } = call;
  if (args.some((arg) => /^-\w*l/.test(arg ?? ''))) return { status: 0, forever: true };
  const [host] = args.filter((arg, i) => arg !== undefined && !arg.startsWith('-') && !/^-[wpi]$/.test(args[i - 1] ?? ''));
  return answers(host, call, () => ({ status: 1, output: '' }));
}

function request(call: Call): Answer {
  const url = call.args.find((arg) => /^(https?:\/\/)?[\w.-]+(:\d+)?(\/|$)/.test(arg ?? '') && !arg!.startsWith('-') && /[.:/]/.test(arg!)) ?? call.args.at(-1);
  const host = url?.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  const answer = answers(host, call, (name) => failed(`wget: bad address '${name}'`));
  const option = call.args.findIndex((arg) => /^-\w*[oO]$|^--output(-document)?$/.test(arg ?? ''));
  const saved = option < 0 ? undefined : call.args[option + 1];
  if (answer.status === 0 && saved && saved !== '-') call.files.write(absolute(saved, call.directory), call.time, { text: undefined });
  return answer;
}

function byOption(call: Call, ...names: readonly string[]): Answer {
  const { args } = call;
  const i = args.findIndex((arg) => names.some((name) => arg?.startsWith(name)));
  const host = i < 0 ? 'localhost' : args[i]!.replace(/^(-h|--host=?)/, '') || args[i + 1];
  return answers(host, call, () => ({ status: 2, output: '' }));
}
