import { branchPoint } from '../../../../core/log/branches.ts';
import type { Checker } from './evidence.ts';

/** A fork is at its beginning what its parent was there, from the moment that it is created on, and goes on from there. */
export const forks: Checker = function* ({ told, open, journal }) {
  for (const { log, at, text } of told.forks) {
    const want = journal.textAt({ cluster: '', log, base: [] }, at);
    if (text !== want) yield `${log}: at ${at} it was read as ${text}, and the entries say ${want}`;
  }
  for (const { metadata, spec, status } of told.clusters) {
    if (!status?.fork) continue;
    const begun = journal.begun({ cluster: metadata.name, log: status.log!, base: [] });
    const first = journal.entriesOf(status.log!)[0];
    if (first && first.offset !== status.fork.offset + 1) yield `${status.log}: it was forked at ${status.fork.offset}, and goes on at ${first.offset}`;
    if (begun.base.length > 0 && branchPoint(begun) !== status.fork.offset)
      yield `${status.log}: of ${spec.forkOf!.name} at ${status.fork.offset} it shares up to ${branchPoint(begun)}`;
  }
  for (const { branch, at } of open) {
    for (const [offset, text] of at) {
      const want = journal.textAt(branch, offset);
      if (text !== undefined && text !== want) yield `${branch.log}: at its beginning ${offset} it is ${text}, and the entries of its parent say ${want}`;
    }
  }
};
