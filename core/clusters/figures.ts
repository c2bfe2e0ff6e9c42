import type { Figures } from '../api/request/figures.ts';
import { timestamp } from '../kube/object.ts';
import { CorruptEntry } from '../log/codec.ts';
import { EntriesMissing } from '../log/entry.ts';
import { type EventLog, lastOffset } from '../log/log.ts';
import type { WorkerFailure } from '../log/worker-failure.ts';
import type { Replica } from '../replica/replica.ts';
import { subscriptionFailures } from './subscription-failures.ts';

interface Named {
  readonly name: string;
  readonly log: string;
}

interface Known {
  /** Where the cluster is open in this process. */
  readonly open: Replica | undefined;
  /** The workers that failed on it when they ran last. */
  readonly reconcilers?: readonly WorkerFailure[] | Promise<readonly WorkerFailure[]>;
}

/** What there is to say of a cluster now: by its replica, or by a look at the end of its log. */
export async function figuresOf(log: EventLog, of: Named, { open, reconcilers = [] }: Known): Promise<Figures> {
  const [figures, failed, writes] = await Promise.all([open ? ofReplica(open, of) : ofLog(log, of), reconcilers, log.written?.(of.log)]);
  return { ...figures, ...(writes && { writes }), ...(failed.length > 0 && { reconcilers: failed }) };
}

function ofReplica({ state, bytes }: Replica, { name }: Named): Figures {
  const { offset, time, size } = state;
  const subscriptions = subscriptionFailures(state, name);
  return { offset, ...(offset > 0 && { lastActivity: timestamp(time) }), objects: size, bytes, ...(subscriptions.length > 0 && { subscriptions }) };
}

async function ofLog(log: EventLog, of: Named): Promise<Figures> {
  const last = await log.lastEntry(of.log, { atMost: Number.MAX_SAFE_INTEGER }).catch((error: unknown) => {
    if (error instanceof CorruptEntry || error instanceof EntriesMissing) return 'damaged' as const;
    throw error;
  });
  // Its workers say so. All else that is known of it is shown all the same, and so are the other clusters of a list.
  if (last === 'damaged') return {};
  if (last) return { offset: lastOffset(last), lastActivity: timestamp(last.time) };
  // One that was not opened yet; or a fork, to which nothing was written.
  const branch = await log.branches.get(of.name);
  return { offset: branch?.base.at(-1)?.upTo ?? 0 };
}
