import type { Node } from '../../schema/generated/kinds.ts';
import type { View } from '../../state/view.ts';

/** How many nodes have each value that they are told apart by, such as a zone. */
export const nodeCounts = (named: (node: Node) => string | undefined): View<ReadonlyMap<string, number>, 'nodes'> => ({
  of: ['nodes'],
  initial: new Map(),
  evolve(before, changes) {
    const counts = new Map(before);
    const add = (node: Node, by: 1 | -1) => {
      const value = named(node);
      if (!value) return;
      const count = (counts.get(value) ?? 0) + by;
      if (count > 0) counts.set(value, count);
      else counts.delete(value);
    };
    for (const { type, object, previous } of changes) {
      if (previous) add(previous, -1);
      if (type !== 'DELETED') add(object, 1);
    }
    return counts;
  },
});
