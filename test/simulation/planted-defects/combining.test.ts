import { describe, it } from 'vitest';
import type { EventLog, LogEntry } from '../../../core/log/log.ts';
import type { Proposal } from '../../../core/log/proposals.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of combining: a writer that takes in another one's proposal relies on all that the proposal says, and its writer on what it finds in the log. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    {
      name: 'a proposal that forgets what it has read',
      seed: 9,
      minutes: 4,
      parts: { wrapLog: forgetting },
      found: /preconditions: |writes: |offsets: |projections: /,
    },
    { name: 'a winner that takes a proposal twice', parts: { wrapLog: repeating }, found: /writes: .* is in the log \d+ times/ },
    {
      name: 'a loser that acknowledges without having found its proposal',
      parts: { wrapLog: assuming },
      found: /writes: .* was acknowledged at \d+, but/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

const NOTHING = { keys: [], lists: [], indexes: {} };

function forgetting(log: EventLog): EventLog {
  const proposals = log.proposals!;
  return { ...log, proposals: { ...proposals, put: (cluster, proposal) => proposals.put(cluster, { ...proposal, reads: NOTHING }) } };
}

/** No writer hears which proposals an entry settles, and none is removed. */
function repeating(log: EventLog): EventLog {
  const deaf = ({ combined: _, ...entry }: LogEntry): LogEntry => entry;
  return {
    ...log,
    async append(cluster, wanted) {
      const result = await log.append(cluster, wanted);
      return result.entry ? { ...result, entry: deaf(result.entry) } : result;
    },
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) yield deaf(entry);
    },
    proposals: { ...forgetting(log).proposals!, delete: async () => undefined },
  };
}

/** Takes the next entry that comes for the one that it waits for. */
function assuming(log: EventLog): EventLog {
  const proposals = log.proposals!;
  let proposed: Proposal | undefined;
  return {
    ...log,
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) {
        const found = proposed && !entry.combined ? { ...entry, combined: [{ id: proposed.id, count: 1 }] } : entry;
        proposed = undefined;
        yield found;
      }
    },
    proposals: {
      ...proposals,
      put: (cluster, proposal) => {
        proposed = proposal;
        return proposals.put(cluster, proposal);
      },
    },
  };
}
