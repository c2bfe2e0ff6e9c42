import { IndexesError, parseIndexes } from '../../apis/batch/job-indexes.ts';
import type { Job, Pod } from '../../schema/generated/kinds.ts';

/** The completion indexes of an Indexed Job (pkg/controller/job/indexed_job_utils.go). */

export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';

/** The index of a pod; undefined when it has none that is valid for the Job. */
export function indexOf(pod: Pod, { spec }: Job): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX] ?? '';
  const index = /^[0-9]+$/.test(text) ? Number(text) : undefined;
  return index !== undefined && index < (spec?.completions ?? 0) ? index : undefined;
}

/** `1,3-5` as a set, without what is not below `completions` (an elastic Job may have been scaled down). */
export function indexSet(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const [first, last] of intervalsOf(text ?? '')) {
    for (let index = first; index <= Math.min(last, completions - 1); index++) indexes.add(index);
  }
  return indexes;
}

function intervalsOf(text: string): [number, number][] {
  try {
    return parseIndexes(text, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof IndexesError) return [];
    throw error;
  }
}

/** A set as text, runs of three and more as intervals: `1,3-5,7,8`. */
export function indexText(indexes: ReadonlySet<number>): string {
  const runs: [number, number][] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}${last === first + 1 ? ',' : '-'}${last}`)).join(',');
}
