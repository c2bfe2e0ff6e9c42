import { asks } from './asks.ts';
import { atOnce } from './at-once.ts';
import { autoscaling } from './autoscaling.ts';
import { budgets } from './budgets.ts';
import type { Checker } from './checker.ts';
import { clock } from './clock.ts';
import { deliveries } from './deliveries.ts';
import { desiredState } from './desired-state.ts';
import { filters } from './filters.ts';
import { gets } from './gets.ts';
import { indexes } from './indexes.ts';
import { lostNodes } from './lost-nodes.ts';
import { managers } from './managers.ts';
import { memory } from './memory.ts';
import { mutations } from './mutations.ts';
import { offsets } from './offsets.ts';
import { ordinals } from './ordinals.ts';
import { placement } from './placement.ts';
import { policies } from './policies.ts';
import { preconditions } from './preconditions.ts';
import { preemption } from './preemption.ts';
import { progress } from './progress.ts';
import { projections } from './projections.ts';
import { quotas } from './quotas.ts';
import { reads } from './reads.ts';
import { refusals } from './refusals.ts';
import { roles } from './roles.ts';

import { storedTypes } from './stored-types.ts';
import { watches } from './watches/registry.ts';
import { writes } from './writes.ts';

/** Everything that must hold, whatever went wrong. */
export const checkers: readonly Checker[] = [
  offsets,
  clock,
  asks,
  policies,
  mutations,
  roles,
  writes,
  storedTypes,
  preconditions,
  refusals,
  projections,
  managers,
  reads,
  gets,
  ...watches,
  placement,
  filters,
  budgets,
  preemption,
  indexes,
  ordinals,
  autoscaling,
  lostNodes,
  atOnce,
  quotas,
  deliveries,
  memory,
  progress,
  desiredState,
];
