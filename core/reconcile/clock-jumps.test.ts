import { describe, expect, it } from 'vitest';
import type { Mutation } from '../apis/mutation.ts';
import { DAY, HOUR, SECOND, start } from '../testing/timed-cluster.ts';
import { begin, secondsUntilOver, waiting } from '../testing/waits.ts';

const marker = (name: string): Mutation => ({
  type: 'create',
  resource: 'configmaps',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } },
});

describe.each(waiting)('$name', (what) => {
  it.each([
    { jump: 0, name: 'with a clock that is never set' },
    { jump: HOUR, name: 'after one write with the clock an hour ahead' },
    { jump: 400 * DAY, name: 'after one write with the clock 400 days ahead' },
  ])('is over in its time $name', async ({ jump }) => {
    const cluster = await start();
    cluster.set(jump);
    await cluster.do(marker('ahead'));
    cluster.set(-jump);
    await begin(cluster, what);
    const seconds = await secondsUntilOver(cluster, what);
    expect(seconds).toBeLessThanOrEqual(what.most);
    expect(seconds).toBeGreaterThanOrEqual(what.least);
  });

  it.each([
    { jump: -HOUR, name: 'back an hour' },
    { jump: -400 * DAY, name: 'back 400 days' },
  ])('is over in its time when the clock is set $name meanwhile', async ({ jump }) => {
    const cluster = await start();
    await begin(cluster, what);
    await cluster.pass(SECOND);
    cluster.set(jump);
    expect(await secondsUntilOver(cluster, what)).toBeLessThanOrEqual(what.most);
  });

  it('is over in its time when the process begins again meanwhile, with a log that is 400 days ahead', async () => {
    const cluster = await start();
    cluster.set(400 * DAY);
    await cluster.do(marker('ahead'));
    cluster.set(-400 * DAY);
    await cluster.restart();
    await begin(cluster, what);
    await cluster.pass(SECOND);
    await cluster.restart();
    expect(await secondsUntilOver(cluster, what)).toBeLessThanOrEqual(what.most);
  });

  it('is over when the clock is set ahead by a year meanwhile', async () => {
    const cluster = await start();
    await begin(cluster, what);
    cluster.set(365 * DAY);
    expect(await secondsUntilOver(cluster, what)).toBeLessThanOrEqual(what.most);
  });
});
