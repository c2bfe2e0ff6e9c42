import type { Checker } from './checker.ts';
import { desiredState } from './desired-state.ts';
import { offsets } from './offsets.ts';
import { placement } from './placement.ts';
import { projections } from './projections.ts';
import { reads } from './reads.ts';
import { watches } from './watches.ts';
import { writes } from './writes.ts';

/** Everything that must hold, whatever went wrong. */
export const checkers: readonly Checker[] = [offsets, writes, projections, reads, watches, placement, desiredState];
