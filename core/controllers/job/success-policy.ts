import type { Job } from '../../schema/generated/kinds.ts';
import type { Verdict } from './conditions.ts';
import { indexSet } from './indexes.ts';

/** Whether the indexes that have succeeded are enough by a rule of `spec.successPolicy` (pkg/controller/job/success_policy.go). */
export function successByPolicy({ spec }: Job, succeeded: ReadonlySet<number>): Verdict | undefined {
  if (succeeded.size === 0) return undefined;
  for (const [i, { succeededIndexes, succeededCount }] of (spec?.successPolicy?.rules ?? []).entries()) {
    const wanted = succeededIndexes === undefined ? undefined : indexSet(succeededIndexes, spec?.completions ?? 0);
    if (wanted?.size === 0) continue;
    const reached = wanted ? wanted.intersection(succeeded).size : succeeded.size;
    if (reached === wanted?.size || (succeededCount !== undefined && reached >= succeededCount)) {
      return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${i}` };
    }
  }
  return undefined;
}
