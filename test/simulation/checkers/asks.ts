import { parseKey } from '../../../core/kube/object.ts';
import { ASKED_ABOUT, POLICIES } from '../policy.ts';
import type { Checker } from './checker.ts';

/**
 * What a policy that is in force at an offset has to be asked about is stored there only with its answer, and is what was asked about: the same object, by name and uid,
 * complete.
 */
export const asks: Checker = {
  name: 'asks',
  *check({ entries, policy }) {
    const inForce = new Set<string>();
    for (const event of entries.flatMap(({ events }) => events)) {
      const { resource, name: ofEvent } = parseKey(event.key);
      if (resource === POLICIES) {
        if (event.type === 'DELETED') inForce.delete(ofEvent);
        else inForce.add(ofEvent);
      }
      if (inForce.size === 0 || event.type !== 'ADDED' || !ASKED_ABOUT.has(resource)) continue;
      const { uid, name, creationTimestamp } = event.object.metadata;
      if (policy.excused.has(uid!)) continue;
      const asked = policy.allowed.get(uid!);
      if (!asked) yield `${event.key} (${uid}) was stored without an answer`;
      else if (asked.metadata.name !== name || asked.metadata.creationTimestamp !== creationTimestamp)
        yield `${event.key} was asked about as ${asked.metadata.name} of ${asked.metadata.creationTimestamp}, and is of ${creationTimestamp}`;
    }
  },
};
