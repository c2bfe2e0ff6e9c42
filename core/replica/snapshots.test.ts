import { expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import type { Change } from '../state/change.ts';
import { State } from '../state/state.ts';
import { Snapshots } from './snapshots.ts';

/** As much of a state as is looked at: so many objects, all of them pods, after so many events. */
const stateAt = (offset: number, size: number): State => ({ offset, size, time: clusterInstant(0), count: () => 0, view: () => ({}) }) as unknown as State;

const changes = (from: number, to: number): Change[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: 'pods/default/a', offset: from + i + 1 }) as unknown as Change);

it.each([
  { name: 'a small cluster after 10,000 events', objects: 100, events: 10_000 },
  { name: 'another one after as many events as it has objects', objects: 15_000, events: 15_000 },
  { name: 'a larger one after 20,000 events', objects: 40_000, events: 20_000 },
  { name: 'a large one after half as many events as it has objects', objects: 250_000, events: 125_000 },
])('snapshots $name', ({ objects, events }) => {
  const snapshots = new Snapshots({ log: memoryLog(), cluster: 'c', env: { clock: { turn: async () => {} } } }, { state: State.empty, layout: undefined }, {});
  snapshots.took(changes(0, events - 1));
  expect(snapshots.isDue(stateAt(events - 1, objects), 0)).toBe(false);
  snapshots.took(changes(events - 1, events));
  expect(snapshots.isDue(stateAt(events, objects), 0)).toBe(true);
});
