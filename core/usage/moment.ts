import type { ClusterInstant } from '../instant.ts';
import type { State } from '../state/state.ts';

/** When and in which state something is measured. */
export interface Moment {
  readonly state: State;
  readonly now: ClusterInstant;
  /** Told of a moment from which on a measured value may be another one though nothing is written: who waits for it looks again then. */
  readonly changesAt: (at: ClusterInstant) => void;
}

/** For who looks once. */
export const lookedAtOnce = (): void => {};
