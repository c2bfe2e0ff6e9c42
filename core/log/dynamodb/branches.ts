import type { RealInstant } from '../../instant.ts';
import { type Branch, type Branches, isBegunLog, reachOf } from '../branches.ts';
import { deleteRecord, isCurrent, listBranches, moveRecord, putRecord, recordOf } from './branch-records.ts';
import { endedLog, endedLogs, noteEnded, pardon } from './ended.ts';
import { intendBegin, intendedBeginOf, settleBegin } from './heads.ts';
import { deregister, isRegistered, register } from './registry.ts';
import type { Requests } from './requests.ts';

/**
 * Branches as records of the registry, each at a number that no other name has, so that one can be deleted. A cluster that was begun without one has the record that registry.ts makes.
 *
 * A fork puts its record, not yet proven, and then looks whether what its base names is still there: if so the record becomes proven, and if not it is deleted. Of one that is
 * not proven, as its writer died, the next reader finds that out. What removes or truncates a log says so first, and then looks whether a record names it (ended.ts,
 * truncate.ts): whichever of the two looks later sees the other.
 */
export function dynamodbBranches(requests: Requests, now: () => RealInstant): Branches {
  /** Whether all that a branch shares is there. From then on it stays. */
  async function prove(branch: Branch): Promise<boolean> {
    if (await isWhole(requests, branch)) return moveRecord(requests, branch, { from: 'unproven', to: 'proven' });
    await deleteRecord(requests, branch, 'unproven');
    return false;
  }

  return {
    async get(cluster) {
      const record = await recordOf(requests, cluster);
      if (!record) return (await isRegistered(requests, cluster)) ? { cluster, log: cluster, base: [] } : undefined;
      const { state, ...branch } = record;
      return state === 'proven' || (await prove(branch)) ? branch : undefined;
    },

    list: () => listBranches(requests),

    async begin(branch) {
      const { cluster, log } = branch;
      if (!isBegunLog(log)) {
        if (await recordOf(requests, cluster)) return 'taken';
        await register(requests, cluster);
        return 'begun';
      }
      if (await isRegistered(requests, cluster)) return 'taken';
      const state = branch.base.length === 0 ? 'proven' : 'unproven';
      if (!(await putRecord(requests, branch, state))) {
        const there = await recordOf(requests, cluster);
        if (there && there.log !== log) return 'taken';
        // An earlier attempt may have been done and its answer lost; then a reader may have proven it, or found what it names to be gone.
        if (there?.state === 'proven') return 'begun';
        if (!there) return 'gone';
      }
      return state === 'proven' || (await prove(branch)) ? 'begun' : 'gone';
    },

    async cut(branch, { snapshot }) {
      if ((await recordOf(requests, branch.cluster))?.log !== branch.log) return;
      const beginning = await intendBegin(requests, branch.log, snapshot);
      if (beginning) {
        const isFree = reachOf(branch.log, await listBranches(requests)).every((upTo) => upTo >= snapshot);
        await settleBegin(requests, branch.log, beginning, isFree ? beginning.to : beginning.was);
        if (!isFree) return;
      }
      await moveRecord(requests, { ...branch, base: [] }, { from: 'proven', to: 'proven' });
    },

    async end(cluster, log) {
      const record = await recordOf(requests, cluster);
      const isItsLog = record ? record.log === log : log === cluster && (await isRegistered(requests, cluster));
      if (!isItsLog) return;
      // First of all: a process that dies in between leaves a cluster that is to be ended again, and not a log that no record names.
      await noteEnded(requests, log, now());
      if (!record) await deregister(requests, cluster);
      else for (const state of ['unproven', 'proven'] as const) await deleteRecord(requests, record, state);
    },

    ended: () => endedLogs(requests),
  };
}

async function isWhole(requests: Requests, { base }: Branch): Promise<boolean> {
  for (const { log } of base) {
    // Of a log that ends meanwhile there is a note before it is current no more.
    if (await isCurrent(requests, log)) continue;
    const ended = await endedLog(requests, log);
    if (ended?.state === 'condemned') await pardon(requests, ended, requests.token());
    else if (ended?.state !== 'kept') return false;
  }
  const last = base.at(-1);
  return !last || (await intendedBeginOf(requests, last.log)) <= last.upTo;
}
