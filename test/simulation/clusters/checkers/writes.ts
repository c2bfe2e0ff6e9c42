import { clusterOfLog } from '../../../../core/log/branches.ts';
import { lastOffset } from '../../../../core/log/log.ts';
import type { Checker } from './evidence.ts';

/** What was acknowledged stands in the log of a cluster of that name, at that offset, and nowhere else; and what is in a log was written to that cluster. */
export const writes: Checker = function* ({ told, journal }) {
  const isRestored = (place: string): boolean => {
    const [log, at] = place.split(' ');
    const entry = journal.entriesOf(log!).find((entry) => lastOffset(entry) >= Number(at))!;
    return entry.events.some(({ key }) => key.startsWith('restores.'));
  };
  const places = new Map<string, string[]>();
  for (const log of journal.logs) {
    for (const entry of journal.entriesOf(log)) {
      for (const [i, event] of entry.events.entries()) {
        if (!event.key.startsWith('configmaps/default/')) continue;
        const { data } = ('object' in event ? event.object : 'patch' in event ? event.patch : {}) as { data?: { n?: string } };
        if (!data?.n) continue;
        places.set(data.n, [...(places.get(data.n) ?? []), `${log} ${entry.offset + i}`]);
        if (data.n.split('/')[0] !== clusterOfLog(log) && !isRestored(`${log} ${entry.offset}`)) yield `${log}: ${data.n} was not written to that cluster`;
      }
      if (lastOffset(entry) < entry.offset) yield `${log}: an entry without events at ${entry.offset}`;
    }
  }
  for (const { cluster, n, offset } of told.writes) {
    const found = places.get(n) ?? [];
    const first = found.find((place) => clusterOfLog(place.split(' ')[0]!) === cluster && Number(place.split(' ')[1]) === offset);
    if (!first) yield `${cluster}: ${n} was acknowledged at ${offset} and is ${found.join(', ') || 'nowhere'}`;
    // What a restore brings back was written before.
    else if (found.some((place) => place !== first && !isRestored(place))) yield `${cluster}: ${n} was written once and is at ${found.join(', ')}`;
  }
};
