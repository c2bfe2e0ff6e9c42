import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';

/** The model stands in a browser: what is needed of one. */
let asked: string[] = [];
let tables: typeof import('./kept-tables.ts');
beforeAll(async () => {
  vi.stubGlobal('location', { origin: 'https://host', pathname: '/ui/' });
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url.replace(/^https:\/\/host|\?.*$/g, ''));
    const rows = Array.from({ length: 25_000 }, (_, i) => ({ cells: [i], object: { metadata: { name: `n${i}` } } }));
    return new Response(JSON.stringify({ metadata: { resourceVersion: '7' }, columnDefinitions: [], rows }));
  });
  tables = await import('./kept-tables.ts');
});
beforeEach(() => {
  asked = [];
  tables.forgetTables();
});
afterAll(() => vi.unstubAllGlobals());

/** How many rows there are at a moment in the end. */
async function rowsAt(at: number | undefined): Promise<number | undefined> {
  const { signal } = new AbortController();
  let last: number | undefined;
  for await (const { rows, isWhole } of tables.tableAt({ cluster: 'c', at }, '/api/v1/nodes', signal)) last = isWhole ? rows.size : undefined;
  return last;
}

it('what was printed of an offset is asked for once, and of now each time', async () => {
  for (const at of [4, 5, 4, undefined, undefined]) expect(await rowsAt(at)).toBe(25_000);
  expect(asked).toEqual(['/clusters/c@4/api/v1/nodes', '/clusters/c@5/api/v1/nodes', '/clusters/c/api/v1/nodes', '/clusters/c/api/v1/nodes']);
});

it('no more rows are kept than some, of what was looked at last', async () => {
  for (const at of [1, 2, 1, 3, 1, 2]) await rowsAt(at);
  expect(asked.map((url) => /@(\d)/.exec(url)![1])).toEqual(['1', '2', '3', '2']);
});
