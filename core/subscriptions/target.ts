import type { CloudEvent } from 'cloudevents';
import type { TargetSpec } from '../apis/logplane/subscription.ts';
import type { Key } from '../kube/object.ts';
import type { State } from '../state/state.ts';

/** An event on its way to a target. */
export interface Delivery {
  readonly event: CloudEvent<unknown>;
  /** The same event with a reference in the place of its data, for a target that does not take so much. */
  readonly reference: () => CloudEvent<unknown>;
  /** The object that it tells of: what is told of one keeps its order. */
  readonly object: Key;
}

/** Who takes events. Resolves once the event was taken; rejects with `NotTaken`, or whatever else went wrong. */
export interface Target {
  deliver(delivery: Delivery, signal: AbortSignal): Promise<void>;
}

/** The port by which a host reaches targets. `namespace`: where the Secrets are that a target names, unless it says so itself; `state` is where they are looked up. */
export type Targets = (target: TargetSpec, context: { readonly namespace: string | undefined; readonly state: State }) => Target;

/** A target has refused an event, or could not be asked. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  /** When it wants to be asked again, ms from now, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retryAfterMs, cause }: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}
