import type { Caller } from '../caller.ts';
import { Failed, notSimulated, type Outcome, unknown } from '../outcome.ts';
import { annotate, label } from './annotate.ts';
import { apply } from './apply.ts';
import { autoscale } from './autoscale.ts';
import { cordon, uncordon } from './cordon.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { expose } from './expose.ts';
import { get } from './get.ts';
import { Invocation } from './invocation.ts';
import { patch } from './patch.ts';
import { replace } from './replace.ts';
import { rollout } from './rollout.ts';
import { run } from './run.ts';
import { scale } from './scale.ts';
import { set } from './set.ts';
import { taint } from './taint.ts';
import { wait } from './wait.ts';

/** What a command does: what it has written, wanted and waits for is in its invocation then. */
type Command = (invocation: Invocation) => void;

const commands: Readonly<Record<string, Command>> = {
  annotate,
  apply,
  autoscale,
  cordon,
  create,
  delete: remove,
  expose,
  get,
  label,
  patch,
  replace,
  rollout,
  run,
  scale,
  set,
  taint,
  uncordon,
  wait,
};

/** Commands that change nothing but files of their own: they succeed, and what they write is not known here. */
const UNKNOWN = new Set(
  'api-resources api-versions cluster-info completion config describe diff events explain help kustomize logs options plugin top version'.split(' '),
);

/** Of these it is known what they would do, and it is not done here. */
const NOT_SIMULATED = new Set(['alpha', 'certificate', 'drain', 'edit']);

/** Commands that lead into a container: none runs here (docs/differences.md). */
const CONNECTING: Readonly<Record<string, string>> = {
  exec: 'exec',
  attach: 'attach',
  'port-forward': 'portforward',
  cp: 'exec',
  debug: 'attach',
  proxy: 'proxy',
};

/** `kubectl`, with its own texts and exit codes (kubectl's pkg/cmd). What would change something and is not done here fails, and says so. */
export function kubectl(args: readonly string[], caller: Caller): Outcome {
  const invocation = new Invocation(args, caller);
  const { command } = invocation;
  try {
    if (command === undefined || isUnknown(invocation)) return unknown;
    if (NOT_SIMULATED.has(command)) throw notSimulated(`kubectl ${command}`);
    if (command === 'auth') throw notSimulated('kubectl auth reconcile');
    const connecting = CONNECTING[command];
    if (connecting)
      throw new Failed(
        `Error from server (NotImplemented): ${connecting} of pods is not supported by this cluster's nodes: containers are simulated, and nothing is executed`,
      );
    if (!Object.hasOwn(commands, command)) throw new Failed(`error: unknown command ${JSON.stringify(command)} for "kubectl"`);
    commands[command]!(invocation);
  } catch (error) {
    invocation.fail(error);
  }
  return invocation.outcome();
}

/** `kubectl auth reconcile` changes roles. */
function isUnknown({ command = '', words }: Pick<Invocation, 'command' | 'words'>): boolean {
  if (command === 'auth') return words[0] !== 'reconcile';
  return UNKNOWN.has(command);
}

const READING = new Set(['get', 'exec', 'attach', 'port-forward', 'cp', 'debug', 'proxy']);

/** Whether a command changes nothing and waits for nothing: it may be asked again at any time. */
export function onlyReads(args: readonly string[]): boolean {
  const { command, words, flags } = Invocation.read(args);
  if (command === undefined || READING.has(command) || !Object.hasOwn(commands, command)) return true;
  if (command === 'rollout' && words[0] === 'history') return true;
  const dryRun = flags.get('dry-run')?.at(-1);
  return dryRun !== undefined && dryRun !== 'none';
}
