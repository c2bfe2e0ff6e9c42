import type { RealInstant } from '../../instant.ts';
import { type Branch, type Branches, isBegunLog, usesOf } from '../branches.ts';
import { cutRecord, deleteRecord, isCurrent, listBranches, putRecord, recordOf } from './branch-records.ts';
import { endedLog, endedLogs, noteEnded, pardon, release } from './ended.ts';
import { intendBegin, keepFrom, settleBegin } from './heads.ts';
import { deregister, isRegistered, register } from './registry.ts';
import type { Requests } from './requests.ts';

/**
 * Branches as records of the registry, each at a number that no other name has, so that one can be deleted. A cluster that was begun without one has the record that registry.ts makes.
 *
 * A fork puts its record, and then looks whether what its base names is still there: if not, the record is deleted. What removes or truncates a log says so first, and then looks
 * whether a record names it (ended.ts, truncate.ts): whichever of the two looks later sees the other. What a look finds of a record that is there stays so: it takes back what was
 * said and not done yet. So every reader may look for itself, and finds what the writer found, or would have, had it not died.
 */
export function dynamodbBranches(requests: Requests, now: () => RealInstant): Branches {
  /** Whether all that a branch shares is there, of which there is a record. Otherwise there is none any more. */
  async function isThere(branch: Branch): Promise<boolean> {
    if (await isWhole(requests, branch)) return true;
    await deleteRecord(requests, branch, 'unproven');
    return false;
  }

  return {
    async get(cluster) {
      const record = await recordOf(requests, cluster);
      if (!record) return (await isRegistered(requests, cluster)) ? { cluster, log: cluster, base: [] } : undefined;
      const { state, ...branch } = record;
      return state === 'proven' || (await isThere(branch)) ? branch : undefined;
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
        // An earlier attempt may have been done and its answer lost; then it may have been cut, or a reader has found what it names to be gone.
        if (there?.state === 'proven') return 'begun';
        if (!there) return 'gone';
      }
      return state === 'proven' || (await isThere(branch)) ? 'begun' : 'gone';
    },

    async cut(branch, { snapshot }) {
      const record = await recordOf(requests, branch.cluster);
      if (record?.log !== branch.log) return;
      const beginning = await intendBegin(requests, branch.log, snapshot);
      if (beginning) {
        const isFree = usesOf(branch.log, await listBranches(requests)).every(({ upTo }) => upTo >= snapshot);
        await settleBegin(requests, branch.log, beginning, isFree ? beginning.to : beginning.was);
        if (!isFree) return;
      }
      await cutRecord(requests, record);
    },

    async end(cluster, log) {
      let record = await recordOf(requests, cluster);
      const isItsLog = record ? record.log === log : log === cluster && (await isRegistered(requests, cluster));
      if (!isItsLog) return;
      // First of all: a process that dies in between leaves a cluster that is to be ended again, and not a log that no record names.
      await noteEnded(requests, log, now());
      if (!record) await deregister(requests, cluster);
      // Again where it was cut meanwhile.
      for (; record?.log === log; record = await recordOf(requests, cluster)) await deleteRecord(requests, record, record.state);
    },

    ended: () => endedLogs(requests),
    release: (logs) => release(requests, logs),
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
  return !last || keepFrom(requests, last.log, last.upTo);
}
