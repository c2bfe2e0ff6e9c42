import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { objectOf } from '../kube/fields.ts';
import { keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { Chunk } from '../log/log.ts';
import { decodeManifest, encodeManifest } from '../log/manifest.ts';
import { evolve } from './evolve.ts';
import { indexes } from './indexes.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { State } from './state.ts';

const turn = async () => undefined;
const actor = userNamed('me');
const COUNT = 1_000;
const nameOf = (i: number) => `e-${String(i).padStart(4, '0')}`;

const added = (resource: string, name: string, namespace = 'default'): LogEvent => ({
  type: 'ADDED',
  key: keyOf(resource, namespace, name),
  object: objectOf({
    apiVersion: 'v1',
    kind: resource,
    metadata: { name, namespace, uid: `${resource}-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' },
    message: `${name} `.repeat(100),
  }),
  actor,
});
const event = (i: number) => added('events', nameOf(i));
const changed = (name: string): LogEvent => ({ type: 'MODIFIED', key: keyOf('events', 'default', name), patch: { count: 2 }, actor });
const removed = (name: string): LogEvent => ({ type: 'DELETED', key: keyOf('events', 'default', name), actor });
const grown = (state: State, ...events: LogEvent[]) => evolve(state, events, { time: clusterInstant(1) }).state;

const given = grown(State.empty, added('pods', 'p'), ...Array.from({ length: COUNT }, (_, i) => event(i)));

async function restored(state = given) {
  const { snapshot, bytes } = await takeSnapshot(state, turn);
  const chunks = snapshot.chunks.filter(({ resource }) => resource === 'events');
  const layout = await restoreSnapshot({ ...snapshot, bytes }, turn);
  return { layout, state: layout.state, chunks, stored: chunks.reduce((sum, { size }) => sum + size, 0), snapshot, bytes };
}

/** About how many of the chunks of Events were read: what was is larger in memory. */
const readOf = (state: State, { chunks, stored }: { chunks: readonly Chunk[]; stored: number }) =>
  ((state.broughtBytes('events') / stored - 1) / 12) * chunks.length;

describe('the Events of a snapshot', () => {
  it('are not read before one is asked for, and then there', async () => {
    const snapshot = await restored();
    const { state } = snapshot;
    expect(snapshot.chunks.length).toBeGreaterThan(5);
    expect(state.size).toBe(given.size);
    expect(state.count('events')).toBe(COUNT);
    expect(state.resources).toEqual(['events', 'pods']);
    expect(state.list('pods')).toEqual(given.list('pods'));
    for (const [name, index] of Object.entries(indexes)) expect([name, state.by(index, 'default')]).toEqual([name, given.by(index, 'default')]);
    expect(state.by('uid', 'pods-p')).toHaveLength(1);
    expect(state.broughtBytes('events')).toBe(snapshot.stored);

    expect(state.get('events', 'default', nameOf(500))).toEqual(given.get('events', 'default', nameOf(500)));
    expect(readOf(state, snapshot)).toBeGreaterThan(0);
    expect(readOf(state, snapshot)).toBeLessThan(snapshot.chunks.length / 2);

    expect(state.list('events')).toEqual(given.list('events'));
    expect(readOf(state, snapshot)).toBeCloseTo(snapshot.chunks.length);
    expect(state.size).toBe(given.size);
  });

  it('are not read for what is added, and one chunk of them for what is changed or removed', async () => {
    const snapshot = await restored();
    const more = grown(snapshot.state, ...Array.from({ length: COUNT }, (_, i) => added('events', `${nameOf(i)}-a`)));
    expect(more.broughtBytes('events')).toBe(snapshot.stored);
    expect(more.count('events')).toBe(2 * COUNT);

    const last = grown(more, changed(nameOf(10)), removed(nameOf(11)));
    expect(readOf(last, snapshot)).toBeLessThan(snapshot.chunks.length / 2);
    const all = grown(given, ...Array.from({ length: COUNT }, (_, i) => added('events', `${nameOf(i)}-a`)), changed(nameOf(10)), removed(nameOf(11)));
    expect(last.list('events')).toEqual(all.list('events'));
    // Each state is still what it was.
    expect(more.get('events', 'default', nameOf(11))).toEqual(given.get('events', 'default', nameOf(11)));
    expect(snapshot.state.list('events')).toEqual(given.list('events'));
  });

  it('that are there already cannot be added', async () => {
    const { state } = await restored();
    const twice = grown(state, event(3));
    expect(() => twice.list('events')).toThrow('events/default/e-0003 was added although it exists already');
  });

  it('are in the next snapshot without being read or encoded', async () => {
    const snapshot = await restored();
    const later = grown(snapshot.state, added('pods', 'q'));
    const next = await takeSnapshot(later, turn, snapshot.layout);
    expect(next.snapshot.chunks.filter(({ resource }) => resource === 'events')).toEqual(snapshot.chunks);
    expect(next.bytes.size).toBe(1);
    expect(later.broughtBytes('events')).toBe(snapshot.stored);
  });

  it('and another one make the next snapshot what it is of a state that has read them all', async () => {
    const { state, layout } = await restored();
    const next = await takeSnapshot(grown(state, added('events', 'e-0500-a'), removed(nameOf(2))), turn, layout);
    const want = await takeSnapshot(grown(given, added('events', 'e-0500-a'), removed(nameOf(2))), turn);
    expect(next.snapshot.chunks.map(({ name }) => name)).toEqual(want.snapshot.chunks.map(({ name }) => name));
    expect(next.bytes.size).toBeLessThan(5);
  });

  it('are read at once where the manifest does not say how many there are', async () => {
    const { snapshot, bytes } = await restored();
    const chunks = snapshot.chunks.map(({ objects: _, written: __, ...older }) => older);
    const { state } = await restoreSnapshot({ ...snapshot, chunks, bytes }, turn);
    expect(state.broughtBytes('events')).toBe(0);
    expect([...state.entries()]).toEqual([...given.entries()]);
  });

  it('say when the oldest was written, and go on saying it when they are read', async () => {
    const young = await restored(evolve(State.empty, [event(1)], { time: clusterInstant('2027-01-01T00:00:00Z') }).state);
    const want = clusterInstant('2026-01-01T00:00:00.999Z');
    expect(young.state.broughtSince('events')).toBe(want);
    expect(grown(young.state, removed(nameOf(1))).broughtSince('events')).toBe(want);
    expect(given.broughtSince('events')).toBeUndefined();
    expect(decodeManifest(encodeManifest(young.snapshot.chunks))).toEqual(young.snapshot.chunks);
  });
});

describe('the same Events', () => {
  it('are the same objects, whichever version reads them first', async () => {
    const { state } = await restored();
    // Two lines of versions, far from each other.
    const [one, other] = ['a', 'b'].map((line) => grown(state, ...Array.from({ length: 3_000 }, (_, i) => added('pods', `${line}-${i}`))));
    const found = one!.get('events', 'default', nameOf(7));
    expect(other!.get('events', 'default', nameOf(7))).toBe(found);
    expect(grown(other!, removed(nameOf(8))).get('events', 'default', nameOf(8))).toBeUndefined();
    expect(one!.get('events', 'default', nameOf(8))).toEqual(given.get('events', 'default', nameOf(8)));
    expect(one!.list('events')).toEqual(other!.list('events'));
  });
});
