import type { Env } from '../core/env.ts';
import type { SqliteLog } from '../core/log/sqlite/sqlite-log.ts';
import { Replica } from '../core/replica/replica.ts';
import { takeSnapshot } from '../core/state/snapshot.ts';

/**
 * Lets clusters that lost something go on with what is left. No resourceVersion is given out twice: what is left stands behind all that was acknowledged,
 * and history before is cut off, so that a client that goes on from there gets 410 Expired and lists again (as `etcdutl snapshot restore
 * --bump-revision --mark-compacted` does it).
 */
export async function acceptLoss({ log, env, report }: { log: SqliteLog; env: Env; report: (message: string) => void }): Promise<void> {
  for (const [cluster, offset] of log.lost) {
    const { state } = await Replica.open({ log, cluster, env, exclusive: true });
    const { snapshot, bytes } = await takeSnapshot(state, () => env.clock.turn());
    await log.beginAnew(cluster, { ...snapshot, offset }, bytes);
    report(`cluster ${cluster} goes on at resourceVersion ${offset} with what was left of it at ${state.offset}`);
  }
}
