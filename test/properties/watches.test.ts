import { expect, it } from 'vitest';
import type { KubeObject } from '../../core/kube/object.ts';
import { testServer } from '../../core/testing/server.ts';
import { Chance } from '../simulation/chance.ts';
import { byName, CONFIGMAPS, listed, randomWrite, SELECTORS } from './random-writes.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

/** A list, and the events since then, make the list that is there at the end: by whatever is selected, whenever the watch begins. */
it.each(SEEDS)('a watch is what changes a list into the next one (seed %i)', async (seed) => {
  const chance = new Chance(`watches ${seed}`);
  const server = await testServer();
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) await randomWrite(server, chance);
  };
  const watches: { selector: string; begin: readonly KubeObject[]; events: Promise<WatchEvent[]> }[] = [];
  await write(chance.whole(0, 30));
  for (let i = 0; i < 6; i++) {
    const selector = chance.pick(SELECTORS);
    const { items, metadata } = await listed(server, selector);
    // Begun at once, or when more has happened already; or without the list, of which it then tells first.
    await write(chance.whole(0, 10));
    const streams = chance.happens(0.3);
    const since = streams ? 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true' : `resourceVersion=${metadata.resourceVersion}`;
    const response = await server.response(`GET ${CONFIGMAPS}?watch=true&timeoutSeconds=1&${since}&${selector}`);
    watches.push({ selector, begin: streams ? [] : items, events: eventsOf(response) });
    await write(chance.whole(0, 20));
  }
  server.clock.advance(10_000);
  let told = 0;
  for (const { selector, begin, events } of watches) {
    const objects = byName(begin);
    for (const { type, object } of await events) {
      if (type === 'BOOKMARK') continue;
      told++;
      const { name } = object.metadata;
      expect(objects.has(name), `${type} ${name}`).toBe(type !== 'ADDED');
      if (type === 'DELETED') objects.delete(name);
      else objects.set(name, object);
    }
    const { items } = await listed(server, selector);
    const typed = items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'ConfigMap' }));
    expect(new Map([...objects].map(([name, object]) => [name, { ...object, apiVersion: 'v1', kind: 'ConfigMap' }]))).toEqual(byName(typed));
  }
  expect(told).toBeGreaterThan(20);
});

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

async function eventsOf(response: Response): Promise<WatchEvent[]> {
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as WatchEvent);
}
