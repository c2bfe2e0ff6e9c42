import type { Env } from '../core/env.ts';
import { branchLog } from '../core/log/branch-log.ts';
import { type Branch, clusterOfLog, usesOf } from '../core/log/branches.ts';
import { EntriesMissing } from '../core/log/entry.ts';
import type { SqliteLog } from '../core/log/sqlite/sqlite-log.ts';
import { Replica } from '../core/replica/replica.ts';
import { saveSnapshot, takeSnapshot } from '../core/state/snapshot.ts';

interface AcceptedLoss {
  readonly log: SqliteLog;
  readonly env: Env;
  readonly report: (message: string) => void;
}

/**
 * Lets clusters that lost something go on with what is left. No resourceVersion is given out twice: what is left stands behind all that was acknowledged,
 * and history before is cut off, so that a client that goes on from there gets 410 Expired and lists again (as `etcdutl snapshot restore
 * --bump-revision --mark-compacted` does it). Forks that share what is cut off get a snapshot of their own before.
 */
export async function acceptLoss({ log, env, report }: AcceptedLoss): Promise<void> {
  const branches = await log.branches.list();
  const forks = branches.filter((branch) => !log.lost.has(branch.log) && [...log.lost.keys()].some((name) => usesOf(name, [branch]).length > 0));
  for (const fork of forks) await letStandAlone(fork, { log, env, report });
  const left = [];
  for (const [name, offset] of log.lost) {
    const branch = branches.find((branch) => branch.log === name) ?? { cluster: clusterOfLog(name), log: name, base: [] };
    const { state } = await openOne(branch, { log, env });
    left.push({ branch, offset, state, ...(await takeSnapshot(state, () => env.clock.turn())) });
  }
  // Only when all is in memory, as one may share what another one has lost.
  for (const { branch, offset, state, snapshot, bytes } of left) {
    await log.beginAnew(branch.log, { ...snapshot, offset }, bytes);
    if (branch.base.length > 0) await log.branches.cut(branch, { snapshot: offset });
    report(`cluster ${branch.cluster} goes on at resourceVersion ${offset} with what was left of it at ${state.offset}`);
  }
}

async function letStandAlone(fork: Branch, { log, env, report }: AcceptedLoss): Promise<void> {
  try {
    const { state } = await openOne(fork, { log, env });
    await saveSnapshot({ log, cluster: fork.log, env }, state);
    await log.branches.cut(fork, { snapshot: state.offset });
  } catch (error) {
    if (!(error instanceof EntriesMissing)) throw error;
    report(`cluster ${fork.cluster} cannot be read any more: it is a fork, and lost is what it shares`);
  }
}

const openOne = (branch: Branch, { log, env }: Pick<AcceptedLoss, 'log' | 'env'>): Promise<Replica> =>
  Replica.open({ log: branchLog(log, branch), cluster: branch.cluster, env, exclusive: true });
