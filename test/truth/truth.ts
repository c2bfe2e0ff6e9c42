import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askedHost } from './asked-host.ts';
import { type Gathering, recordings } from './recordings.ts';
import { runCase } from './run-case.ts';

/** Asks a host all that a real Kubernetes 1.36.3 was asked, and expects what that answered, to the letter. */
export function expectTruth(gathering: Gathering): void {
  let host: Awaited<ReturnType<typeof askedHost>>;
  beforeAll(async () => {
    host = await askedHost();
  });
  afterAll(async () => {
    await host.close();
    expect(host.problems).toEqual([]);
  });

  for (const { name, cases } of recordings(gathering)) {
    describe(name, { concurrent: gathering === 'together' }, () => {
      for (const { answers, ...one } of cases) {
        it(one.id, async () => {
          expect(await runCase(host.asked, one), one.why).toEqual(answers);
        });
      }
    });
  }
}
