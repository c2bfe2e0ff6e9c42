import { expect, it } from 'vitest';
import { node, pod } from '../../testing/objects.ts';
import { clusterInfo } from '../../testing/scheduling.ts';
import { replaceNode } from '../cluster-info.ts';
import { NodeInfo } from '../node-info.ts';
import { podInfoOf } from '../pod-info.ts';
import { DomainCounts } from './domain-counts.ts';

const inZone = (name: string, zone?: string) => node(name, { labels: zone ? { zone } : {} });
const on = (nodeName: string, ...names: string[]) => names.map((name) => pod(name, { nodeName }));

function counted(): { counts: DomainCounts; asked: () => number } {
  let asked = 0;
  const counts = new DomainCounts({
    topologyKey: 'zone',
    on: ({ bound }) => {
      asked++;
      return bound.count;
    },
    includes: ({ name }) => name !== 'left-out',
  });
  return { counts, asked: () => asked };
}

it('counts in domains, and knows the least', () => {
  const { counts } = counted();
  const nodes = [inZone('a', '1'), inZone('b', '1'), inZone('c', '2'), inZone('d'), inZone('left-out', '3')];
  counts.update(clusterInfo(...nodes, ...on('a', 'p', 'q'), ...on('b', 'r'), ...on('c', 's'), ...on('d', 't'), ...on('left-out', 'u')));
  expect([0, 1, 2, 3, 4].map((position) => counts.at(position))).toEqual([3, 3, 1, 0, 0]);
  expect([0, 1, 2, 3, 4].map((position) => counts.on(position))).toEqual([2, 1, 1, 1, 1]);
  expect({ size: counts.size, least: counts.least, total: counts.total }).toEqual({ size: 2, least: 1, total: 4 });
});

it('counts a node that changes again, and no other', () => {
  const { counts, asked } = counted();
  const cluster = clusterInfo(inZone('a', '1'), inZone('b', '2'), ...on('a', 'p'));
  counts.update(cluster);
  replaceNode(cluster, 1, cluster.nodes[1]!.plus(podInfoOf(pod('q'))));
  expect([counts.update(cluster).least, counts.total, asked()]).toEqual([1, 2, 3]);
});

it('follows nodes into other domains, and forgets domains without nodes', () => {
  const { counts } = counted();
  const cluster = clusterInfo(inZone('a', '1'), inZone('b', '2'), ...on('a', 'p'));
  counts.update(cluster);
  replaceNode(cluster, 1, NodeInfo.of(inZone('b', '1')));
  expect([counts.update(cluster).size, counts.at(1), counts.domainOf(1)]).toEqual([1, 1, counts.domainOf(0)]);
  counts.update(clusterInfo(inZone('z', '7'), ...on('z', 'x', 'y')));
  expect({ size: counts.size, at: counts.at(0), total: counts.total }).toEqual({ size: 1, at: 2, total: 2 });
});
