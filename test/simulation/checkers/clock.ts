import { fieldsOf } from '../../../core/kube/fields.ts';
import type { Checker } from './checker.ts';

/**
 * The time of a cluster goes as its clock is set: every entry is stamped with the time that it was in the cluster when it was written, or nearly so. By this file's
 * own reckoning of what the setting means (docs/decisions/0019-clocks.md).
 */
export const clock: Checker = {
  name: 'clock',
  *check({ entries, writtenAt, clocksSet }) {
    // Then the log has no right time.
    if (clocksSet) return;
    let setting = { rate: 1, since: EPOCH, realSince: EPOCH };
    for (const entry of entries) {
      const { rate, since, realSince } = setting;
      const off = entry.time - (Date.parse(since) + rate * (writtenAt.get(entry)! - Date.parse(realSince)));
      if (Math.abs(off) > TOLERANCE_MS * Math.max(1, rate))
        yield `the entry at ${entry.offset} is stamped ${Math.round(off / 1000)} s off the time of a cluster at rate ${rate}`;
      const change = entry.events.findLast(({ key }) => key === 'clusterclocks//cluster');
      if (change && 'object' in change) setting = fieldsOf(change.object)['spec'] as typeof setting;
    }
  },
};

const EPOCH = '1970-01-01T00:00:00Z';

/** An entry is stamped when it is decided: its writer may stand still before it appends it, and the table take its time. */
const TOLERANCE_MS = 60_000;
