import { arithmetic } from './arithmetic.ts';
import { Leave, leavesShell, Stop } from './ending.ts';
import { expand } from './expand.ts';
import type { Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { Context, Shell, Status } from './shell.ts';
import type { Command, List } from './syntax.ts';

/** `while` and `until`. */
export function runLoop({ condition, until, body }: Command & { type: 'loop' }, shell: Shell, scope: Scope, context: Context): Status {
  const endless = isConstant(condition, until) && !leaves(body);
  const holds = (): number => {
    const status = shell.list(condition, scope, { ...context, tail: false, tested: true }) ?? shell.unknown();
    return Number((status === 0) !== until);
  };
  return repeat({ condition: holds, endless, after: () => {}, body }, shell, scope, context);
}

/** `for name in words` */
export function runFor({ name, words, body }: Command & { type: 'for' }, shell: Shell, scope: Scope, context: Context): Status {
  const values: readonly Value[] = words ? words.flatMap((word) => expand(word, scope, shell)) : scope.args;
  // How many they are is not known then.
  if (values.includes(undefined)) shell.unknown();
  let next = 0;
  const condition = () => {
    if (next >= values.length) return 0;
    scope.set(name, values[next]);
    // Each round has another word, also when it is the same text.
    scope.version++;
    return 1;
  };
  return repeat({ condition, endless: false, after: () => next++, body }, shell, scope, context);
}

/** `for ((start; condition; step))` */
export function runCount({ start, condition, step, body }: Command & { type: 'count' }, shell: Shell, scope: Scope, context: Context): Status {
  arithmetic(start, scope);
  const always = !condition.trim();
  return repeat(
    { condition: () => (always ? 1 : arithmetic(condition, scope)), endless: always && !leaves(body), after: () => arithmetic(step, scope), body },
    shell,
    scope,
    context,
  );
}

interface Loop {
  /** 0 when there is no further round; undefined when that cannot be told. */
  readonly condition: () => number | undefined;
  /** Its condition always holds, and nothing in it leaves it. */
  readonly endless: boolean;
  readonly after: () => unknown;
  readonly body: List;
}

function repeat({ condition, endless, after, body }: Loop, shell: Shell, scope: Scope, context: Context): Status {
  let status: Status = 0;
  for (let round = 1; ; round++) {
    const begun = { time: shell.time, version: scope.version + shell.files.version, done: shell.setting.done?.() };
    const holds = condition() ?? shell.unknown();
    if (holds === 0) return status;
    try {
      status = shell.list(body, scope, { ...context, tail: false });
    } catch (thrown) {
      if (!(thrown instanceof Leave) || leavesShell(thrown)) throw thrown;
      if (thrown.value > 1) throw new Leave(thrown.how, thrown.value - 1);
      if (thrown.how === 'break') return 0;
    }
    after();
    const same = scope.version + shell.files.version === begun.version;
    if (shell.setting.done?.() === begun.done && (same || (endless && round >= 2))) skip(begun.time, shell, { onlySignals: !same });
  }
}

/** A round that comes to the same each time is repeated until something around it changes: at once, or for ever. */
function skip(begun: number, shell: Shell, { onlySignals }: { onlySignals: boolean }): void {
  const changes = [shell.signalled ? undefined : shell.setting.signalledAt];
  if (!onlySignals) changes.push(shell.files.changesAfter(begun), shell.surroundings.changesAfter(begun));
  const next = Math.min(...(changes.filter((time) => time !== undefined && time > begun) as number[]));
  const period = shell.time - begun;
  if (next === Number.POSITIVE_INFINITY || period === 0) throw new Stop({ type: 'forever' });
  shell.time += Math.max(0, Math.ceil((next - shell.time) / period) - 1) * period;
}

/** Whether a condition is one of those that are written to hold always: `while true`. */
function isConstant(condition: List, until: boolean): boolean {
  const [only] = condition.length === 1 && condition[0]!.pipelines.length === 1 ? condition[0]!.pipelines : [];
  const command = only?.commands.length === 1 && !only.negated ? only.commands[0] : undefined;
  if (command?.type === 'arithmetic') return !until && /^\s*1\s*$/.test(command.text);
  const words = command?.type === 'simple' || command?.type === 'test' ? command.words : [];
  const text = words.map((word) => (word.length === 1 && word[0]!.type === 'text' ? word[0]!.text : '?')).join(' ');
  return until ? text === 'false' : text === 'true' || text === ':' || /^(\[ )?(1|true)( \])?$/.test(text);
}

/** Whether something in a loop may end it. Found out once for each: a loop may stand in another one. */
function leaves(body: List): boolean {
  const known = leaving.get(body);
  if (known !== undefined) return known;
  const found = /"text":"(break|exit|return|exec|set)"/.test(JSON.stringify(body));
  leaving.set(body, found);
  return found;
}

const leaving = new WeakMap<List, boolean>();
