import { expect, it } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { stateOf, stored } from '../testing/state.ts';
import { explain } from './explain.ts';
import type { Plugin } from './framework.ts';

it('what holds for a pod on any node is found out as often for a hundred nodes as for one', () => {
  const asked = (count: number) => {
    let times = 0;
    const counting: Plugin = {
      name: 'Counting',
      preFilter: () => {
        times++;
        return undefined;
      },
      filter: () => undefined,
    };
    const state = stateOf(Array.from({ length: count }, (_, i) => stored(node(`n${i}`))));
    const { nodes } = explain(pod('p'), state, { plugins: [counting], random: { next: () => 0 }, now: 0 });
    expect(nodes).toHaveLength(count);
    return times;
  };
  expect(asked(100)).toBe(asked(1));
});
