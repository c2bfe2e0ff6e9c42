import type { JobSpec } from '../../schema/generated/kinds.ts';
import { podTemplateWarnings } from '../core/pod-warnings.ts';

const MANY_COMPLETIONS = 100_000;
const MANY_AT_ONCE = 10_000;

/** What a client is told of a Job's spec that is valid and may not do what it seems to (WarningsForJobSpec). */
export const jobSpecWarnings = (spec: JobSpec, path: string): string[] => [
  ...(spec.completionMode === 'Indexed' && (spec.completions ?? 0) > MANY_COMPLETIONS && (spec.parallelism ?? 0) > MANY_AT_ONCE
    ? [
        `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
      ]
    : []),
  ...podTemplateWarnings(spec.template, `${path}.template`),
];
