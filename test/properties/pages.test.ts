import { expect, it } from 'vitest';
import { testServer } from '../../core/testing/server.ts';
import { Chance } from '../simulation/chance.ts';
import { type Listed, listed, randomWrite, SELECTORS } from './random-writes.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

/** A list in pages is the list as it was when its first page was read, whatever is written between them: each object once. */
it.each(SEEDS)('pages are one list (seed %i)', async (seed) => {
  const chance = new Chance(`pages ${seed}`);
  const server = await testServer();
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) await randomWrite(server, chance);
  };
  await write(60);
  let pages = 0;
  for (let round = 0; round < 4; round++) {
    const selector = round === 0 ? '' : chance.pick(SELECTORS);
    const whole = await listed(server, selector);
    const found: Listed['items'][number][] = [];
    let page: Listed | undefined;
    do {
      const next: string = page ? `&continue=${encodeURIComponent(page.metadata.continue!)}` : '';
      page = await listed(server, `limit=${chance.whole(1, 5)}${next}&${selector}`);
      expect(page.metadata.resourceVersion).toBe(whole.metadata.resourceVersion);
      found.push(...page.items);
      pages++;
      await write(chance.whole(0, 8));
    } while (page.metadata.continue);
    expect(found).toEqual(whole.items);
  }
  expect(pages).toBeGreaterThan(4);
});
