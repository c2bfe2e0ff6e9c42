import { expect, it } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { clusterInfo } from '../testing/scheduling.ts';
import type { ClusterInfo, Plugin } from './framework.ts';
import { NodeVerdicts } from './node-verdicts.ts';
import { reversed } from './normalize.ts';
import { podInfoOf } from './pod-info.ts';
import { schedule } from './schedule.ts';

/** Local plugins, and how often they were asked of a node. */
function counting() {
  const counts = { filters: 0, scores: 0 };
  const plugin: Plugin = {
    name: 'Counting',
    local: true,
    filter: () => {
      counts.filters++;
      return undefined;
    },
    score: {
      weight: 1,
      of: () => {
        counts.scores++;
        return 0;
      },
    },
  };
  return { counts, plugins: [plugin] };
}

/** Places pods; returns how many got a node. */
const place = (pods: Parameters<typeof schedule>[0], cluster: ClusterInfo, { plugins }: { plugins: readonly Plugin[] }): number =>
  [...schedule(pods, { cluster, pluginsFor: () => plugins, random: { next: () => 0 }, now: 0, seenBy: (_, state) => state })].filter(
    ({ type }) => type === 'placed',
  ).length;

const nodes = Array.from({ length: 50 }, (_, i) => node(`n${i}`));
const alike = (count: number, name = 'p') => Array.from({ length: count }, (_, i) => pod(`${name}${i}`, { labels: { index: `${i}` } }));

it('pods that ask for the same cost a look at each node, and one at each node that took one of them', () => {
  const asked = counting();
  expect(place(alike(30), clusterInfo(...nodes), asked)).toBe(30);
  expect(asked.counts).toEqual({ filters: 50 + 29, scores: 50 + 29 });
});

it('pods that ask for something else are looked at for themselves', () => {
  const asked = counting();
  place([...alike(1), pod('q', { requests: { cpu: '1' } })], clusterInfo(...nodes), asked);
  expect(asked.counts.filters).toBe(100);
});

it('what was found is good in the next pass, but for nodes that have changed', () => {
  const asked = counting();
  const cluster = clusterInfo(...nodes);
  place(alike(1), cluster, asked);
  place(alike(1, 'q'), { ...cluster, nodes: [...cluster.nodes], changed: [] }, asked);
  expect(asked.counts.filters).toBe(50 + 1);
});

it('another profile looks for itself', () => {
  const [one, other] = [counting(), counting()];
  const cluster = clusterInfo(...nodes);
  place(alike(1), cluster, one);
  place(alike(1, 'q'), cluster, other);
  expect([one.counts.filters, other.counts.filters]).toEqual([50, 50]);
});

it('nodes to which there are equal objections share one', () => {
  const cluster = clusterInfo(...nodes);
  const verdicts = new NodeVerdicts(podInfoOf(pod('p')), []).for(cluster);
  const filters = [{ plugin: 'Refusing', filter: () => ({ reasons: ['no'], resolvable: true }) }];
  expect(verdicts.objectionTo(7, filters, cluster)).toBe(verdicts.objectionTo(3, filters, cluster));
  expect(verdicts.objectionTo(7, [], cluster)).toEqual({ plugin: 'Refusing', reasons: ['no'], resolvable: true });
});

it('scores that are first held against the others are added where they differ, and where they are all nothing', () => {
  const cluster = clusterInfo(...nodes);
  const scoring = (of: (name: string) => number): Plugin => ({
    name: 'Scoring',
    local: true,
    score: { weight: 2, of: (_pod, { name }) => of(name), normalize: reversed },
  });
  const sums = (plugin: Plugin) => {
    const totals = new Float64Array(2);
    new NodeVerdicts(podInfoOf(pod('p')), [plugin]).for(cluster).addScores(totals, [0, 1], cluster);
    return [...totals];
  };
  expect(sums(scoring(() => 0))).toEqual([200, 200]);
  expect(sums(scoring((name) => (name === cluster.nodes[1]!.name ? 3 : 0)))).toEqual([200, 0]);
});
