import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../log/log.ts';
import type { KubeObject } from '../object.ts';
import { Projection } from './projection.ts';

const KB = 1024;
const KEY = 'configmaps/default/a';

const configMap = (data: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: { d: data } });

/** A projection that has folded these events, one an entry. */
function folded(events: readonly LogEvent[], { historyBytes }: { historyBytes: number }): Projection {
  const projection = new Projection({ historyBytes });
  for (const event of events) projection.apply({ offset: projection.offset + 1, events: [event], writer: 'w', time: 0 });
  return projection;
}

const added = (data: string): LogEvent => ({ type: 'ADDED', key: KEY, object: configMap(data), actor: 'me' });
const deleted: LogEvent = { type: 'DELETED', key: KEY, actor: 'me' };
const modified = (patch: Record<string, unknown>): LogEvent => ({ type: 'MODIFIED', key: KEY, patch, actor: 'me' });
const written = (data: string): LogEvent => ({ type: 'MODIFIED', key: KEY, object: configMap(data), actor: 'me' });
const repeat = (count: number, event: (i: number) => LogEvent | LogEvent[]): LogEvent[] => Array.from({ length: count }, (_, i) => event(i)).flat();

describe('the history of a projection', () => {
  const limit = 1000 * KB;
  const cases: { name: string; events: LogEvent[] }[] = [
    { name: 'a large value that changes', events: [added('x'), ...repeat(500, (i) => modified({ data: { d: String(i).padEnd(100 * KB) } }))] },
    { name: 'a large object that is written whole', events: [added('x'), ...repeat(500, (i) => written(String(i).padEnd(100 * KB)))] },
    { name: 'a large list', events: [added('x'), ...repeat(500, (i) => modified({ list: Array(1000).fill(String(i).padEnd(100)) }))] },
    { name: 'a large object that comes and goes', events: repeat(500, () => [added('x'.repeat(100 * KB)), deleted]) },
  ];
  it.each(cases)('keeps no more bytes than it may of $name', ({ events }) => {
    const projection = folded(events, { historyBytes: limit });
    expect(projection.historyBytes).toBeLessThanOrEqual(2 * limit);
    expect(projection.changesAfter(0) === undefined).toBe(true);
    // What it does keep is the newest.
    expect(projection.changesAfter(projection.offset - 5)!.map(({ offset }) => projection.offset - offset)).toEqual([4, 3, 2, 1, 0]);
    expect(projection.at(projection.offset - 5)!.offset).toBe(projection.offset - 5);
  });

  it.each([
    { how: 'patched', event: (i: number) => modified({ metadata: { labels: { n: String(i) } } }) },
    // As it comes from the log: equal, but never the same.
    { how: 'written whole', event: () => written(Buffer.alloc(1000 * KB, 'x').toString()) },
  ])('counts what versions share once, and they do when they are $how', ({ event }) => {
    const projection = folded([added('x'.repeat(1000 * KB)), ...repeat(200, event)], { historyBytes: limit });
    expect(projection.changesAfter(0)!.length).toBe(201);
    expect(projection.historyBytes).toBeLessThan(limit);
    const [first, last] = [projection.changesAfter(0, 1)![0]!.object, projection.list('configmaps')[0]!];
    expect(last.data).toBe(first.data);
  });
});

describe('a view of the past', () => {
  it('stays as it is while the projection moves on', () => {
    const projection = folded([added('first'), modified({ data: { d: 'second' } })], { historyBytes: 1000 * KB });
    const view = projection.at(1)!;
    projection.apply({ offset: 3, events: [modified({ data: { d: 'third' } }), deleted], writer: 'w', time: 0 });
    expect(view.get('configmaps', 'default', 'a')!.data).toEqual({ d: 'first' });
    expect(view.list('configmaps').map(({ data }) => data)).toEqual([{ d: 'first' }]);
    expect(view.by('namespace', 'default').length).toBe(1);
    expect(projection.at(1)).toBe(view);
    expect(projection.at(2)!.get('configmaps', 'default', 'a')!.data).toEqual({ d: 'second' });
    expect(projection.list('configmaps')).toEqual([]);
  });

  it('goes with the history that it was made from', () => {
    const projection = new Projection({ historyLimit: 2 });
    const events = [added('0'), ...repeat(10, (i) => modified({ data: { d: String(i + 1) } }))];
    for (const [i, event] of events.entries()) {
      projection.apply({ offset: i + 1, events: [event], writer: 'w', time: 0 });
      if (i === 1) expect(projection.at(1)).toBeDefined();
    }
    expect(projection.at(1)).toBeUndefined();
  });
});
