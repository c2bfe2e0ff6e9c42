import { systemEnv } from '../../core/env.ts';
import type { Offset } from '../../core/log/event.ts';
import type { Replica } from '../../core/replica/replica.ts';
import { durationMs } from './duration.ts';
import type { UntilOptions } from './test-cluster.ts';

interface Options extends UntilOptions {
  readonly replica: Replica;
  /** Aborts when the cluster is stopped. */
  readonly stop: AbortSignal;
  /** What is missing, for the message. */
  readonly unmet?: () => string;
}

/**
 * Asks a condition again whenever the cluster changes, and some times a second for what changes elsewhere. Resolves to what it gives that is neither false nor undefined nor null; rejects with what it throws, and with what
 * was waited for when time is over or the cluster is stopped.
 */
export async function until<T>(condition: () => T | Promise<T>, { replica, stop, timeout = '30s', what, unmet }: Options): Promise<NonNullable<T>> {
  const limit = durationMs(timeout);
  const isOver = new AbortController();
  void systemEnv.clock.sleep(limit, isOver.signal).then(() => isOver.abort());
  try {
    for (;;) {
      const { offset } = replica.state;
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
      if (stop.aborted) throw new Error(`the cluster was stopped while it was waited for${what ? ` that ${what}` : ''}`);
      if (isOver.signal.aborted)
        throw new Error(`${what ? `not true after ${limit} ms that ${what}` : `the condition was not met in ${limit} ms`}${unmet ? `:\n${unmet()}` : ''}`);
      await change(replica, offset, AbortSignal.any([stop, isOver.signal]));
    }
  } finally {
    isOver.abort();
  }
}

/** Resolves when there is something behind an offset, or after a while. */
async function change(replica: Replica, offset: Offset, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  // That a cluster was reset is a change, too.
  const changed = replica.changesAfter(offset, { signal: either, limit: 1 }).catch(() => undefined);
  await Promise.race([changed, systemEnv.clock.sleep(LOOK_MS, either)]);
  enough.abort();
}

const LOOK_MS = 100;
