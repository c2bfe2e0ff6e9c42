import { expect, it } from 'vitest';
import { parseQuery } from './jq.ts';

const value = {
  metadata: { annotations: { 'a.b/c': 'd' } },
  list: [
    { type: 'A', status: 'True' },
    { type: 'B', status: 'False' },
  ],
  none: null,
};

it.each([
  { query: '.metadata.annotations["a.b/c"]', want: ['d'] },
  { query: '.list.[].type', want: ['A', 'B'] },
  { query: '.list[].type', want: ['A', 'B'] },
  { query: '.list[-1].type', want: ['B'] },
  { query: '.list.[] | select( .type == "B" ) | .status', want: ['False'] },
  { query: '.list.[] | select(.type != "B") | .status', want: ['True'] },
  { query: '.missing.[].kind', want: [] },
  { query: '.none', want: [] },
  { query: '.metadata.constructor', want: [] },
  { query: '.', want: [value] },
])('$query finds $want', ({ query, want }) => {
  expect(parseQuery(query)(value)).toEqual(want);
});

it.each(['map(.a)', '.a + 1', 'select(.a)', '.a[', ''])('%j is not understood', (query) => {
  expect(() => parseQuery(query)).toThrow('is not understood');
});
