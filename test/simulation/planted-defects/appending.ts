import type { Append, EventLog } from '../../../core/log/log.ts';
import { chance } from './finds.ts';

/** What becomes of some appends, once the cluster has begun. */
export const appending =
  (share: number, append: (log: EventLog, cluster: string, wanted: Append) => ReturnType<EventLog['append']>) =>
  (log: EventLog): EventLog => {
    const strikes = chance();
    return { ...log, append: (cluster, wanted) => (wanted.after > 0 && strikes.happens(share) ? append(log, cluster, wanted) : log.append(cluster, wanted)) };
  };
