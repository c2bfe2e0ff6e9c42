import type { Diagnosis, PostFilterContext } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Victims, victimsOn } from './victims.ts';

/** A node that a pod could have, and the pods that would go for it. */
export interface Candidate extends Victims {
  readonly node: NodeInfo;
}

interface Candidates {
  readonly candidates: readonly Candidate[];
  /** How many nodes would not do, and why. */
  readonly reasons: Map<string, number>;
}

/**
 * The nodes on which a pod would fit if pods of lower priority went. Of many nodes not all are tried (DefaultPreemptionArgs: a tenth of them, and a hundred at
 * least), from a random one on; but as long as a budget would be violated on each, the search goes on.
 */
export function candidatesFor(info: PodInfo, { resolvable }: Diagnosis, context: PostFilterContext): Candidates {
  const enough = Math.min(resolvable.length, Math.max(MIN_CANDIDATES, Math.floor((resolvable.length * MIN_PERCENTAGE) / 100)));
  const start = Math.floor(context.random.next() * resolvable.length);
  const candidates: Candidate[] = [];
  const reasons = new Map<string, number>();
  let harmless = 0;
  for (let i = 0; i < resolvable.length; i++) {
    const node = resolvable[(start + i) % resolvable.length]!;
    const found = victimsOn(node, info, context);
    if (found.type === 'none') {
      for (const reason of found.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      continue;
    }
    candidates.push({ node, ...found.victims });
    if (found.victims.violations === 0) harmless++;
    if (harmless > 0 && candidates.length >= enough) break;
  }
  return { candidates, reasons };
}

const MIN_PERCENTAGE = 10;
const MIN_CANDIDATES = 100;
