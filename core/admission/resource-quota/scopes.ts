import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../schema/generated/kinds.ts';

/**
 * The scopes that an object is in, each with the values that it has there: `{ NotTerminating: [], PriorityClass: ['high'] }`. An object without a class is in
 * the scope of classes, with none.
 */
export type Scopes = { readonly [scope: string]: readonly string[] };

export const noScopes: Scopes = {};

/** The objects that a quota is about: what its scopes say, and its selector; none: all. */
export const selectorsOf = ({ spec }: Pick<ResourceQuota, 'spec'>): readonly ScopedResourceSelectorRequirement[] => [
  ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
  ...(spec?.scopeSelector?.matchExpressions ?? []),
];

export const areSelected = (scopes: Scopes, selectors: readonly ScopedResourceSelectorRequirement[]): boolean =>
  selectors.every((selector) => isSelected(scopes, selector));

/** Those scopes that an object simply is in or not: their operator is always `Exists`. */
const plain = new Set(['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity']);

function isSelected(scopes: Scopes, { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement): boolean {
  const own = Object.hasOwn(scopes, scopeName) ? scopes[scopeName]! : undefined;
  if (!own || plain.has(scopeName)) return own !== undefined;
  switch (operator) {
    case 'Exists':
      return own.length > 0;
    case 'DoesNotExist':
      return own.length === 0;
    case 'In':
      return own.some((value) => values.includes(value));
    default:
      // A claim that changes its class is in both: it is selected if either is.
      return own.length === 0 || own.some((value) => !values.includes(value));
  }
}
