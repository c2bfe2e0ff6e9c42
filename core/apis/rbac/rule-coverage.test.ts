import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../schema/generated/kinds.ts';
import { uncovered } from './rule-coverage.ts';

const rule = (verbs: string[], resources: string[], resourceNames?: string[]): PolicyRule => ({
  verbs,
  apiGroups: [''],
  resources,
  ...(resourceNames && { resourceNames }),
});

describe('what rules permit of others', () => {
  it.each<[string, PolicyRule[], PolicyRule[], PolicyRule[]]>([
    ['the same', [rule(['get'], ['pods'])], [rule(['get'], ['pods'])], []],
    ['by several rules together', [rule(['get', 'list'], ['pods'])], [rule(['get'], ['pods']), rule(['list'], ['pods'])], []],
    ['all verbs by none but all', [rule(['*'], ['pods'])], [rule(['get', 'list'], ['pods'])], [rule(['*'], ['pods'])]],
    ['a subresource by that of any', [rule(['get'], ['pods/log', 'pods'])], [rule(['get'], ['*/log'])], [rule(['get'], ['pods'])]],
    ['one name by all', [rule(['get'], ['pods'], ['a'])], [rule(['get'], ['pods'])], []],
    ['all names by some', [rule(['get'], ['pods'])], [rule(['get'], ['pods'], ['a'])], [rule(['get'], ['pods'])]],
    ['all names by one that is empty', [rule(['get'], ['pods'])], [rule(['get'], ['pods'], [''])], [rule(['get'], ['pods'])]],
    ['one name of two', [rule(['get'], ['pods'], ['a', 'b'])], [rule(['get'], ['pods'], ['a'])], [rule(['get'], ['pods'], ['b'])]],
    [
      'a URL by what it begins with',
      [{ verbs: ['get'], nonResourceURLs: ['/logs/a', '/log'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/logs/*'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/log'] }],
    ],
  ])('%s', (_name, wanted, owned, missing) => {
    expect(uncovered(wanted, owned)).toEqual(missing);
  });

  it('is looked at up to a bound, whatever product a rule is, and what was not looked at is not permitted', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `r${i}`);
    const product = { verbs: many, apiGroups: many, resources: many, resourceNames: many };
    const held = { ...product, resourceNames: [...many.slice(1)] };
    const missing = uncovered([product], [held]);
    expect(missing.length).toBeLessThanOrEqual(20_001);
    expect(missing.at(-1)).toBe(product);
    expect(uncovered([product], [product])).toEqual([]);
  });
});
