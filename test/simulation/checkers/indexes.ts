import type { Job, Pod } from '../../../core/schema/generated/kinds.ts';
import type { Version } from '../replay.ts';
import type { Checker } from './checker.ts';

/**
 * An index of an Indexed Job succeeds once: no second pod of it does, unless one of the two was being deleted, when its replacement may have begun. The indexes that a Job
 * tells to be complete have succeeded, are as many as it counts, and stay (Kubernetes documentation, "Jobs", completion mode).
 */
export const indexes: Checker = {
  name: 'indexes',
  *check({ replay }) {
    const succeeded = new Map<string, boolean>();
    for (const version of replay.versions) {
      const { key, object, offset } = version;
      if (key.startsWith('pods/') && isSuccess(version)) {
        const id = idOf(object as Pod);
        const isReplaced = object.metadata.deletionTimestamp !== undefined;
        if (id && succeeded.get(id) === false && !isReplaced) yield `${key} succeeds at ${offset} with an index of its Job that had succeeded`;
        if (id) succeeded.set(id, isReplaced || (succeeded.get(id) ?? false));
      }
      if (key.startsWith('jobs.batch/') && version.type === 'MODIFIED') yield* told(version, succeeded);
    }
  },
};

const isSuccess = ({ type, object, previous }: Version): boolean =>
  type === 'MODIFIED' && (object as Pod).status?.phase === 'Succeeded' && (previous as Pod).status?.phase !== 'Succeeded';

const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The Job and the index of a pod; undefined of one that has none. */
function idOf({ metadata: { annotations, ownerReferences } }: Pod): string | undefined {
  const index = annotations?.[INDEX];
  const job = ownerReferences?.find(({ kind, controller }) => kind === 'Job' && controller);
  return index === undefined || !job ? undefined : `${job.uid} ${index}`;
}

function* told({ key, object, previous, offset }: Version, succeeded: ReadonlyMap<string, boolean>): Generator<string> {
  const { spec, status, metadata } = object as Job;
  const before = (previous as Job).status;
  if (spec!.completionMode !== 'Indexed' || status?.completedIndexes === before?.completedIndexes) return;
  const indexes = listed(status?.completedIndexes);
  for (const index of indexes) if (!succeeded.has(`${metadata.uid} ${index}`)) yield `${key} tells at ${offset} of the index ${index}, which has not succeeded`;
  for (const index of listed(before?.completedIndexes)) if (!indexes.has(index)) yield `${key} tells no more at ${offset} of the index ${index}`;
  if (indexes.size !== status?.succeeded)
    yield `${key} counts at ${offset} ${status?.succeeded} successes, and tells of ${indexes.size}: ${status?.completedIndexes}`;
}

/** `1,3-5` */
function listed(text = ''): Set<number> {
  const ranges = text.split(',').filter((part) => part !== '');
  return new Set(
    ranges.flatMap((range) => {
      const [from, to] = range.split('-').map(Number) as [number, number?];
      return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
    }),
  );
}
