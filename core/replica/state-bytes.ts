import { sizeOf } from '../state/held-by.ts';
import type { View } from '../state/view.ts';

/** About how many bytes the objects of a state take, were they alone in memory. */
export const stateBytes: View<number> = {
  of: 'all',
  initial: 0,
  evolve: (bytes, changes) => {
    let sum = bytes;
    for (const { type, object, previous } of changes) {
      if (previous) sum -= sizeOf(previous);
      if (type !== 'DELETED') sum += sizeOf(object);
    }
    return sum;
  },
};
