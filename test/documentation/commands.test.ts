import { describe, expect, it } from 'vitest';
import { binaries } from '../support/binaries.ts';
import { type Block, blocks, isCommands } from './blocks.ts';
import { followed, notRun } from './followed-pages.ts';
import { Follower } from './follower.ts';

/** The commands of the documentation: each block is run, in the order of its page, or it is in `notRun` with a reason. */

const commands = blocks.filter(isCommands);
const reasonOf = ({ page, text }: Block) => notRun.find((one) => one.page === page && (!one.has || text.includes(one.has)))?.why;

it('every block of commands is marked as such', () => {
  const looksSo = /^(kubectl|npm|npx|logplane|curl|node|docker|aws|helm|git|export|cat|sst|[A-Z_]+=\S+) /;
  expect(blocks.filter((block) => !isCommands(block) && looksSo.test(block.text)).map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

it('every block is run, or there is a reason', () => {
  const pages = new Set(followed.map(({ page }) => page));
  expect(commands.filter((block) => !reasonOf(block) && !pages.has(block.page)).map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

it('no reason and no page is there for nothing', () => {
  expect(notRun.filter(({ page, has }) => !commands.some((block) => block.page === page && (!has || block.text.includes(has))))).toEqual([]);
  expect(followed.filter(({ page }) => !commands.some((block) => block.page === page && !reasonOf(block)))).toEqual([]);
});

describe.skipIf(!binaries(35))('the commands of a page do what it says (kubectl runs on Linux, x64)', () => {
  for (const { page, before, change = {}, between = {} } of followed) {
    it(page, async () => {
      await using follower = await Follower.start();
      if (before) await follower.follow(before);
      for (const block of commands.filter((one) => one.page === page && !reasonOf(one))) {
        const first = Object.keys(between).find((words) => block.text.includes(words));
        if (first) await follower.follow(between[first]!);
        const text = Object.entries(change).reduce((text, [from, to]) => text.replaceAll(from, typeof to === 'string' ? to : to()), block.text);
        await follower.follow(text).catch((error: Error) => {
          throw new Error(`${page}:${block.line}: ${error.message}`);
        });
      }
    });
  }
});
