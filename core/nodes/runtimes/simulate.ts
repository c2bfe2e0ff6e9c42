import type { Pod, Probe } from '../../schema/generated/kinds.ts';
import { callingWords, isApiProgram, isReading, savedAs } from '../api-calls/api-calls.ts';
import { statusesOf } from '../container-status.ts';
import { containersOf } from '../containers-of.ts';
import { type Environment, expandReferences, type VolumeFile } from '../environment.ts';
import { parseImage } from '../image.ts';
import type { ApiCall, Attempt, AttemptContext, Finding } from '../runtime.ts';
import type { ClusterSurroundings } from '../surroundings.ts';
import { filesOf, mountsOf, type WrittenBefore } from './container-files.ts';
import { type KnownImage, knownImage } from './known-images.ts';
import { basename, type Program, serverOf } from './known-programs.ts';
import { missingIn } from './missing-programs.ts';
import { runCommand } from './shell/command.ts';
import { absolute, type Files } from './shell/files.ts';
import type { Run } from './shell/interpreter.ts';
import type { Setting } from './shell/shell.ts';

/** What is found out of one start of one container. */
export interface Simulation {
  readonly argv: readonly string[];
  readonly image: KnownImage | undefined;
  /** The program of an image, or one that a command comes to. Undefined: it is another one, or the command is run to its end here. */
  readonly program: Program | undefined;
  /** What the command came to. Undefined: there was none to run. */
  readonly run: Run | undefined;
  readonly setting: Setting;
  readonly files: Files;
  /** Whether a program runs in it that is not known. */
  readonly opaque: boolean;
  /** The next that it asks of the API. */
  readonly call: ApiCall | undefined;
  /** Whether it was told something by the API. */
  readonly asked: boolean;
  /** What its probes find, as far as they have been asked for. */
  readonly courses: Map<Probe, readonly Finding[]>;
}

/** Runs a container's command on a virtual clock, as far as that is possible (docs/decisions/0031-shell.md). */
export function simulate(attempt: Attempt, { alone = false, depth = 0 } = {}): Simulation {
  const { pod, container, context, restartCount, startedAt } = attempt;
  const key = `${container.name} ${restartCount} ${startedAt} ${alone}`;
  const found = known.get(context)?.get(pod)?.get(key);
  if (found) return found;
  const surroundings = context.surroundings({ container, restartCount, startedAt });
  const simulation = anew(attempt, { alone, depth, surroundings });
  const ofContext = known.get(context) ?? new Map<Pod, Map<string, Simulation>>();
  known.set(context, ofContext);
  ofContext.set(pod, (ofContext.get(pod) ?? new Map<string, Simulation>()).set(key, simulation));
  return simulation;
}

/** For as long as the look at the pod goes on: a simulation can ask for anything of the state that the look is at, so that to keep it would keep all of that. */
const known = new WeakMap<AttemptContext, Map<Pod, Map<string, Simulation>>>();

function anew(attempt: Attempt, { alone, depth, surroundings }: { alone: boolean; depth: number; surroundings: ClusterSurroundings }): Simulation {
  const { container, context } = attempt;
  const reference = parseImage(container.image ?? '');
  const image = reference && knownImage(reference);
  const { command = [], args = [] } = container;
  const words = [...command, ...args];
  // Where nothing is run, only what an image asks for by name is read of it.
  const environment = () => context.environment(container);
  const given = words.some((word) => word.includes('$')) ? expanded(words, environment()) : words;
  let call: ApiCall | undefined;
  let asked = false;
  const called = new Map<string, number>();
  let done = 0;
  // An image whose program is one that asks the API runs it with the arguments that are given.
  const asking = reference && command.length === 0 && isApiProgram(basename(reference.repository)) ? [basename(reference.repository), ...given] : given;
  const own = asking === given && command.length === 0 && image?.runs(given, (name) => environment().get(name));

  let opaque = !own && asking.length === 0;
  const before: WrittenBefore = (volume) => writtenBefore(attempt, volume, { alone, depth });
  const files = filesOf(attempt, { isOpaque: () => opaque, before });
  const setting: Setting = {
    get environment() {
      return environment();
    },
    files,
    surroundings,
    directory: container.workingDir || '/',
    missing: missingIn(image),
    // Of a probe's and a hook's calls of the API it is not known what comes.
    program: ([name, ...args]) => (isApiProgram(basename(name!)) && !args.includes(undefined) ? { status: 0, output: undefined } : undefined),
    stranger: () => {
      opaque = true;
    },
  };
  const isApi = (host: string) => isApiServer(host, { namespace: attempt.pod.metadata.namespace!, environment });
  const calling: Setting['program'] = ([path, ...words], time, input) => {
    const program = basename(path!);
    const args = setting.missing!(path!) ? undefined : callingWords(program, words, isApi);
    if (!args) return undefined;
    asked = true;
    let read = 0;
    const filesAt = (path: string) => {
      const found = textsOf(path, time, { attempt, files, directory: setting.directory! });
      for (const text of found?.values() ?? []) read += text.length;
      return found;
    };
    const made: ApiCall = { at: time, program, args, input, files: filesAt };
    const key = JSON.stringify([program, args, input]);
    const n = called.get(key) ?? 0;
    const told = context.told(attempt, made, n);
    called.set(key, n + 1);
    if (!isReading(made)) done++;
    for (const at of told?.later ?? []) surroundings.expects(at);
    if (told) {
      const { exitCode: status, output, error, looked = 0 } = told;
      const saved = savedAs(program, args);
      if (saved !== undefined && status === 0) files.write(absolute(saved, setting.directory!), Math.max(told.at, time), { text: undefined });
      return { status, output, ...(error && { error }), takesMs: Math.max(0, told.at - time), cost: CALL_COST + looked * OBJECT_COST + read };
    }
    // What comes after it is not known before it is told something.
    call ??= made;
    return { status: 0, forever: true };
  };
  const run = own || asking.length === 0 ? undefined : runCommand(asking, { ...setting, program: calling, done: () => done });
  const program = own || (run?.ending.type === 'program' ? serverOf(run.ending.argv) : undefined);
  // What takes over and is known writes nothing that is asked for.
  if (program && run) opaque = false;
  const { postStart } = container.lifecycle ?? {};
  if (postStart?.exec?.command) runCommand(postStart.exec.command, { ...setting, stranger: () => {} });
  return { argv: given, image, program: program || undefined, run, setting, files, opaque, call, asked, courses: new Map() };
}

/** The names of the Service `kubernetes`, and its address. */
function isApiServer(host: string, { namespace, environment }: { namespace: string; environment: () => Environment }): boolean {
  if (host === 'kubernetes') return namespace === 'default';
  return /^kubernetes\.default(\.svc(\.cluster\.local)?)?$/.test(host) || host === environment().get('KUBERNETES_SERVICE_HOST');
}

/** What a call of the API takes and each object that it looks at, as the shell accounts for it, besides the files that it reads: to call it again and again has an end. */
const CALL_COST = 2_000;
const OBJECT_COST = 20;

/** The text of a file, or of the manifests in a directory that is made of objects. */
function textsOf(path: string, time: number, of: { attempt: Attempt; files: Files; directory: string }): ReadonlyMap<string, string> | undefined {
  const { attempt, files, directory } = of;
  const full = absolute(path, directory);
  const mount = mountsOf(attempt.pod, attempt.container).find((each) => each.path === full);
  if (mount?.given) {
    const manifests = [...(attempt.context.files(mount.volume) ?? [])].filter(([name]) => /\.(ya?ml|json)$/.test(name));
    return new Map(manifests.map(([name, text]) => [`${path.replace(/\/$/, '')}/${name}`, text]));
  }
  const file = files.read(full, time);
  return file === undefined || file === 'unknown' || file.text === undefined ? undefined : new Map([[path, file.text]]);
}

const expanded = (words: readonly string[], environment: Environment): string[] => words.map((word) => expandReferences(word, environment) ?? word);

/** The text of a file that the containers that stand before one in its pod have written into a volume: each other's they cannot wait for. */
export function fileInVolume(attempt: Attempt, volume: string, path: string): VolumeFile {
  const writes = writtenBefore(attempt, volume, { alone: false, depth: 0, onlyEarlier: true });
  if (writes === 'unknown') return { type: 'unknown' };
  const file = writes
    .filter((write) => write.path === absolute(path, '/') && write.at <= 0)
    .sort((a, b) => a.at - b.at)
    .at(-1)?.file;
  if (!file) return { type: 'missing' };
  return file.text === undefined ? { type: 'unknown' } : { type: 'text', text: file.text };
}

/** More starts of one container than are gone through again. */
const MOST_STARTS = 20;

/** What is in a volume when a container starts, and comes into it then: of its own starts before, of the init containers, and of what runs beside it. */
function writtenBefore(
  attempt: Attempt,
  volume: string,
  { alone, depth, onlyEarlier = false }: { alone: boolean; depth: number; onlyEarlier?: boolean },
): ReturnType<WrittenBefore> {
  const { pod, container, restartCount, startedAt, role } = attempt;
  const statuses = statusesOf(pod);
  const writes: Exclude<ReturnType<WrittenBefore>, 'unknown'>[number][] = [];
  let after = false;
  for (const member of containersOf(pod)) {
    if (onlyEarlier && member.container === container) break;
    const path = mountsOf(pod, member.container).find((mount) => mount.volume === volume)?.path;
    if (path === undefined) continue;
    if (member.container === container) {
      after = true;
      if (restartCount === 0 || depth >= MOST_STARTS) continue;
      const { files, opaque } = simulate({ ...attempt, restartCount: restartCount - 1 }, { alone, depth: depth + 1 });
      if (opaque) return 'unknown';
      writes.push(...files.below(path).map((write) => ({ ...write, at: Number.NEGATIVE_INFINITY })));
      continue;
    }
    if ((alone && member.role !== 'init') || (after && (role === 'init' || member.role === 'init'))) continue;
    const status = statuses.get(member.container.name);
    const began = (status?.state?.running ?? status?.state?.terminated)?.startedAt;
    // What comes before this one has ended, or started, whether that has been noted already or not.
    if (!began && (after || member.role === 'main')) continue;
    const otherStart = began ? Date.parse(began) : startedAt;
    const offset = otherStart - startedAt;
    const other = { ...attempt, container: member.container, role: member.role, restartCount: status?.restartCount ?? 0, startedAt: otherStart };
    // Init containers come one after the other; of those that run side by side each would ask for the other.
    const { files, opaque } = simulate(other, { alone: alone || member.role !== 'init', depth: depth + 1 });
    if (opaque) return 'unknown';
    writes.push(...files.below(path).map((write) => ({ ...write, at: member.role === 'init' ? Number.NEGATIVE_INFINITY : write.at + offset })));
  }
  return writes;
}
