import { expect, it } from 'vitest';
import { validateLabelSelector } from './selector.ts';

it.each([
  { name: 'none', given: undefined, want: [] },
  { name: 'fine', given: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['d'] }] }, want: [] },
  {
    name: 'In without values',
    given: { matchExpressions: [{ key: 'c', operator: 'In' }] },
    want: ["spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
  },
  {
    name: 'Exists with values',
    given: { matchExpressions: [{ key: 'c', operator: 'Exists', values: ['d'] }] },
    want: ["spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
  },
  {
    name: 'unknown operator',
    given: { matchExpressions: [{ key: 'c', operator: 'Is' }] },
    want: ['spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator'],
  },
])('$name', ({ given, want }) => {
  expect(validateLabelSelector(given, 'spec.selector').map(({ field, message }) => `${field}: ${message}`)).toEqual(want);
});
