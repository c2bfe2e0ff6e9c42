import { describe, expect, it } from 'vitest';
import { node, type PodOptions, pod } from '../testing/objects.ts';
import { clusterInfo } from '../testing/scheduling.ts';
import { feasibleNodes } from './feasible-nodes.ts';
import type { Plugin } from './framework.ts';
import { plugins } from './plugins/registry.ts';
import { podInfoOf } from './pod-info.ts';

/** Objects to every node for pods with a label. */
const picky: Plugin = {
  name: 'Picky',
  preFilter: ({ kind: { labels } }) => (labels['picky'] ? { type: 'filter', filter: () => ({ reasons: ['too picky'], resolvable: false }) } : { type: 'skip' }),
};
const [fit] = plugins.filter(({ name }) => name === 'NodeResourcesFit');
const large: PodOptions = { requests: { cpu: '100' } };

describe('of several objections to a node the first is told,', () => {
  it.each([
    { name: 'in the order of the plugins', order: [picky, fit!], want: 'too picky' },
    { name: 'also where what local plugins say is kept', order: [fit!, picky], want: 'Insufficient cpu' },
  ])('$name', ({ order, want }) => {
    const cluster = clusterInfo(node('a'));
    const reasonsFor = (options: PodOptions) => {
      const found = feasibleNodes(podInfoOf(pod('p', options)), { cluster, plugins: order, nominated: new Map() }, { seen: cluster, start: 0 });
      return found.type === 'none' ? [...found.diagnosis.reasons.keys()] : [];
    };
    // What was found for a pod that the other plugin does not concern is the same for one that it does.
    const asked = [large, { ...large, labels: { picky: 'yes' } }, large].map(reasonsFor);
    expect(asked).toEqual([['Insufficient cpu'], [want], ['Insufficient cpu']]);
  });
});
