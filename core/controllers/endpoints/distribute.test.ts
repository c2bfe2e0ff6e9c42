import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointSlice } from '../../schema/generated/kinds.ts';
import { distribute } from './distribute.ts';

const endpoint = (id: string, ready = true): Endpoint => ({ addresses: ['10.0.0.1'], conditions: { ready }, targetRef: { kind: 'Pod', uid: id } });
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const endpoints = (...ids: string[]) => ids.map((id) => endpoint(id));
const slice = (name: string, ...held: string[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name },
  addressType: 'IPv4',
  endpoints: endpoints(...held),
});

/** `name: how many of which`, where a slice is not as it was. */
function check({ wanted, there, want }: { wanted: Endpoint[]; there: EndpointSlice[]; want: string[] }) {
  const filled = distribute(wanted, there);
  const shown = filled
    .filter(({ slice: of, endpoints: held }) => !of || JSON.stringify(of.endpoints) !== JSON.stringify(held))
    .map(({ slice: of, endpoints: held }) => `${of?.metadata.name ?? 'new'}: ${summary(held)}`);
  const gone = there.filter((of) => !filled.some(({ slice: kept }) => kept === of)).map(({ metadata }) => `${metadata.name}: gone`);
  expect([...shown, ...gone]).toEqual(want);
  expect(filled.flatMap(({ endpoints: held }) => held.map(({ targetRef }) => targetRef!.uid)).sort()).toEqual(
    wanted.map(({ targetRef }) => targetRef!.uid).sort(),
  );
}

function summary(held: readonly Endpoint[]): string {
  const counts = Map.groupBy(held, ({ targetRef }) => targetRef!.uid!.replace(/\d+$/, ''));
  return [...counts].map(([prefix, group]) => `${group.length} ${prefix}`).join(' + ');
}

describe('endpoints are distributed over slices:', () => {
  it.each([
    { name: 'none', wanted: [], there: [], want: [] },
    { name: 'a few, into a new slice', wanted: endpoints(...ids('a', 3)), there: [], want: ['new: 3 a'] },
    { name: 'many, into full slices', wanted: endpoints(...ids('a', 250)), there: [], want: ['new: 100 a', 'new: 100 a', 'new: 50 a'] },
    { name: 'as they are', wanted: endpoints('a', 'b'), there: [slice('one', 'b', 'a')], want: [] },
    { name: 'one more, where there is room', wanted: endpoints('a', 'b'), there: [slice('one', 'a')], want: ['one: 1 a + 1 b'] },
    {
      name: 'one more, into the fullest with room',
      wanted: endpoints(...ids('a', 100), ...ids('b', 50), ...ids('c', 10), 'x'),
      there: [slice('one', ...ids('a', 100)), slice('two', ...ids('c', 10)), slice('three', ...ids('b', 50))],
      want: ['three: 50 b + 1 x'],
    },
    {
      name: 'more than fit into one, into a new slice',
      wanted: endpoints(...ids('a', 90), ...ids('b', 90), ...ids('x', 15)),
      there: [slice('one', ...ids('a', 90)), slice('two', ...ids('b', 90))],
      want: ['new: 15 x'],
    },
    {
      name: 'new for old, in the slices that change anyway',
      wanted: endpoints(...ids('a', 90), ...ids('b', 60), ...ids('x', 5)),
      there: [slice('one', ...ids('a', 90)), slice('two', ...ids('b', 60), 'gone0')],
      want: ['two: 60 b + 5 x'],
    },
    {
      name: 'new for old, more than there is room for',
      wanted: endpoints(...ids('a', 99), ...ids('x', 30)),
      there: [slice('one', ...ids('a', 99), 'gone0'), slice('two', ...ids('gone', 50))],
      want: ['one: 99 a + 1 x', 'new: 29 x', 'two: gone'],
    },
    { name: 'nothing left for a slice', wanted: endpoints('a'), there: [slice('one', 'a'), slice('two', 'gone0')], want: ['two: gone'] },
    {
      name: 'one that is not ready any more',
      wanted: [endpoint('a', false), endpoint('b')],
      there: [slice('one', 'a'), slice('two', 'b')],
      want: ['one: 1 a'],
    },
  ])('$name', check);
});
