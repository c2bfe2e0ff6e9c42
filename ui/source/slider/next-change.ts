import { atHand } from '../model/cluster.ts';
import { resourceNames } from '../model/resources.ts';

/** The next offset at which something of what is shown is different. */
export function nextChange(from: number, by: 1 | -1): number | undefined {
  const hand = atHand();
  if (!hand) return undefined;
  let best: number | undefined;
  for (const name of resourceNames) {
    const { steps } = hand.timelines[name];
    let [low, high] = [0, steps.length];
    // The first step behind `from`, or at it when going back.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (by === 1 ? steps[middle]!.offset > from : steps[middle]!.offset >= from) high = middle;
      else low = middle + 1;
    }
    const found = by === 1 ? steps[low]?.offset : steps[low - 1]?.offset;
    if (found !== undefined && (best === undefined || (by === 1 ? found < best : found > best))) best = found;
  }
  return best ?? (by === -1 ? Math.max(1, from - 1) : undefined);
}
