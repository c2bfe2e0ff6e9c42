import type { AskPort, MomentFound } from '../admission/ask.ts';
import { offsetOfMoment } from '../apis/logplane/moment.ts';
import { readWhen } from '../apis/logplane/when.ts';
import { StatusError } from '../kube/status.ts';
import { branchLog } from '../log/branch-log.ts';
import { branchPoint } from '../log/branches.ts';
import { EntriesMissing } from '../log/entry.ts';
import type { Offset } from '../log/event.ts';
import { type EventLog, lastOffset } from '../log/log.ts';
import type { Replica } from '../replica/replica.ts';

/** What looks into clusters for a moment that is asked for. */
interface Looking {
  readonly log: EventLog;
  readonly replicaOf: (cluster: string) => Promise<Replica | undefined>;
}

/** A port that also knows which offset a moment of a cluster is. */
export const withMoments =
  (others: AskPort, looking: Looking): AskPort =>
  async (ask, around) =>
    ask.type === 'Moment' ? { type: 'answered', value: await find(looking, ask.question) } : others(ask, around);

async function find(looking: Looking, { cluster, at }: { cluster: string; at: string }): Promise<MomentFound> {
  const replica = (await newest(looking, cluster)) ?? (await newest(looking, cluster));
  if (!replica) return { absent: 'not found', why: `there is no cluster ${JSON.stringify(cluster)}` };
  const end = replica.state.offset;
  const offset = await offsetOf(replica, at, looking.log);
  if (typeof offset !== 'number') return offset;
  return (await isKept(replica, offset)) ? { offset, newest: end, log: replica.logName } : invalid('is not kept any more');
}

/** A cluster as it is now. Undefined where the one that was open here has ended since: another one may have its name, which is opened then. */
async function newest({ replicaOf }: Looking, cluster: string): Promise<Replica | undefined> {
  const replica = await replicaOf(cluster);
  await replica?.catchUp();
  return replica?.isOver || replica?.state.offset === 0 ? undefined : replica;
}

/** A resourceVersion, a time, `start`, or the name of a bookmark; the newest when it is empty. */
async function offsetOf(replica: Replica, at: string, log: EventLog): Promise<Offset | Absent> {
  const { state } = replica;
  if (at === '') return state.offset;
  if (at === 'start') return (await startOf(replica, log)) ?? invalid('is not kept any more');
  if (Number(at) < 1) return invalid('must be greater than or equal to 1');
  const when = readWhen(at);
  const offset = when && (await offsetOfMoment(when, { replica, state }));
  if (typeof offset === 'number') return offset;
  if (offset?.absent === 'in the past') return invalid(offset.why);
  return { absent: 'not found', why: 'it is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark of that cluster' };
}

type Absent = Extract<MomentFound, { readonly absent: unknown }>;

const invalid = (why: string): Absent => ({ absent: 'invalid', why });

/** What a cluster began with: a fork with what it shares, any other with its first entry. Undefined: that is not kept any more. */
async function startOf({ cluster }: Replica, log: EventLog): Promise<Offset | undefined> {
  const branch = await log.branches.get(cluster);
  if (!branch) return undefined;
  if (branch.base.length > 0) return branchPoint(branch);
  try {
    for await (const first of branchLog(log, branch).read(cluster, { after: 0 })) return lastOffset(first);
  } catch (error) {
    if (!(error instanceof EntriesMissing)) throw error;
  }
  return undefined;
}

/** Whether the log reaches back to an offset. */
async function isKept(replica: Replica, offset: Offset): Promise<boolean> {
  try {
    await replica.at(offset);
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.code === 410) return false;
    throw error;
  }
}
