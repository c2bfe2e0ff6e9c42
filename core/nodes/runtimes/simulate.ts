import type { Pod, Probe } from '../../schema/generated/kinds.ts';
import { isApiProgram } from '../api-calls/programs.ts';
import { statusesOf } from '../container-status.ts';
import { containersOf } from '../containers-of.ts';
import { type Environment, expandReferences } from '../environment.ts';
import { parseImage } from '../image.ts';
import type { ApiCall, Attempt, AttemptContext, Finding } from '../runtime.ts';
import { filesOf, mountsOf, type WrittenBefore } from './container-files.ts';
import { type KnownImage, knownImage } from './known-images.ts';
import { basename, type Program, serverOf } from './known-programs.ts';
import { missingIn } from './missing-programs.ts';
import { runCommand } from './shell/command.ts';
import type { Files } from './shell/files.ts';
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
  /** What it asks of the API. */
  readonly calls: readonly ApiCall[];
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

function anew(attempt: Attempt, { alone, depth, surroundings }: { alone: boolean; depth: number; surroundings: Setting['surroundings'] }): Simulation {
  const { container, context } = attempt;
  const reference = parseImage(container.image ?? '');
  const image = reference && knownImage(reference);
  const { command = [], args = [] } = container;
  const words = [...command, ...args];
  // Where nothing is run, only what an image asks for by name is read of it.
  const environment = () => context.environment(container);
  const given = words.some((word) => word.includes('$')) ? expanded(words, environment()) : words;
  const calls: ApiCall[] = [];
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
    program: ([name, ...args], time) => {
      if (!isApiProgram(basename(name!))) return undefined;
      calls.push({ at: time, program: basename(name!), args });
      return { status: 0, output: undefined };
    },
    stranger: () => {
      opaque = true;
    },
  };
  const run = own || asking.length === 0 ? undefined : runCommand(asking, setting);
  const program = own || (run?.ending.type === 'program' ? serverOf(run.ending.argv) : undefined);
  // What takes over and is known writes nothing that is asked for.
  if (program && run) opaque = false;
  const { postStart } = container.lifecycle ?? {};
  if (postStart?.exec?.command) runCommand(postStart.exec.command, { ...setting, stranger: () => {} });
  return { argv: given, image, program: program || undefined, run, setting, files, opaque, calls, courses: new Map() };
}

const expanded = (words: readonly string[], environment: Environment): string[] => words.map((word) => expandReferences(word, environment) ?? word);

/** More starts of one container than are gone through again. */
const MOST_STARTS = 20;

/** What is in a volume when a container starts, and comes into it then: of its own starts before, of the init containers, and of what runs beside it. */
function writtenBefore(attempt: Attempt, volume: string, { alone, depth }: { alone: boolean; depth: number }): ReturnType<WrittenBefore> {
  const { pod, container, restartCount, startedAt, role } = attempt;
  const statuses = statusesOf(pod);
  const writes: Exclude<ReturnType<WrittenBefore>, 'unknown'>[number][] = [];
  let after = false;
  for (const member of containersOf(pod)) {
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
