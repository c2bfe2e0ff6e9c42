import { afterEach, beforeEach, describe, it } from 'vitest';
import { describeAppend } from './append.contract.ts';
import { describeBranches } from './branches.contract.ts';
import { describeClosing } from './closing.contract.ts';
import { newCluster } from './entries.ts';
import type { Current, LogUnderTest, Skips, Unless } from './log-under-test.ts';
import { describeLostAnswers } from './lost-answers.contract.ts';
import { describeProposals } from './proposals.contract.ts';
import { describeSnapshots } from './snapshots.contract.ts';
import { describeTail } from './tail.contract.ts';
import { describeTruncation } from './truncation.contract.ts';
import { describeWriters } from './writers.contract.ts';
import { describeWritten } from './written.contract.ts';

/** What every adapter of the log must do (core/log/log.ts). A skipped group says why. */
export function describeEventLog(name: string, create: () => Promise<LogUnderTest>, { skip = {} }: { skip?: Skips } = {}): void {
  describe(`the log on ${name}`, () => {
    let under: LogUnderTest;
    let main: string;
    const current: Current = () => ({ under, log: under.log, main });

    beforeEach(async () => {
      under = await create();
      main = newCluster();
    });
    afterEach(() => under.dispose());

    const unless: Unless = (group, title, run) =>
      it(title, async (context) => {
        if (skip[group] !== undefined) context.skip(skip[group]);
        await run();
      });

    describeAppend(current, unless);
    describeWriters(current);
    describeLostAnswers(current, unless);
    describeTail(current);
    describeSnapshots(current, unless);
    describeTruncation(current, skip);
    describeProposals(current, unless);
    describeBranches(current, unless);
    describeClosing(current, unless);
    describeWritten(current);
  });
}
