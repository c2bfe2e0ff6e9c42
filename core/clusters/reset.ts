import { badRequest } from '../kube/status.ts';
import type { Offset } from '../log/event.ts';
import { LogUnavailable } from '../log/log.ts';
import { afterReset, resetEvents } from '../replica/cluster-reset.ts';
import type { Replica } from '../replica/replica.ts';

/**
 * Puts a cluster back to what it was right after an offset, in one entry: from then on that is its state, at a new offset. Resolves to that. Watches end with 410, and what was
 * before can be read as before (docs/decisions/0032-forks-and-resets.md). Throws 400 when there is nothing to go back to, 410 when the log no longer reaches back so far, and what `Replica.commit` throws.
 */
export async function resetTo(replica: Replica, offset: Offset): Promise<Offset> {
  if (!Number.isSafeInteger(offset) || offset < 1) throw badRequest(`a cluster is reset to an offset of its log, not to ${offset}`);
  const target = await replica.at(offset);
  if (offset === replica.state.offset) return offset;
  const end = await replica.commit(
    (state, now) => {
      const events = resetEvents(state, target);
      const time = now > state.time ? now : state.time;
      const after = afterReset(target, { offset: state.offset + 1, events, time });
      return { events, answer: () => after.offset, drafted: { from: state, state: after, changes: [] } };
    },
    { alone: true },
  );
  // A start would have to go back to where it was reset to. When it cannot be taken now it stays due.
  await replica.snapshotIfDue().catch((error) => {
    if (!(error instanceof LogUnavailable)) throw error;
  });
  return end;
}
