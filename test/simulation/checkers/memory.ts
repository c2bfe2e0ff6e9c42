import type { Checker } from './checker.ts';

/** What the API keeps for others has bounds: for a reader that takes its time, one buffer; of the past, as many changes as its projection is to remember. */
export const memory: Checker = {
  name: 'memory',
  *check({ cluster, history, budget, projections }) {
    for (const { client, by, most, ...buffer } of history.buffers)
      if (buffer.cluster === cluster && most > budget.bufferBytes)
        yield `${by} held ${most} bytes that ${client} had not taken, more than ${budget.bufferBytes}`;
    for (const { by, offset, kept, historyLimit } of projections) {
      const { changes = 2 * historyLimit } = budget;
      if (kept > changes) yield `${by} remembers ${kept} changes at ${offset}, more than ${changes}`;
    }
  },
};
