import type { Pod } from '../../schema/generated/kinds.ts';

/** The pods that would have to go from a node, the most important first. */
export interface Victims {
  readonly victims: readonly Pod[];
  /** How many of them a disruption budget does not let go. */
  readonly violations: number;
  readonly costs: Costs;
}

/** Of which the first that differs decides, and lower is better (pick-one.ts). */
export type Costs = readonly number[];

export type FoundVictims =
  | { readonly type: 'some'; readonly victims: Victims }
  /** The pod would not fit there, whoever went. */
  | { readonly type: 'none'; readonly reasons: readonly string[] };
