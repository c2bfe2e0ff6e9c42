import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { type Key, type KubeObject, parseKey } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogEntry } from '../log/log.ts';
import { diff } from '../log/patch.ts';
import { deepFreeze } from '../replica/deep-freeze.ts';
import { History } from '../replica/history.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { throughSnapshot } from '../testing/state.ts';
import type { Change } from './change.ts';
import { evolve } from './evolve.ts';
import { type IndexName, indexes } from './indexes.ts';
import { State, StateBuilder } from './state.ts';
import { Unread } from './unread.ts';
import type { View } from './view.ts';

/**
 * The state, however it came about (entry by entry, as a draft on a draft, out of the history, restored from a snapshot), and its views, against the
 * simplest thing that could be right: a map of objects, looked through from end to end.
 */
type Model = ReadonlyMap<Key, KubeObject>;

const NAMESPACES = ['a', 'a-b', 'b', ''];
const NAMES = ['x', 'x-1', 'y', 'z'];
const RESOURCES = ['pods', 'configmaps', 'events'];

/** Chance from a small linear congruential generator. */
function chance(seed: number) {
  let last = seed;
  return (below: number): number => {
    last = (Math.imul(last, 1664525) + 1013904223) >>> 0;
    return Math.floor((last / 2 ** 32) * below);
  };
}

function randomObject(key: Key, next: (below: number) => number, n: number): KubeObject {
  const { resource, namespace, name } = parseKey(key);
  const owners = Array.from({ length: next(3) }, () => ({ apiVersion: 'v1', kind: 'X', name: 'x', uid: `owner-${next(3)}` }));
  return {
    apiVersion: 'v1',
    kind: resource,
    metadata: { name, ...(namespace && { namespace }), uid: `uid-${next(1_000)}`, ...(owners.length > 0 && { ownerReferences: owners }) },
    ...(next(3) > 0 && { spec: { ...(next(2) > 0 && { nodeName: `node-${next(2)}` }), n } }),
  };
}

/** One random event, and the model after it. */
function step(model: Model, next: (below: number) => number, offset: number): { event: LogEvent; after: Model } {
  const key: Key = `${RESOURCES[next(3)]}/${NAMESPACES[next(4)]}/${NAMES[next(4)]}`;
  const previous = model.get(key);
  const after = new Map(model);
  if (previous && next(3) === 0) {
    after.delete(key);
    return { event: { type: 'DELETED', key, actor: userNamed('me') }, after };
  }
  const object = randomObject(key, next, offset);
  after.set(key, { ...object, metadata: { ...object.metadata, resourceVersion: String(offset) } });
  if (!previous) return { event: { type: 'ADDED', key, object, actor: userNamed('me') }, after };
  const patch = diff(previous, object)!;
  return { event: next(2) ? { type: 'MODIFIED', key, patch, actor: userNamed('me') } : { type: 'MODIFIED', key, object, actor: userNamed('me') }, after };
}

/** What the indexes are to hold, said once more. */
const valuesIn: Record<IndexName, (key: Key, object: KubeObject) => readonly string[]> = {
  uid: (_key, { metadata }) => [metadata.uid!],
  owner: (_key, { metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid),
  node: (key, object) => (key.startsWith('pods/') ? [(object as Pod).spec?.nodeName ?? ''] : []),
  antiAffinity: (key, object) => (key.startsWith('pods/') && (object as Pod).spec?.affinity?.podAntiAffinity ? [''] : []),
  namespace: (_key, { metadata }) => (metadata.namespace ? [metadata.namespace] : []),
};

/** By key, the version of each pod. */
const newestOfAll: View<ReadonlyMap<Key, number>> = {
  of: ['pods'],
  initial: new Map(),
  evolve(before, changes) {
    const after = new Map(before);
    for (const { type, key, object } of changes) {
      if (type === 'DELETED') after.delete(key);
      else after.set(key, Number(object.metadata.resourceVersion));
    }
    return after;
  },
};

function check(state: State, model: Model, offset: number): void {
  const path = (key: Key) => key.slice(key.indexOf('/') + 1);
  expect(state.offset).toBe(offset);
  for (const resource of RESOURCES) {
    const of = [...model].filter(([key]) => key.startsWith(`${resource}/`)).sort(([a], [b]) => (path(a) < path(b) ? -1 : 1));
    expect(state.list(resource)).toEqual(of.map(([, object]) => object));
    for (const namespace of NAMESPACES) {
      expect(state.list(resource, namespace)).toEqual(of.filter(([key]) => parseKey(key).namespace === namespace).map(([, object]) => object));
      for (const name of NAMES) expect(state.get(resource, namespace || undefined, name)).toEqual(model.get(`${resource}/${namespace}/${name}`));
    }
  }
  expect(state.size).toBe(model.size);
  const pods = [...model].filter(([key]) => key.startsWith('pods/'));
  expect(state.view(newestOfAll)).toEqual(new Map(pods.map(([key, { metadata }]) => [key, Number(metadata.resourceVersion)])));
  for (const index of Object.keys(indexes) as IndexName[]) {
    const valuesOf = valuesIn[index];
    const values = new Set([...model].flatMap(([key, object]) => valuesOf(key, object)));
    for (const value of [...values, 'nothing']) {
      const isIn = ([key, object]: readonly [Key, KubeObject]) => !key.startsWith('events/') && valuesOf(key, object).includes(value);
      const want = [...model].filter(isIn).map(([key]) => key);
      expect(state.keys(index, value)).toEqual(want.sort());
      expect(
        state
          .by(index, value)
          .map(({ metadata }) => metadata.resourceVersion)
          .sort(),
      ).toEqual(want.map((key) => model.get(key)!.metadata.resourceVersion).sort());
    }
  }
}

describe.each([1, 2, 3, 4, 5, 6])('random events (seed %i)', (seed) => {
  const next = chance(seed);
  const models: Model[] = [new Map()];
  const entries: LogEntry[] = [];
  for (let offset = 1; offset <= 120; ) {
    const events: LogEvent[] = [];
    const first = offset;
    for (let left = 1 + next(5); left > 0; left--, offset++) {
      const { event, after } = step(models.at(-1)!, next, offset);
      events.push(event);
      models.push(after);
    }
    entries.push({ offset: first, events, writer: 'w', time: clusterInstant(first) });
  }
  const folded = () => {
    const history = new History(State.empty);
    for (const { events, time } of entries) history.push(frozen(evolve(history.state, events, { time })));
    return history;
  };
  const end = models.length - 1;

  it('fold into what the model holds, entry by entry', () => {
    let state = State.empty;
    for (const { events, time } of entries) {
      ({ state } = frozen(evolve(state, events, { time })));
      check(state, models[state.offset]!, state.offset);
    }
  });

  it('can be seen as they were at every offset', () => {
    const history = folded();
    for (let offset = 0; offset <= end; offset++) check(history.at(offset)!, models[offset]!, offset);
  });

  it('read the same from a draft on a draft, and leave what is below as it was', () => {
    const half = entries.length >> 1;
    let base = State.empty;
    for (const { events, time } of entries.slice(0, half)) base = evolve(base, events, { time }).state;
    // A view that is read for the first time on a draft is right below it, too, and one that was read before goes along.
    if (next(2)) base.view(newestOfAll);
    const rest = entries.slice(half).flatMap(({ events }) => events);
    const lower = evolve(base, rest.slice(0, 10), { time: clusterInstant(0) }).state;
    const upper = evolve(lower, rest.slice(10), { time: clusterInstant(0) }).state;
    check(upper, models[end]!, end);
    check(lower, models[lower.offset]!, lower.offset);
    check(base, models[base.offset]!, base.offset);
  });

  it('go on from what a snapshot brought unread, whatever of it is read when', () => {
    const half = entries[entries.length >> 1]!.offset - 1;
    const events = entries.filter(({ offset }) => offset > half).flatMap((entry) => entry.events);
    const states = [brought(models[half]!, next, half)];
    for (let i = 0; i < events.length; i++) {
      // Mostly the newest is followed, sometimes an older one anew.
      const from = next(8) === 0 ? states[next(states.length)]! : states.at(-1)!;
      i = from.offset - half;
      states.push(evolve(from, [events[i]!], { time: clusterInstant(0) }).state);
      const some = states[next(states.length)]!;
      const [namespace, name] = [NAMESPACES[next(4)]!, NAMES[next(4)]!];
      if (next(3) === 0) expect(some.get('events', namespace, name)).toEqual(models[some.offset]!.get(`events/${namespace}/${name}`));
    }
    for (const state of [states.at(-1)!, ...states]) check(state, models[state.offset]!, state.offset);
  });

  it('are the same after a snapshot', async () => {
    check(await throughSnapshot(folded().state), models[end]!, end);
  });
});

/** A state as a snapshot brings it, its Events in stretches of one to three that were not read yet. */
function brought(model: Model, next: (below: number) => number, offset: number): State {
  const builder = new StateBuilder();
  const paths = new Map<string, readonly [Key, KubeObject]>();
  for (const [key, object] of model) {
    if (key.startsWith('events/')) paths.set(key.slice('events/'.length), [key, object]);
    else builder.add(key, object);
  }
  const left = [...paths.keys()].sort();
  while (left.length > 0) {
    const stretch = left.splice(0, 1 + next(3));
    const entries = stretch.map((path) => paths.get(path)!);
    builder.addUnread('events', new Unread({ first: stretch[0]!, count: stretch.length, bytes: [], decode: () => entries }));
  }
  return builder.state({ offset, time: clusterInstant(0) });
}

function frozen<T extends { readonly changes: readonly Change[] }>(evolved: T): T {
  for (const { object } of evolved.changes) deepFreeze(object);
  return evolved;
}
