import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** The classes that a style sheet's selectors begin with. */
function classesOf(file: string): Set<string> {
  const text = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');
  const selectors = [...text.matchAll(/([^{}]+)\{/g)].flatMap(([, list]) => list!.split(','));
  return new Set(selectors.flatMap((selector) => /^\s*\.([\w-]+)/.exec(selector)?.[1] ?? []));
}

// All style sheets are one: what a view styles for itself would change another one.
it('no class is styled by two views', () => {
  const owners = new Map<string, string>();
  const twice: string[] = [];
  for (const file of globSync(path.join(import.meta.dirname, '../../ui/source/views/*/*.css'))) {
    const view = path.basename(path.dirname(file));
    for (const name of classesOf(file)) {
      const other = owners.get(name) ?? view;
      owners.set(name, view);
      // Rows are shared, and a view may add to them.
      if (other !== view && name !== 'row') twice.push(`.${name}: ${other}, ${view}`);
    }
  }
  expect(owners.size).toBeGreaterThan(10);
  expect(twice).toEqual([]);
});
