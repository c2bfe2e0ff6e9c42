import type { Replica } from '../../core/replica/replica.ts';
import type { Held } from './checkers/checker.ts';
import type { Instance } from './instance.ts';

/** What an instance holds of each cluster now, as far as it would show it to a client: of a log that may have been restored, it looks first. */
export function heldBy({ process, replicas, historyLimit }: Instance): (Held & { cluster: string })[] {
  return [...replicas].flatMap(([cluster, replica]) => {
    if (replica.isDoubtful) return [];
    const { state } = replica;
    return [{ cluster, by: process.name, offset: state.offset, kept: keptBy(replica), historyLimit, objects: new Map(state.entries()) }];
  });
}

/** How many of the newest changes a replica remembers. */
function keptBy(replica: Replica): number {
  let [known, forgotten] = [replica.state.offset, -1];
  while (known - forgotten > 1) {
    const middle = (known + forgotten + 1) >> 1;
    if (replica.recentChanges(middle, 0)) known = middle;
    else forgotten = middle;
  }
  return replica.state.offset - known;
}
