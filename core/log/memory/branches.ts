import { type Branch, type Branches, isBegunLog, usesOf } from '../branches.ts';
import { canGoOn } from '../end-entry.ts';
import type { Offset } from '../event.ts';
import type { EventLog } from '../log.ts';

/** The logs that there are, as branches have to know them. */
interface Logs {
  readonly names: () => Iterable<string>;
  readonly has: (log: string) => boolean;
  readonly lastEntry: EventLog['lastEntry'];
  /** Where a truncated one begins; 0: nothing was deleted. */
  readonly beginOf: (log: string) => Offset;
  readonly beginAt: (log: string, snapshot: Offset) => void;
}

interface MemoryBranches extends Branches {
  /** The branch whose log it is. */
  readonly withLog: (log: string) => Branch | undefined;
  readonly isEnded: (log: string) => boolean;
  /** Nothing is left of a log. */
  readonly removed: (log: string) => void;
}

/** The branches of a log in memory: every step is one for all who look. */
export function memoryBranches(logs: Logs): MemoryBranches {
  const begun = new Map<string, Branch>();
  const ended = new Map<string, Branch>();

  const unrecorded = (log: string): Branch | undefined => (isBegunLog(log) || ended.has(log) || !logs.has(log) ? undefined : { cluster: log, log, base: [] });
  const branchOf = (cluster: string) => begun.get(cluster) ?? unrecorded(cluster);
  const all = (): Branch[] => [...begun.values(), ...[...logs.names()].flatMap((name) => (begun.has(name) ? [] : (unrecorded(name) ?? [])))];
  const withLog = (log: string) => ended.get(log) ?? all().find((branch) => branch.log === log);

  return {
    get: async (cluster) => branchOf(cluster),
    list: async () => all(),
    async begin(branch) {
      const goesOn = await canGoOn(logs, branch);
      const there = branchOf(branch.cluster);
      if (there) return there.log === branch.log ? 'begun' : 'taken';
      const last = branch.base.at(-1);
      if (!branch.base.every(({ log }) => withLog(log)) || (last && logs.beginOf(last.log) > last.upTo) || !goesOn) return 'gone';
      begun.set(branch.cluster, branch);
      return 'begun';
    },
    async cut(branch, { snapshot }) {
      if (branchOf(branch.cluster)?.log !== branch.log || usesOf(branch.log, all()).some(({ upTo }) => upTo < snapshot)) return;
      logs.beginAt(branch.log, snapshot);
      begun.set(branch.cluster, { ...branch, base: [] });
    },
    async end(cluster, log) {
      const branch = branchOf(cluster);
      if (branch?.log !== log) return;
      begun.delete(cluster);
      ended.set(log, branch);
    },
    ended: async () => [...ended.keys()],
    release: async (logs) => {
      const there = all();
      return new Map(logs.filter((log) => ended.has(log)).map((log) => [log, usesOf(log, there).map(({ cluster }) => cluster)]));
    },
    withLog,
    isEnded: (log) => ended.has(log),
    removed: (log) => void ended.delete(log),
  };
}
