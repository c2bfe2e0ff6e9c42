import { ROOT_CLUSTER } from '../../../../core/kube/cluster-name.ts';
import { isEnd } from '../../../../core/log/end-entry.ts';
import type { Checker } from './evidence.ts';

/** What is there are the clusters of which there are objects, and none whose time is over; what is gone has ended. */
export const objects: Checker = function* ({ objects, open, journal, now }) {
  for (const { metadata, spec, status } of objects) {
    const name = metadata.name;
    if (metadata.deletionTimestamp) yield `${name}: it is still being deleted`;
    if (status?.expiresAt && Date.parse(status.expiresAt) < now) yield `${name}: it was to go at ${status.expiresAt}`;
    if (status?.reset && status.reset.completed !== status.reset.ordered) yield `${name}: it is still being reset`;
    const branch = open.find(({ branch }) => branch.cluster === name)?.branch;
    if (branch && branch.log !== status?.log) yield `${name}: its log is ${branch.log}, and its object says ${status?.log}`;
    if (!branch && spec.forkOf && status?.failure === undefined) yield `${name}: there is nothing of that fork`;
  }
  for (const log of journal.logs) {
    if (log === ROOT_CLUSTER || open.some(({ branch }) => branch.log === log)) continue;
    if (!journal.entriesOf(log).at(-1)!.events.some(isEnd)) yield `${log}: it was removed and its log took writes to the last`;
  }
  for (const { branch } of open)
    if (!objects.some(({ metadata }) => metadata.name === branch.cluster)) yield `${branch.log}: there is no object of that cluster`;
};
