import { statusesOf } from '../container-status.ts';
import { containersOf } from '../containers-of.ts';
import { expandReferences } from '../environment.ts';
import { parseImage } from '../image.ts';
import type { Attempt } from '../runtime.ts';
import { filesOf, mountsOf, type WrittenBefore } from './container-files.ts';
import { type KnownImage, knownImage } from './known-images.ts';
import { type Program, serverOf } from './known-programs.ts';
import { missingIn } from './missing-programs.ts';
import { runCommand } from './shell/command.ts';
import type { Files } from './shell/files.ts';
import type { Run, Setting } from './shell/interpreter.ts';

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
}

/** Runs a container's command on a virtual clock, as far as that is possible (docs/decisions/0031-shell.md). */
export function simulate(attempt: Attempt, { alone = false, depth = 0 } = {}): Simulation {
  const { pod, container, context, restartCount, startedAt } = attempt;
  const key = `${container.name} ${restartCount} ${startedAt} ${alone}`;
  const kept = known.get(pod)?.get(key);
  if (kept) return kept;
  const surroundings = context.surroundings({ container, restartCount, startedAt });
  const simulation = anew(attempt, { alone, depth, surroundings });
  // What rests on the cluster around it may be another the next time.
  if (!surroundings.asked) {
    if (!known.has(pod)) known.set(pod, new Map());
    known.get(pod)!.set(key, simulation);
  }
  return simulation;
}

const known = new WeakMap<object, Map<string, Simulation>>();

function anew(attempt: Attempt, { alone, depth, surroundings }: { alone: boolean; depth: number; surroundings: Setting['surroundings'] }): Simulation {
  const { container, context } = attempt;
  const reference = parseImage(container.image ?? '');
  const image = reference && knownImage(reference);
  const environment = context.environment(container);
  const { command = [], args = [] } = container;
  const given = [...command, ...args].map((word) => expandReferences(word, environment));
  const own = command.length === 0 && image?.runs(given, (name) => environment.get(name));

  let opaque = !own && given.length === 0;
  const before: WrittenBefore = alone ? () => [] : (volume) => writtenBefore(attempt, volume, depth);
  const files = filesOf(attempt, { isOpaque: () => opaque, before });
  const setting: Setting = {
    environment,
    files,
    surroundings,
    directory: container.workingDir || '/',
    missing: missingIn(image),
    stranger: () => {
      opaque = true;
    },
  };
  const run = own || given.length === 0 ? undefined : runCommand(given, setting);
  const program = own || (run?.ending.type === 'program' ? serverOf(run.ending.argv) : undefined);
  // What takes over and is known writes nothing that is asked for.
  if (program && run) opaque = false;
  const { postStart } = container.lifecycle ?? {};
  if (postStart?.exec?.command) runCommand(postStart.exec.command, { ...setting, stranger: () => {} });
  return { argv: given, image: image, program: program || undefined, run, setting, files, opaque };
}

/** More starts of one container than are gone through again. */
const MOST_STARTS = 20;

/** What is in a volume when a container starts, and comes into it then: of its own starts before, of the init containers, and of what runs beside it. */
function writtenBefore(attempt: Attempt, volume: string, depth: number): ReturnType<WrittenBefore> {
  const { pod, container, restartCount, startedAt, role } = attempt;
  const statuses = statusesOf(pod);
  const writes: Exclude<ReturnType<WrittenBefore>, 'unknown'>[number][] = [];
  for (const member of containersOf(pod)) {
    const path = mountsOf(pod, member.container).find((mount) => mount.volume === volume)?.path;
    if (path === undefined) continue;
    if (member.container === container) {
      if (restartCount === 0 || depth >= MOST_STARTS) continue;
      const { files, opaque } = simulate({ ...attempt, restartCount: restartCount - 1 }, { depth: depth + 1 });
      if (opaque) return 'unknown';
      writes.push(...files.below(path).map((write) => ({ ...write, at: Number.NEGATIVE_INFINITY })));
      continue;
    }
    const status = statuses.get(member.container.name);
    const { running, terminated } = status?.state ?? {};
    const began = (running ?? terminated)?.startedAt;
    if (!status || !began || (role === 'init' && member.role === 'main')) continue;
    const offset = Date.parse(began) - startedAt;
    const other = { ...attempt, container: member.container, role: member.role, restartCount: status.restartCount, startedAt: Date.parse(began) };
    // Init containers come one after the other; of those that run side by side each would ask for the other.
    const { files, opaque } = simulate(other, { alone: member.role !== 'init', depth: depth + 1 });
    if (opaque) return 'unknown';
    writes.push(...files.below(path).map((write) => ({ ...write, at: member.role === 'init' ? Number.NEGATIVE_INFINITY : write.at + offset })));
  }
  return writes;
}
