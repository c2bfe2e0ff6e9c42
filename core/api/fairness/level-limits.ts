import type { PriorityLevelConfiguration } from '../../schema/generated/kinds.ts';

/** How many requests of a priority level run at once, in seats (API Priority and Fairness, "Priority Levels"). */
export interface LevelLimits {
  readonly nominal: number;
  /** How many of these others may use while it does not need them. */
  readonly lendable: number;
  /** How many it may use of others. */
  readonly borrowing: number;
}

type Limits = ReadonlyMap<string, LevelLimits>;

/** The limits of the levels of a state, worked out once for all requests that look at it. */
export function limitsOf(levels: ReadonlyMap<string, PriorityLevelConfiguration>, seats: number): Limits {
  const known = workedOut.get(levels);
  if (known?.seats === seats) return known.limits;
  const limits = divided(levels.values(), seats);
  workedOut.set(levels, { seats, limits });
  return limits;
}

const workedOut = new WeakMap<ReadonlyMap<string, PriorityLevelConfiguration>, { readonly seats: number; readonly limits: Limits }>();

/** Divides what a cluster may have at once among its levels, in proportion to their shares (apiserver/pkg/util/flowcontrol/apf_controller.go, finishQueueSetReconfigsLocked). */
function divided(levels: Iterable<PriorityLevelConfiguration>, seats: number): Limits {
  const shares = [...levels].map((level) => ({ name: level.metadata.name, ...sharesOf(level) }));
  const sum = shares.reduce((total, { share }) => total + share, 0);
  return new Map(
    shares.map(({ name, share, lendablePercent, borrowingLimitPercent }) => {
      const nominal = sum === 0 ? 0 : Math.ceil((seats * share) / sum);
      const lendable = Math.round((nominal * lendablePercent) / 100);
      const borrowing = borrowingLimitPercent === undefined ? seats : Math.round((nominal * borrowingLimitPercent) / 100);
      return [name, { nominal, lendable, borrowing }];
    }),
  );
}

function sharesOf({ spec }: PriorityLevelConfiguration) {
  const { limited, exempt } = spec ?? {};
  const { nominalConcurrencyShares: share = exempt ? 0 : 30, lendablePercent = 0 } = limited ?? exempt ?? {};
  return { share, lendablePercent, borrowingLimitPercent: limited?.borrowingLimitPercent };
}
