import { parseKey } from '../../../core/kube/object.ts';
import { ASKED_ABOUT } from '../policy.ts';
import type { Checker } from './checker.ts';

/** What has to be asked about is stored only with its answer, and is what was asked about: the same object, by name and uid, complete. */
export const asks: Checker = {
  name: 'asks',
  *check({ entries, policy }) {
    for (const { events } of entries) {
      for (const event of events) {
        if (event.type !== 'ADDED' || !ASKED_ABOUT.has(parseKey(event.key).resource)) continue;
        const { uid, name, creationTimestamp } = event.object.metadata;
        if (policy.excused.has(uid!)) continue;
        const asked = policy.allowed.get(uid!);
        if (!asked) yield `${event.key} (${uid}) was stored without an answer`;
        else if (asked.metadata.name !== name || asked.metadata.creationTimestamp !== creationTimestamp)
          yield `${event.key} was asked about as ${asked.metadata.name} of ${asked.metadata.creationTimestamp}, and is of ${creationTimestamp}`;
      }
    }
  },
};
