import type { Container, Pod, Probe } from '../../schema/generated/kinds.ts';
import type { Attempt, ContainerRuntime, Exit, Finding, HookResult, Plan } from '../runtime.ts';
import { knownImage } from './known-images.ts';
import { listened } from './known-programs.ts';
import { missingIn, startError } from './missing-programs.ts';
import { imageOf } from './registry.ts';
import { Budget } from './shell/budget.ts';
import { runCommand } from './shell/command.ts';
import { fileInVolume, type Simulation, simulate } from './simulate.ts';

/**
 * A runtime that runs nothing. What a container would do is found out from its command on a virtual clock (shell/), or known of its image
 * (known-images.ts). Otherwise it is taken for a server, which runs until it is stopped, or for a task, which succeeds after a second:
 * a task is what must end for its pod to go on (an init container) or what its pod does not restart, unless it declares ports or probes.
 */
export const simulatedRuntime: ContainerRuntime = {
  // The protocol that clients expect in container IDs and that kubectl describe prints.
  version: 'containerd://2.1.5',
  plan: (attempt) => planOf(attempt, simulate(attempt)),
  fileInVolume,
  image: imageOf,
  imageUser: (reference) => {
    const image = knownImage(reference);
    return image && (image.user ?? 0);
  },
};

const STOP_MS = 1000;
const TASK_MS = 1000;
/** 128 and the number of the signal. */
const SIGTERM = 143;

function planOf(attempt: Attempt, simulation: Simulation): Plan {
  const { container } = attempt;
  const { argv, image } = simulation;
  const [program] = argv;
  // Where no command is given, what is given are arguments of the image's own program, if it has one.
  const runs = container.command?.length ? program : simulation.run && program;
  const ends = endOf(attempt, simulation);
  return {
    ...(runs && missingIn(image)(runs) && { startError: startError(runs) }),
    ...(ends && { ends }),
    ...(simulation.call && { call: simulation.call }),
    asked: simulation.asked,
    stops: (signalledAt) => stopOf(attempt, simulation, signalledAt),
    course: (probe) => {
      const known = simulation.courses.get(probe) ?? courseOf(attempt, simulation, probe);
      simulation.courses.set(probe, known);
      return known;
    },
    hook: (hook, at) => hookResult(attempt, simulation, hook, at),
    message: (at, exitCode) => messageOf(container, simulation, at, exitCode),
  };
}

function endOf(attempt: Attempt, { program, run }: Simulation): Exit | undefined {
  if (attempt.container.stdin && program?.type === 'ends') return undefined;
  if (program?.type === 'ends') return { afterMs: program.afterMs, exitCode: program.exitCode };
  if (program) return undefined;
  const ending = run?.ending ?? { type: 'unknown', afterMs: 0 };
  if (ending.type === 'exits') return { afterMs: ending.afterMs, exitCode: ending.exitCode };
  return ending.type !== 'forever' && isTask(attempt) ? { afterMs: ending.afterMs + TASK_MS, exitCode: 0 } : undefined;
}

function isTask({ pod, container, role }: Attempt): boolean {
  if (role === 'init') return true;
  if (role === 'sidecar' || role === 'ephemeral') return false;
  const { ports, livenessProbe, readinessProbe, startupProbe, stdin } = container;
  const serves = ports?.length || livenessProbe || readinessProbe || startupProbe || stdin;
  return !serves && (container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always') !== 'Always';
}

/** The first process of a container takes no notice of SIGTERM unless it asks for it: the kernel gives it no default action (pid_namespaces(7)). */
const isFirstProcess = ({ spec }: Pod): boolean => !spec?.shareProcessNamespace && !spec?.hostPID;

function stopOf(attempt: Attempt, { argv, program, run, setting }: Simulation, signalledAt: number): Exit | undefined {
  const byDefault = isFirstProcess(attempt.pod) ? undefined : { afterMs: signalledAt, exitCode: SIGTERM };
  if (program?.type === 'serves') return program.obeys ? { afterMs: signalledAt + program.obeys.afterMs, exitCode: program.obeys.exitCode } : byDefault;
  if (run?.traps) {
    const { ending } = runCommand(argv, { ...setting, files: setting.files.fork(), signalledAt });
    return ending.type === 'exits' ? { afterMs: Math.max(ending.afterMs, signalledAt), exitCode: ending.exitCode } : byDefault;
  }
  if (program || run?.ending.type === 'forever' || run?.ending.type === 'exits') return byDefault;
  return { afterMs: signalledAt + STOP_MS, exitCode: isTask(attempt) ? SIGTERM : 0 };
}

/** More changes of files than probes are asked after. */
const MOST_CHANGES = 100;

function courseOf(attempt: Attempt, simulation: Simulation, probe: Probe): Finding[] {
  const { exec, timeoutSeconds = 1 } = probe;
  const times = exec?.command ? [0, ...simulation.files.times.filter((time) => time > 0).slice(0, MOST_CHANGES)] : changesOf(simulation);
  const findings: Finding[] = [];
  const budget = new Budget();
  for (const from of times) {
    const failure = exec?.command
      ? failureOfCommand(simulation, exec.command, { at: from, timeoutSeconds, budget })
      : failureOfRequest(attempt, simulation, probe, from);
    if (findings.length === 0 || findings.at(-1)!.failure !== failure) findings.push({ from, ...(failure !== undefined && { failure }) });
  }
  return findings;
}

interface ProbeRun {
  readonly at: number;
  readonly timeoutSeconds: number;
  /** Of all runs of the probe. */
  readonly budget: Budget;
}

const changesOf = ({ program }: Simulation): readonly number[] => [0, ...((program?.type === 'serves' && program.changes) || [])];

function failureOfCommand({ setting, files }: Simulation, command: readonly string[], { at, timeoutSeconds, budget }: ProbeRun): string | undefined {
  const { missing } = setting;
  if (missing?.(command[0] ?? ''))
    return `OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(command[0])}: executable file not found in $PATH`;
  const { ending, output } = runCommand(command, { ...setting, files: files.fork(), time: at, stranger: () => {}, budget });
  const late = ending.type === 'forever' || (ending.type !== 'unknown' && ending.type !== 'program' && ending.afterMs - at > timeoutSeconds * 1000);
  if (late) return `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutSeconds}s`;
  return ending.type === 'exits' && ending.exitCode !== 0 ? output : undefined;
}

/** Where a request of a probe or a hook goes, and what is answered there at a time. */
function failureOfRequest(
  { pod, container }: Attempt,
  simulation: Simulation,
  handler: Pick<Probe, 'httpGet' | 'tcpSocket' | 'grpc'>,
  at: number,
): string | undefined {
  const { httpGet, tcpSocket, grpc } = handler;
  const { host, port: named } = httpGet ?? tcpSocket ?? { port: grpc?.port };
  // Another one than this container is asked: nothing is known of that.
  if (named === undefined || host) return undefined;
  const port = typeof named === 'number' ? named : container.ports?.find(({ name }) => name === named)?.containerPort;
  const ip = pod.status?.podIP ?? '127.0.0.1';
  if (!listensOn(simulation, port)) {
    const refused = `dial tcp ${ip}:${port}: connect: connection refused`;
    return httpGet ? `Get "${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${ip}:${port}${httpGet.path ?? '/'}": ${refused}` : refused;
  }
  const { program, files } = simulation;
  // What is mounted, or was written, may be what is asked for.
  const given = container.volumeMounts?.some(({ mountPath }) => !mountPath.startsWith('/var/run/secrets/')) || files.below('/usr').length > 0;
  if (given && program?.type === 'serves' && !program.changes) return undefined;
  const status = (httpGet && program?.type === 'serves' && program.status?.(httpGet.path ?? '/', at)) || 200;
  return status >= 400 ? `HTTP probe failed with statuscode: ${status}` : undefined;
}

function listensOn({ program, run, argv, opaque }: Simulation, port: number | undefined): boolean {
  if (program) return program.type === 'serves' && (program.ports === 'any' || program.ports.includes(port!));
  if (opaque || !run || run.ending.type === 'unknown' || run.ending.type === 'program') return true;
  const ports = listened(argv.join(' '));
  return ports === 'any' || ports.includes(port!);
}

function hookResult(attempt: Attempt, simulation: Simulation, hook: NonNullable<NonNullable<Container['lifecycle']>['preStop']>, at: number): HookResult {
  const { sleep, exec } = hook;
  if (sleep) return { takesMs: sleep.seconds * 1000, failed: false };
  if (!exec?.command) return { takesMs: 0, failed: failureOfRequest(attempt, simulation, hook, at) !== undefined };
  const { setting, files } = simulation;
  if (setting.missing?.(exec.command[0] ?? '')) return { takesMs: 0, failed: true };
  const { ending } = runCommand(exec.command, { ...setting, files: files.fork(), time: at, stranger: () => {} });
  if (ending.type === 'forever') return { takesMs: Number.POSITIVE_INFINITY, failed: false };
  return { takesMs: ending.afterMs - at, failed: ending.type === 'exits' && ending.exitCode !== 0 };
}

/** pkg/kubelet/container: what is read of a file at most, and of the logs in its place. */
const LONGEST_MESSAGE = 4096;
const LONGEST_LOGS = 2048;
const MOST_LINES = 80;

function messageOf(
  { terminationMessagePath, terminationMessagePolicy }: Container,
  { files, run, program }: Simulation,
  at: number,
  exitCode: number,
): string | undefined {
  const file = files.read(terminationMessagePath || '/dev/termination-log', at);
  const text = (file !== 'unknown' && (file?.text ?? file?.end)?.slice(-LONGEST_MESSAGE)) || '';
  if (text || terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return text || undefined;
  const logs = (program?.type === 'ends' && program.output) || run?.output || '';
  return (
    logs
      .split(/(?<=\n)/)
      .slice(-MOST_LINES)
      .join('')
      .slice(-LONGEST_LOGS) || undefined
  );
}
