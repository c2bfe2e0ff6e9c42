import { expect, it } from 'vitest';
import { controlled } from '../../testing/controllers.ts';
import { node } from '../../testing/objects.ts';

const other = (name: string, spec: object = {}) => node(name, { providerID: `other://${name}`, ...spec });

it('A node of another kubelet gets a range of pod addresses that no other has, and keeps its own', async () => {
  const cluster = await controlled(other('a'), other('b'), other('c', { podCIDR: '10.244.2.0/24' }), other('d'));
  await cluster.settle();
  const ranges = cluster.list('nodes').map(({ spec }) => [spec!.podCIDR, spec!.podCIDRs]);
  expect(ranges).toEqual(['10.244.1.0/24', '10.244.3.0/24', '10.244.2.0/24', '10.244.4.0/24'].map((range) => [range, [range]]));
  await cluster.create(other('e'));
  await cluster.settle();
  expect(cluster.get(other('e')).spec!.podCIDR).toBe('10.244.5.0/24');
});
