import { lastOffset } from '../../../../core/log/log.ts';
import type { Checker } from './evidence.ts';

/** What was restored is what it was, but for its versions. */
export const restores: Checker = function* ({ told, journal }) {
  for (const { cluster, uid, at } of told.restores) {
    const found = journal.logs.flatMap((log) =>
      journal.entriesOf(log).flatMap((entry) => (entry.events.some((event) => isOf(event, uid)) ? [{ log, entry }] : [])),
    );
    if (found.length !== 1) yield `${cluster}: the restore ${uid} is in ${found.length} entries`;
    for (const { log, entry } of found) {
      const [want, got] = [at, lastOffset(entry)].map((offset) => textOf(journal.at({ cluster, log, base: [] }, offset)));
      if (got !== want) yield `${log}: restored to ${at} it is ${got}, and was ${want}`;
    }
  }
};

const isOf = (event: object, uid: string): boolean => 'object' in event && (event.object as { metadata: { uid?: string } }).metadata.uid === uid;

const textOf = (objects: ReadonlyMap<string, { readonly n: string | undefined }>): string =>
  [...objects]
    .map(([name, { n }]) => `${name}=${n}`)
    .sort()
    .join(' ');
