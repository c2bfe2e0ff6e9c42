import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askedHost } from './asked-host.ts';
import { recordings } from './recordings.ts';
import { runCase } from './run-case.ts';

/** What a real Kubernetes 1.36.3 answered, to the letter: recorded of one, and asked of a host. */

let host: Awaited<ReturnType<typeof askedHost>>;
beforeAll(async () => {
  host = await askedHost();
});
afterAll(async () => {
  await host.close();
  expect(host.problems).toEqual([]);
});

for (const { name, cases } of recordings()) {
  describe.concurrent(name, () => {
    for (const { answers, ...one } of cases) {
      it(one.id, async () => {
        expect(await runCase(host.asked, one), one.why).toEqual(answers);
      });
    }
  });
}
