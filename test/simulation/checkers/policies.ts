import { parseKey } from '../../../core/kube/object.ts';
import type { ConfigMap } from '../../../core/schema/generated/kinds.ts';
import { BINDING, forbiddenBy, POLICY } from '../painter.ts';
import type { Checker } from './checker.ts';

/** No write slips past a policy that was in force at its offset, whichever of them was decided first. */
export const policies: Checker = {
  name: 'policies',
  *check({ replay }) {
    let forbidden: string | undefined;
    let isBound = false;
    for (const { key, type, object, offset } of replay.versions) {
      if (key === POLICY) forbidden = type === 'DELETED' ? undefined : forbiddenBy(object);
      else if (key === BINDING) isBound = type !== 'DELETED';
      else if (isBound && forbidden && type !== 'DELETED' && parseKey(key).resource === 'configmaps' && !object.metadata.deletionTimestamp) {
        if ((object as ConfigMap).data?.['colour'] === forbidden) yield `${key} became ${forbidden} at ${offset}, where that was forbidden`;
      }
    }
  },
};
