import { sizeOf } from '../state/held-by.ts';
import type { State } from '../state/state.ts';
import { LIGHT } from '../state/unread.ts';
import type { View } from '../state/view.ts';

/** About how many bytes the objects of a state take, were they alone in memory. */
export function bytesOf(state: State): number {
  let bytes = state.view(writtenBytes);
  for (const resource of LIGHT) bytes += state.broughtBytes(resource);
  return bytes;
}

const writtenBytes: View<number> = {
  of: 'all',
  sinceSnapshot: true,
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
