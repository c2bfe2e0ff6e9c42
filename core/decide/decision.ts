import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { LogEvent, Offset } from '../log/log.ts';

export interface DecideContext {
  readonly env: Env;
  /** ms since the epoch */
  readonly now: ClusterInstant;
  readonly actor: User;
  readonly cause?: Offset;
}

export interface Decision {
  /** None when nothing changes (an update to what is there already). */
  readonly events: readonly LogEvent[];
  /** The object as it will be, its resourceVersion still that of before (none when created); a deleted one as it was last. */
  readonly object: KubeObject;
  readonly deleted: boolean;
}
