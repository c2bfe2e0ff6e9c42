import { createHash } from 'node:crypto';

/**
 * The hand of a flow: a few of all queues, drawn by its name, so that two flows seldom have the same. One that fills all of its queues leaves most others some
 * (API Priority and Fairness, "Queuing"; apiserver/pkg/util/shufflesharding).
 */
export function handOf(
  flow: { readonly schema: string; readonly distinguisher: string },
  { queues, handSize }: { queues: number; handSize: number },
): number[] {
  let hash = hashOf(flow);
  const hand: number[] = [];
  const remainders: number[] = [];
  for (let dealt = 0; dealt < handSize; dealt++) {
    const deck = BigInt(queues - dealt);
    remainders.push(Number(hash % deck));
    hash /= deck;
  }
  for (const [dealt, remainder] of remainders.entries()) {
    let card = remainder;
    // Of the cards that are still there: those that were dealt before it are passed over.
    for (let before = dealt; before > 0; before--) if (card >= remainders[before - 1]!) card++;
    hand.push(card);
  }
  return hand;
}

/** apf_controller.go, hashFlowID. */
const hashOf = ({ schema, distinguisher }: { readonly schema: string; readonly distinguisher: string }): bigint =>
  createHash('sha256').update(schema).update('\0').update(distinguisher).digest().readBigUInt64LE();
