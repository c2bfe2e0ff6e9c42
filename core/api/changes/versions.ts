import type { KubeObject } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import { SNAPSHOT_SPACING } from '../../log/snapshots.ts';
import type { Change } from '../../state/change.ts';
import type { ReadCall } from '../call.ts';

/**
 * The changes of an object from an offset of one of them back to its creation: each version names the offset of the one before, so that nothing has to be looked for. It ends early, after
 * `MOST` changes or stretches of the log, and where the log begins.
 */
export async function* changesOfObject(newest: Offset, { replica }: Pick<ReadCall, 'replica'>): AsyncGenerator<Change> {
  const begin = await replica.entries.begin();
  const stretches = new Set<number>();
  let count = 0;
  for (let offset: Offset | undefined = newest; offset !== undefined && offset > begin; ) {
    stretches.add(Math.floor(offset / SNAPSHOT_SPACING));
    if (stretches.size > MOST_STRETCHES || ++count > MOST_CHANGES) return;
    const change: Change = await replica.changeAt(offset);
    yield change;
    offset = change.previous && versionOf(change.previous);
  }
}

/** The offset at which an object was changed last. */
export const versionOf = ({ metadata }: KubeObject): Offset => Number(metadata.resourceVersion);

/** A stretch of the log costs a snapshot and what is folded from there, a change of one in memory next to nothing. */
const MOST_STRETCHES = 10;
const MOST_CHANGES = 1_000;
