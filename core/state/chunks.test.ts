import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { objectOf } from '../kube/fields.ts';
import { type KubeObject, keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { type Encoded, encodeState, type Layout } from './chunks.ts';
import { evolve } from './evolve.ts';
import { newestSnapshot, restoreSnapshot, saveSnapshot, takeSnapshot } from './snapshot.ts';
import { State } from './state.ts';

const turn = async () => undefined;
const env = { clock: { turn } };

/** As large as a pod, and as much like its neighbours. */
const object = (kind: string, name: string, more = 'x'.repeat(3_000)): KubeObject =>
  objectOf({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: `${kind}-${name}` }, spec: { more } });
const added = (resource: string, name: string, more?: string): LogEvent => ({
  type: 'ADDED',
  key: keyOf(resource, 'default', name),
  object: object(resource, name, more),
  actor: userNamed('me'),
});
const changed = (resource: string, name: string, more?: string): LogEvent => ({
  type: 'MODIFIED',
  key: keyOf(resource, 'default', name),
  patch: { spec: { changed: `${Math.random()}`, ...(more !== undefined && { more }) } },
  actor: userNamed('me'),
});
const removed = (resource: string, name: string): LogEvent => ({ type: 'DELETED', key: keyOf(resource, 'default', name), actor: userNamed('me') });
const grown = (state: State, ...events: LogEvent[]) => evolve(state, events, { time: clusterInstant(1) }).state;
const pods = (count: number) => Array.from({ length: count }, (_, i) => added('pods', `p-${(i * 7_919) % count}`));

const names = ({ ranges }: Layout) => [...ranges.values()].flatMap((those) => those.flatMap(({ chunks }) => chunks.map(({ name }) => name)));
const fresh = (encoded: Encoded) => [...encoded.bytes.keys()];

describe('a snapshot after', () => {
  const state = grown(State.empty, ...pods(4_000), added('leases.coordination.k8s.io', 'l'), added('events', 'e'), added('services', 's'));

  const cases: { name: string; events: LogEvent[]; chunks: number }[] = [
    { name: 'nothing', events: [], chunks: 0 },
    { name: 'one more pod', events: [added('pods', 'p-77-a')], chunks: 2 },
    { name: 'one more pod before all others', events: [added('pods', 'a')], chunks: 2 },
    { name: 'one more pod behind all others', events: [added('pods', 'z')], chunks: 2 },
    { name: 'one pod less', events: [removed('pods', 'p-1234')], chunks: 2 },
    { name: 'a change of a pod', events: [changed('pods', 'p-99')], chunks: 2 },
    { name: 'a change of the only object of its kind', events: [changed('services', 's')], chunks: 1 },
    { name: 'the first object of its kind', events: [added('nodes', 'n')], chunks: 1 },
    { name: 'a heartbeat', events: [changed('leases.coordination.k8s.io', 'l')], chunks: 1 },
    { name: 'an Event', events: [added('events', 'f')], chunks: 1 },
    { name: 'the last object of its kind is gone', events: [removed('services', 's')], chunks: 0 },
  ];
  it.each(cases)('$name encodes $chunks chunks at most, and is divided as one that knew nothing', async ({ events, chunks }) => {
    const before = await encodeState(state, turn);
    expect(fresh(before).length).toBeGreaterThan(50);
    const after = grown(state, ...events);
    const next = await encodeState(after, turn, before);
    expect(fresh(next).length).toBeLessThanOrEqual(chunks);
    expect(fresh(next).length).toBeGreaterThanOrEqual(Math.min(chunks, 1));
    expect(names(next)).toStrictEqual(names(await encodeState(after, turn)));
  });

  it.each([
    { name: 'objects of one size', count: 1_000, textOf: () => 'x'.repeat(3_000) },
    // Where one grows or shrinks, a stretch ends in the middle of what was the next one.
    { name: 'objects of many sizes', count: 300, textOf: (n: number) => 'x'.repeat((n % 23) * 2_500) },
  ])('any changes of $name is divided as one that knew nothing, and comes back the same', async ({ count, textOf }) => {
    let now = grown(State.empty, ...Array.from({ length: count }, (_, i) => added('pods', `p-${i}`, textOf(i))));
    let known: Layout = await encodeState(now, turn);
    const stored = new Map(await encodeState(now, turn).then(({ bytes }) => bytes));
    let seed = 1;
    const draw = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    for (let round = 0; round < 40; round++) {
      const events: LogEvent[] = [];
      let draft = now;
      for (let i = draw(40); i >= 0; i--) {
        const name = `p-${draw(count * 1.2)}`;
        const there = draft.get('pods', 'default', name);
        // Now and then a whole stretch goes, or comes back.
        const event = !there ? added('pods', name, textOf(draw(1_000))) : draw(3) === 0 ? removed('pods', name) : changed('pods', name, textOf(draw(1_000)));
        events.push(event);
        draft = grown(draft, event);
      }
      now = grown(now, ...events);
      if (round % 10 === 9) {
        const stretch = now.list('pods').slice(100, 100 + draw(300));
        now = grown(now, ...stretch.map(({ metadata }) => removed('pods', metadata.name)));
      }
      const encoded = await encodeState(now, turn, known);
      for (const [name, bytes] of encoded.bytes) stored.set(name, bytes);
      expect(names(encoded)).toStrictEqual(names(await encodeState(now, turn)));
      const chunks = [...encoded.ranges.values()].flatMap((those) => those.flatMap((range) => range.chunks));
      const restored = await restoreSnapshot({ offset: now.offset, time: clusterInstant(1), chunks, bytes: stored }, turn, { known });
      expect([...restored.state.entries()]).toEqual([...now.entries()]);
      expect(restored.ranges).toEqual(encoded.ranges);
      known = restored;
    }
  });
});

describe('chunks', () => {
  it('fit into a record, also where one object does not', async () => {
    const noise = Array.from({ length: 160_000 }, (_, i) => Math.imul(i + 1, 2_654_435_761).toString(36)).join('');
    const state = grown(State.empty, added('configmaps', 'a', noise), added('configmaps', 'b'), added('configmaps', 'c', `${noise} and more`));
    const { snapshot, bytes } = await takeSnapshot(state, turn);
    expect(snapshot.chunks.filter(({ continues }) => continues).length).toBeGreaterThan(1);
    for (const chunk of bytes.values()) expect(chunk.length).toBeLessThanOrEqual(380_000);
    const back = await restoreSnapshot({ ...snapshot, bytes }, turn);
    expect([...back.state.entries()]).toEqual([...state.entries()]);
  });

  it('are the same in two clusters that have the same', async () => {
    const of = async (cluster: string, more: LogEvent[]) => {
      await saveSnapshot({ log, cluster, env }, grown(State.empty, ...pods(1_000), ...more));
      return (await log.loadSnapshot(cluster))!.chunks.map(({ name }) => name);
    };
    const log = memoryLog();
    const [a, b] = [await of('a', []), await of('b', [added('services', 's')])];
    expect(b.filter((name) => !a.includes(name))).toHaveLength(1);
  });

  it('that a process has already are not read again, and their objects are the same ones', async () => {
    const log = memoryLog();
    const stored = { log, cluster: 'c', env };
    const first = grown(State.empty, ...pods(1_000));
    const known = await saveSnapshot(stored, first);
    const second = grown(first, changed('pods', 'p-5'));
    await saveSnapshot(stored, second, known);
    const read: number[] = [];
    const counting = {
      ...log,
      loadSnapshot: async (...args: Parameters<typeof log.loadSnapshot>) => {
        const found = await log.loadSnapshot(...args);
        read.push(found!.bytes.size);
        return found;
      },
    };
    const restored = await newestSnapshot({ ...stored, log: counting }, { known });
    expect(read).toEqual([1]);
    expect([...restored.state.entries()]).toEqual([...second.entries()]);
    expect(restored.state.get('pods', 'default', 'p-900')).toBe(first.get('pods', 'default', 'p-900'));
  });

  it('are given again, all of them, where the snapshot before is gone', async () => {
    const [one, other] = [memoryLog(), memoryLog()];
    const state = grown(State.empty, ...pods(1_000));
    const known = await saveSnapshot({ log: one, cluster: 'c', env }, state);
    const next = grown(state, changed('pods', 'p-5'));
    await saveSnapshot({ log: other, cluster: 'c', env }, next, known);
    expect([...(await newestSnapshot({ log: other, cluster: 'c', env })).state.entries()]).toEqual([...next.entries()]);
  });
});
