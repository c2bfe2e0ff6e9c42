import type { Answers, Ask } from '../admission/ask.ts';
import type { AdmissionPlugin, Annotate } from '../admission/plugin.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import type { State } from '../state/state.ts';

export interface DecideContext {
  readonly env: Env;
  readonly now: ClusterInstant;
  readonly actor: User;
  readonly cause?: Offset;
  /** In their order (admission/default-plugins.ts). */
  readonly plugins: readonly AdmissionPlugin[];
  /** For plugins: the caller of `decide` drops the events. */
  readonly dryRun?: boolean;
  /** The options of the request, for plugins. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Takes what plugins have audited of the request; none: nothing is. */
  readonly annotate?: Annotate;
  /** The version of the resource that the request names, for plugins; otherwise the preferred one. */
  readonly version?: string;
  /** What has been answered so far. */
  readonly answers?: Answers;
}

/** A decision while it is made: on which state, and what plugins add to it. */
export interface Deciding extends DecideContext {
  readonly state: State;
  readonly further: Mutation[];
}

export interface Decision {
  /** None when nothing changes (an update to what is there already). Those of the object itself come first. */
  readonly events: readonly LogEvent[];
  readonly key: Key;
  /** The object as it will be, its resourceVersion still that of before (none when created); a deleted one as it was last. */
  readonly object: KubeObject;
  /** As it was; none when created. */
  readonly old: KubeObject | undefined;
  readonly deleted: boolean;
  readonly warnings: readonly string[];
  /** How many of the warnings come before those of the object's kind (rest.BeforeCreate warns before validating admission does). */
  readonly warningsBeforeJudging: number;
}

/** A decision that cannot be made before these questions have been answered. */
export interface Asking {
  readonly asks: readonly Ask[];
}

export const isAsking = <T extends object>(decided: T | Asking): decided is Asking => 'asks' in decided;

/** For a writer that comes before there can be anything to ask, as with the first objects of a cluster. */
export function decided(decision: Decision | Asking): Decision {
  if (isAsking(decision)) throw new Error('an admission plugin asks where there is no port to ask through');
  return decision;
}
