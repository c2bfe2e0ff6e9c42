import type { Container, LifecycleHandler, Pod, Probe } from '../schema/generated/kinds.ts';
import type { Environment, VolumeFile } from './environment.ts';
import type { ImageReference } from './image.ts';
import type { ClusterSurroundings } from './surroundings.ts';

/**
 * What runs containers, as a node agent sees it. The agent owns the pod's lifecycle (order of start, probes' times, restarts, back-off,
 * termination); a runtime says what one container does once it is started. It is asked again whenever the agent looks at the pod, so the
 * answer is a pure function of the attempt and of what the cluster around it has been until now: the same question gets the same answer.
 */
export interface ContainerRuntime {
  /** `containerd://2.1.5`: what a Node reports as its containerRuntimeVersion; the part before the colon starts every container ID. */
  readonly version: string;
  /** What the container does when it is started. */
  plan(attempt: Attempt): Plan;
  /** Whether the image can be had, and how it would be got. */
  image(reference: ImageReference, credentials: Credentials): ImageAnswer;
  /** The text of a file that the containers before one, and those beside it, have written into a volume. */
  fileInVolume(attempt: Attempt, volume: string, path: string): VolumeFile;
  /** As whom the image's programs run: 0 is root, a name cannot be told from it. Undefined: that is not known. */
  imageUser(reference: ImageReference): number | string | undefined;
}

/** Whether a pod has what it takes to be let in by a registry. */
export type Credentials = (host: string) => boolean;

/** One start of one container. */
export interface Attempt {
  readonly pod: Pod;
  readonly container: Container;
  readonly role: ContainerRole;
  /** How often it was started before. */
  readonly restartCount: number;
  /** In ms since the epoch. */
  readonly startedAt: number;
  readonly context: AttemptContext;
}

/** What a container has from the cluster; asked for only where it matters. */
export interface AttemptContext {
  environment(container: Container): Environment;
  surroundings(attempt: Pick<Attempt, 'container' | 'restartCount' | 'startedAt'>): ClusterSurroundings;
  /** The files of a volume that is made of objects, by their paths. Undefined: they are not known. */
  files(volume: string): ReadonlyMap<string, string> | undefined;
  /** What a program is told that asks the API: of one that only reads, as things are; of others when it has been told, for the n-th time (from 0) that it is called so. */
  told(attempt: Pick<Attempt, 'container' | 'restartCount' | 'startedAt'>, call: ApiCall, n: number): Told | undefined;
}

/** `init` runs to its end before the next one; a `sidecar` is an init container that stays (restartPolicy Always). */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** Times are in ms since the container's start. */
export interface Plan {
  /** Why it does not start. */
  readonly startError?: string;
  /** When it ends by itself. None: it runs until it is stopped. */
  readonly ends?: Exit;
  /** The next that it asks of the API, as its pod's service account: what comes after it depends on what it is told. */
  readonly call?: ApiCall;
  /** Whether it goes by what the API has told it so far, which may be another thing at another time. */
  readonly asked: boolean;
  /** How it ends when it is signalled at a time. None: it takes no notice. */
  stops(signalledAt: number): Exit | undefined;
  /** What a probe finds, from when on; the first from the start. */
  course(probe: Probe): readonly Finding[];
  /** What becomes of a lifecycle hook that begins at a time. */
  hook(hook: LifecycleHandler, at: number): HookResult;
  /** What the container has left to be told of its end (`terminationMessagePath`). */
  message(at: number, exitCode: number): string | undefined;
}

/** A program that asks something of the API, as it is called. */
export interface ApiCall {
  readonly at: number;
  /** `kubectl` */
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads from its standard input. Undefined: that is not known. */
  readonly input: string | undefined;
  /** The text of a file, or of each file of a directory, by their paths. Undefined: there is none, or it is not known. */
  readonly files: (path: string) => ReadonlyMap<string, string> | undefined;
}

/** What a program was told: its exit code, when it ended, in ms since its container's start, and what it wrote. */
export interface Told {
  readonly exitCode: number;
  readonly at: number;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  /** Of what only reads: how many objects it has looked at. */
  readonly looked?: number;
  /** Of what only reads: when it comes to something else, of what is known, in ms since the epoch. */
  readonly later?: readonly number[];
}

/** What a program in a run of a container was told of a call just now. */
export interface NewlyTold {
  readonly container: string;
  readonly restartCount: number;
  readonly call: ApiCall;
  readonly told: Told;
}

export interface Exit {
  readonly afterMs: number;
  readonly exitCode: number;
}

export interface Finding {
  readonly from: number;
  /** What is told when it fails. None: it succeeds. */
  readonly failure?: string;
}

export interface HookResult {
  readonly takesMs: number;
  readonly failed: boolean;
}

export type ImageAnswer =
  /** `id` is the imageID of a container status, `size` in bytes; `pullMs` is what it takes to get it to a node. */
  | { readonly type: 'available'; readonly id: string; readonly size: number; readonly pullMs: number }
  /** Its registry does not give it: the runtime's error, for the user. */
  | { readonly type: 'unavailable'; readonly error: string };
