import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askedHost } from './asked-host.ts';
import { otherwise } from './otherwise.ts';
import { runCase } from './run-case.ts';

/** What was recorded of a real Kubernetes and is not followed: a case that is answered in the same way belongs into the recordings. */

let host: Awaited<ReturnType<typeof askedHost>>;
beforeAll(async () => {
  host = await askedHost();
});
afterAll(() => host.close());

it.each(otherwise().filter(({ otherwise }) => !otherwise.byChance))('$id: $otherwise.recorded', async ({ answers, otherwise: _, ...one }) => {
  expect(JSON.parse(JSON.stringify(await runCase(host.asked, one)))).not.toEqual(answers);
});

it('docs/differences.md has all of them, and no others', () => {
  const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('\n## Recorded answers that are not followed\n');
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row]) => row).slice(1);
  expect(rows).toEqual([...new Set(otherwise().map(({ otherwise: { recorded, because } }) => `${recorded} | ${because}`))]);
});
