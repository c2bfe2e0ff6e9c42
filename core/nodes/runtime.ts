import type { Container, LifecycleHandler, Pod, Probe } from '../schema/generated/kinds.ts';
import type { ImageReference } from './image.ts';

/**
 * What runs containers, as a node agent sees it. The agent owns the pod's lifecycle (order of start, probes' times, restarts, back-off,
 * termination); a runtime says what one container does once it is started. It is asked again whenever the agent looks at the pod, so the
 * answer is a pure function of the attempt: the same question gets the same answer.
 */
export interface ContainerRuntime {
  /** `containerd://2.1.5`: what a Node reports as its containerRuntimeVersion; the part before the colon starts every container ID. */
  readonly version: string;
  /** What the container does when it is started. */
  plan(attempt: Attempt): Plan;
  /** Whether the image can be had, and how it was got. */
  image(reference: ImageReference): ImageAnswer;
}

/** One start of one container. */
export interface Attempt {
  readonly pod: Pod;
  readonly container: Container;
  readonly role: ContainerRole;
  /** How often it was started before. */
  readonly restartCount: number;
}

/** `init` runs to its end before the next one; a `sidecar` is an init container that stays (restartPolicy Always). */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

export interface Plan {
  /** When it ends by itself, in ms after its start. None: it runs until it is stopped. */
  readonly ends?: Exit;
  /** How it ends when it is stopped, in ms after the signal. */
  readonly stops: Exit;
  /** Whether a probe of this container succeeds. */
  passes(probe: Probe): boolean;
  /** How long a lifecycle hook of this container takes, in ms. */
  hookMs(hook: LifecycleHandler): number;
}

export interface Exit {
  readonly afterMs: number;
  readonly exitCode: number;
}

export type ImageAnswer =
  /** On the node. `id` is the imageID of a container status, `size` in bytes. */
  | { readonly type: 'present'; readonly id: string; readonly size: number }
  /** Not on the node, and its registry does not give it: the runtime's error, for the user. */
  | { readonly type: 'unavailable'; readonly error: string };
