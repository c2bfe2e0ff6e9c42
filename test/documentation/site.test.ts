import { expect, it } from 'vitest';
import { contents } from '../../scripts/docs/contents.ts';
import { anchorsIn, withoutFences } from '../../scripts/docs/headings.ts';
import { pages } from '../../scripts/docs/pages.ts';

/** The pages of the site (`npm run docs` builds it and looks at the built links again): each is in the table of contents, and all links lead somewhere. */
const all = await pages();

it('every page has a place in the contents, and every place a page', () => {
  const listed = contents.flatMap(({ pages }) => pages.map(({ page }) => page));
  expect(listed.toSorted()).toEqual([...all.keys()].filter((page) => page !== 'index').toSorted());
});

it('every link leads to a page, and to a heading of it', () => {
  const anchors = new Map([...all].map(([page, markdown]) => [page, anchorsIn(markdown)]));
  const faults = [...all].flatMap(([page, markdown]) =>
    [...withoutFences(markdown).matchAll(/(?:\]\(|link: )(\/[^)#\s]*)?(?:#([^)\s]*))?\)?/g)].flatMap(([link, target = `/${page}`, anchor]) => {
      const found = anchors.get(target.slice(1));
      return found && (!anchor || found.has(anchor)) ? [] : [`${page}: ${link}`];
    }),
  );
  expect(faults.filter((fault) => !fault.includes('](http'))).toEqual([]);
});
