import type { Diagnosis, PostFilterContext } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Victims } from './found-victims.ts';
import { victimsOn } from './victims.ts';

/** A node that a pod could have, and the pods that would go for it. */
export interface Candidate extends Victims {
  readonly node: NodeInfo;
}

interface Candidates {
  readonly candidates: readonly Candidate[];
  /** How many nodes would not do, and why. */
  readonly reasons: Map<string, number>;
}

/** How many candidates are enough (DefaultPreemptionArgs): so much of all nodes in question, and so many at least. */
export interface CandidateCounts {
  readonly percentage?: number;
  readonly absolute?: number;
}

/**
 * The nodes on which a pod would fit if pods of lower priority went. Of many nodes not all are tried (a tenth of them, and a hundred at
 * least), from a random one on; but as long as a budget would be violated on each, the search goes on.
 */
export function candidatesFor(
  info: PodInfo,
  { resolvable }: Diagnosis,
  { percentage = 10, absolute = 100, ...context }: PostFilterContext & CandidateCounts,
): Candidates {
  const enough = Math.min(resolvable.length, Math.max(absolute, Math.floor((resolvable.length * percentage) / 100)));
  const start = Math.floor(context.random.next() * resolvable.length);
  const candidates: Candidate[] = [];
  const reasons = new Map<string, number>();
  const known = context.victims.for(info);
  let harmless = 0;
  for (let i = 0; i < resolvable.length; i++) {
    const node = resolvable[(start + i) % resolvable.length]!;
    const found = known(node, () => victimsOn(node, info, context));
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
