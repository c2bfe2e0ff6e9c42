import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { ConfigMap } from '../schema/generated/kinds.ts';
import { evolve } from '../state/evolve.ts';
import { State } from '../state/state.ts';
import { History, type HistoryOptions } from './history.ts';

const KB = 1024;
const KEY = 'configmaps/default/a';

const configMap = (data: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: { d: data } });

const added = (data: string): LogEvent => ({ type: 'ADDED', key: KEY, object: configMap(data), actor: userNamed('me') });
const deleted: LogEvent = { type: 'DELETED', key: KEY, actor: userNamed('me') };
const modified = (patch: Record<string, unknown>): LogEvent => ({ type: 'MODIFIED', key: KEY, patch, actor: userNamed('me') });
const written = (data: string): LogEvent => ({ type: 'MODIFIED', key: KEY, object: configMap(data), actor: userNamed('me') });
const repeat = (count: number, event: (i: number) => LogEvent | LogEvent[]): LogEvent[] => Array.from({ length: count }, (_, i) => event(i)).flat();

/** A history that has taken in these events, one an entry. */
function folded(events: readonly LogEvent[], options?: HistoryOptions): History {
  const history = new History(State.empty, options);
  for (const event of events) push(history, event);
  return history;
}

const push = (history: History, ...events: LogEvent[]) => history.push(evolve(history.state, events, { time: clusterInstant(0) }));

/** A ConfigMap that counts up to `count`. */
const counting = (count: number) => [added('1'), ...repeat(count - 1, (i) => modified({ data: { d: String(i + 2) } }))];

const dataAt = (history: History, offset: number) => history.at(offset)?.get('configmaps', 'default', 'a')?.data?.['d'];

describe('a history', () => {
  it('has the state at every offset that it keeps', () => {
    const history = folded(counting(1_000));
    expect(dataAt(history, 0)).toBeUndefined();
    for (const offset of [1, 2, 255, 256, 257, 511, 512, 999, 1_000]) expect(dataAt(history, offset)).toBe(String(offset));
    expect(history.at(1_001)).toBeUndefined();
  });

  it('has the state in the middle of an entry', () => {
    const history = new History(State.empty);
    push(history, ...counting(400));
    for (const offset of [1, 200, 399]) expect(dataAt(history, offset)).toBe(String(offset));
  });

  it('forgets old changes, and then says so', () => {
    const history = folded(counting(2_000), { limit: 500 });
    expect(history.start).toBeGreaterThanOrEqual(1_000);
    expect(history.after(1_998)!.map(({ offset }) => offset)).toEqual([1_999, 2_000]);
    expect(history.after(history.start)).toHaveLength(2_000 - history.start);
    expect(history.after(history.start - 1)).toBeUndefined();
    expect(history.at(history.start - 1)).toBeUndefined();
    expect(dataAt(history, history.start)).toBe(String(history.start));
  });

  it('gives the changes of one resource without walking over the others', () => {
    const history = new History(State.empty, { limit: 500 });
    const secret = (i: number): LogEvent => ({
      type: 'ADDED',
      key: `secrets/default/s${i}`,
      object: { ...configMap(''), kind: 'Secret' },
      actor: userNamed('me'),
    });
    const events = counting(2_000);
    for (const [i, event] of events.entries()) push(history, event, ...(i % 100 === 0 ? [secret(i)] : []));
    const all = history.after(history.start)!.filter(({ key }) => key.startsWith('secrets/'));
    expect(all.length).toBeGreaterThan(4);
    expect(history.after(history.start, { resource: 'secrets' })).toEqual(all);
    for (const [i, { offset }] of all.entries()) {
      expect(history.after(offset, { resource: 'secrets' })).toEqual(all.slice(i + 1));
      expect(history.after(offset - 1, { resource: 'secrets', limit: 2 })).toEqual(all.slice(i, i + 2));
    }
    expect(history.after(history.start, { resource: 'pods' })).toEqual([]);
  });

  it('keeps changes of a resource that has few for longer than those of others', () => {
    const history = new History(State.empty, { limit: 500 });
    const secret = (i: number): LogEvent => ({
      type: 'ADDED',
      key: `secrets/default/s${i}`,
      object: { ...configMap(''), kind: 'Secret' },
      actor: userNamed('me'),
    });
    // A tenth of what is kept are 50.
    push(history, ...repeat(60, secret));
    for (const event of counting(2_000)) push(history, event);
    push(history, secret(60));
    expect(history.start).toBeGreaterThan(60);
    const told = (offset: number) => history.after(offset, { resource: 'secrets' })?.length;
    expect([told(9), told(10), told(59), told(60)]).toEqual([undefined, 51, 2, 1]);
    expect(history.after(0, { resource: 'pods' })).toEqual([]);
  });

  it('keeps no more bytes for that', () => {
    const history = new History(State.empty, { limit: 500, bytes: 1000 * KB });
    const large = (i: number): LogEvent => ({
      type: 'MODIFIED',
      key: 'secrets/default/a',
      patch: { data: { d: String(i).padEnd(20 * KB) } },
      actor: userNamed('me'),
    });
    push(history, { type: 'ADDED', key: 'secrets/default/a', object: { ...configMap(''), kind: 'Secret' }, actor: userNamed('me') }, ...repeat(40, large));
    for (const event of counting(2_000)) push(history, event);
    expect(history.after(41, { resource: 'secrets' })).toEqual([]);
    expect(history.after(30, { resource: 'secrets' })).toBeUndefined();
    expect(history.bytes).toBeLessThan(2 * 1000 * KB);
  });

  const limit = 1000 * KB;
  const cases: { name: string; events: LogEvent[] }[] = [
    { name: 'a large value that changes', events: [added('x'), ...repeat(500, (i) => modified({ data: { d: String(i).padEnd(100 * KB) } }))] },
    { name: 'a large object that is written whole', events: [added('x'), ...repeat(500, (i) => written(String(i).padEnd(100 * KB)))] },
    { name: 'a large list', events: [added('x'), ...repeat(500, (i) => modified({ list: Array(1000).fill(String(i).padEnd(100)) }))] },
    { name: 'a large object that comes and goes', events: repeat(500, () => [added('x'.repeat(100 * KB)), deleted]) },
  ];
  it.each(cases)('keeps no more bytes than it may of $name', ({ events }) => {
    const history = folded(events, { bytes: limit });
    expect(history.bytes).toBeLessThanOrEqual(2 * limit);
    expect(history.after(0)).toBeUndefined();
    // What it does keep is the newest.
    const { offset } = history.state;
    expect(history.after(offset - 5)!.map((change) => offset - change.offset)).toEqual([4, 3, 2, 1, 0]);
    expect(history.at(offset - 5)!.offset).toBe(offset - 5);
  });

  it.each([
    { how: 'patched', event: (i: number) => modified({ metadata: { labels: { n: String(i) } } }) },
    // As it comes from the log: equal, but never the same.
    { how: 'written whole', event: () => written(Buffer.alloc(1000 * KB, 'x').toString()) },
  ])('counts what versions share once, and they do when they are $how', ({ event }) => {
    const history = folded([added('x'.repeat(1000 * KB)), ...repeat(200, event)], { bytes: limit });
    expect(history.after(0)).toHaveLength(201);
    expect(history.bytes).toBeLessThan(limit);
    const [first, last] = [history.after(0, { limit: 1 })![0]!.object, history.state.list('configmaps')[0]!];
    expect((last as ConfigMap).data).toBe((first as ConfigMap).data);
  });
});
