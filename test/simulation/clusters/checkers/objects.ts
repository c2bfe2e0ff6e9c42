import type { Checker } from './evidence.ts';

/** What is there are the clusters of which there are objects, and none whose time is over. */
export const objects: Checker = function* ({ objects, open, now }) {
  for (const { metadata, spec, status } of objects) {
    const name = metadata.name;
    if (metadata.deletionTimestamp) yield `${name}: it is still being deleted`;
    if (status?.expiresAt && Date.parse(status.expiresAt) < now) yield `${name}: it was to go at ${status.expiresAt}`;
    if (status?.reset && status.reset.completed !== status.reset.ordered) yield `${name}: it is still being reset`;
    const branch = open.find(({ branch }) => branch.cluster === name)?.branch;
    if (branch && branch.log !== status?.log) yield `${name}: its log is ${branch.log}, and its object says ${status?.log}`;
    if (!branch && spec.forkOf && status?.failure === undefined) yield `${name}: there is nothing of that fork`;
  }
  for (const { branch } of open)
    if (!objects.some(({ metadata }) => metadata.name === branch.cluster)) yield `${branch.log}: there is no object of that cluster`;
};
