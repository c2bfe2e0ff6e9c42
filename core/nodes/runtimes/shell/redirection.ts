import { expandOne } from './expand.ts';
import { absolute, type FileState } from './files.ts';
import type { Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { Context, Shell, Status } from './shell.ts';
import { Sink } from './sink.ts';
import type { Command, Redirection } from './syntax.ts';

/** Runs a command with what it reads and writes as it is redirected. */
export function redirected({ redirections }: Command, shell: Shell, scope: Scope, context: Context, run: (context: Context) => Status): Status {
  if (redirections.length === 0) return run(context);
  let inner = context;
  const written: { path: string; sink: Sink }[] = [];
  for (const redirection of redirections) {
    const target = expandOne(redirection.target, scope, shell);
    const input = inputOf(redirection, target, shell, scope);
    if (input === 'missing') {
      shell.log.write(`sh: can't open ${target}: no such file\n`);
      return 1;
    }
    if (input) inner = { ...inner, input: input.text, piped: true };
    if (!redirection.operator.startsWith('>') || redirection.operator === '>&' || redirection.from > 1 || target === undefined) continue;
    const path = absolute(target, scope.directory);
    if (path === '/dev/stderr' || path === '/dev/stdout' || /^\/proc\/(1|self)\/fd\/[12]$/.test(path)) continue;
    const file = redirection.operator === '>>' ? shell.files.read(path, shell.time) : undefined;
    const sink = Sink.after(file === 'unknown' ? { text: undefined } : (file ?? { text: '' }));
    inner = { ...inner, out: sink };
    if (path === '/dev/null') continue;
    written.push({ path, sink });
    shell.files.write(path, shell.time, fileOf(sink));
  }
  try {
    return run(inner);
  } finally {
    for (const { path, sink } of written) shell.files.write(path, shell.time, fileOf(sink));
  }
}

const fileOf = ({ text, end }: Sink): FileState => (text === undefined && end !== undefined ? { text, end } : { text });

function inputOf({ operator }: Redirection, target: Value, shell: Shell, scope: Scope): { text: Value } | 'missing' | undefined {
  if (operator === '<<' || operator === '<<<') return { text: target === undefined || operator === '<<' ? target : `${target}\n` };
  if (operator !== '<') return undefined;
  const file = target === undefined ? 'unknown' : shell.files.read(absolute(target, scope.directory), shell.time);
  if (file === 'unknown' || target === '/dev/null') return { text: target === '/dev/null' ? '' : undefined };
  return file ?? 'missing';
}
