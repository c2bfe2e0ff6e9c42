import { describe, expect, it } from 'vitest';
import { node, type PodOptions, pod } from '../../testing/objects.ts';
import { places, scheduled } from '../../testing/scheduling.ts';

const MB = 1024 * 1024;
const having = (name: string, images: Record<string, number>) => {
  const given = node(name);
  return { ...given, status: { ...given.status, images: Object.entries(images).map(([image, size]) => ({ names: [image], sizeBytes: size * MB })) } };
};
const of = (image: string, more: PodOptions = {}) => pod('p', { container: { image }, ...more });

describe('a pod goes where its images are', () => {
  it.each([
    { name: 'by name and tag', nodes: [having('a', {}), having('b', { 'x/app:2': 900 })], given: of('x/app:2'), want: 'p@b' },
    { name: 'with the tag latest, without one', nodes: [having('a', {}), having('b', { 'x:5000/app:latest': 900 })], given: of('x:5000/app'), want: 'p@b' },
    {
      name: 'of init containers',
      nodes: [having('a', {}), having('b', { 'i:1': 900 })],
      given: of('x/app:2', { initContainers: [{ name: 'i', image: 'i:1' }] }),
      want: 'p@b',
    },
    {
      name: 'where more of them are',
      nodes: [having('a', { 'x:1': 300 }), having('b', { 'x:1': 300, 'y:1': 600 })],
      given: of('x:1', { initContainers: [{ name: 'i', image: 'y:1' }] }),
      want: 'p@b',
    },
    {
      name: 'and not for one too small to matter',
      nodes: [having('a', {}), having('b', { 'x:1': 20 })],
      // b is a little fuller.
      given: of('x:1'),
      also: [pod('q', { nodeName: 'b', requests: { cpu: '40m', memory: '160Mi' } })],
      want: 'p@a',
    },
  ])('$name', async ({ nodes, given, also = [], want }) => expect(places(await scheduled(...nodes, ...also, given))[0]).toBe(want));
});
