import { lastOffset } from '../../../../core/log/log.ts';
import { written } from '../../../../core/testing/written-log.ts';
import type { Checker } from './evidence.ts';

/** Each cluster that is there is what its entries and those that it shares say: no other one has taken anything from it. */
export const states: Checker = function* ({ open, journal }) {
  yield* journal.findings;
  for (const { branch, state } of open) {
    const want = journal.textAt(branch, state.offset);
    if (written(state) !== want) yield `${branch.log}: at ${state.offset} it is ${written(state)}, and its entries say ${want}`;
    const end = journal.entriesOf(branch.log).at(-1);
    if (end && state.offset !== lastOffset(end)) yield `${branch.log}: a new process comes to ${state.offset}, and its log to ${lastOffset(end)}`;
  }
};
