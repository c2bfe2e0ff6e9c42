import type { Figures } from '../api/request/figures.ts';
import { timestamp } from '../kube/object.ts';
import { type EventLog, lastOffset } from '../log/log.ts';
import type { Replica } from '../replica/replica.ts';
import { subscriptionFailures } from './subscription-failures.ts';

/** A worker that failed on a cluster when it ran last. */
export interface WorkerFailure {
  readonly name: string;
  readonly error: string;
  readonly since: string;
}

interface Known {
  /** Where the cluster is open in this process. */
  readonly open: Replica | undefined;
  readonly reconcilers?: readonly WorkerFailure[];
}

/** What there is to say of a cluster now: by its replica, or by a look at the end of its log. */
export async function figuresOf(log: EventLog, of: { readonly name: string; readonly log: string }, { open, reconcilers = [] }: Known): Promise<Figures> {
  const writes = await log.written?.(of.log);
  const more = { ...(writes && { writes }), ...(reconcilers.length > 0 && { reconcilers }) };
  if (open) {
    const { offset, time, size } = open.state;
    const subscriptions = subscriptionFailures(open.state, of.name);
    const all = { ...more, ...(subscriptions.length > 0 && { subscriptions }) };
    return { offset, ...(offset > 0 && { lastActivity: timestamp(time) }), objects: size, bytes: open.bytes, ...all };
  }
  const last = await log.lastEntry(of.log, { atMost: Number.MAX_SAFE_INTEGER });
  if (last) return { offset: lastOffset(last), lastActivity: timestamp(last.time), ...more };
  // One that was not opened yet; or a fork, to which nothing was written.
  const branch = await log.branches.get(of.name);
  return { offset: branch?.base.at(-1)?.upTo ?? 0, ...more };
}
