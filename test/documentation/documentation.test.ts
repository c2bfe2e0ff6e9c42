import { describe, expect, it } from 'vitest';
import { Reader } from './reader.ts';
import { areas, type Row } from './row.ts';

/** What the tasks, concepts and tutorials of Kubernetes' documentation end in, here: each row on a cluster of its own. */
for (const [area, rows] of areas) {
  describe(area, () => {
    for (const row of rows) {
      // A row that waits for what is not there yet fails; one that does not wait any more has to lose its mark.
      const test = row.waits ? it.fails : it;
      test(`${row.page}: ${row.what}`, () => follow(row));
    }
  });
}

it('there are at least 150 rows', () => {
  expect([...areas.values()].flat().length).toBeGreaterThanOrEqual(150);
});

async function follow({ objects, then = [], ends, events = [] }: Row): Promise<void> {
  const reader = await Reader.start();
  if (objects) await reader.take({ create: objects });
  for (const step of then) await reader.take(step);
  const faults = Object.entries(ends).flatMap(([name, wanted]) => reader.faults(name, wanted));
  expect([...faults, ...events.flatMap((wanted) => reader.eventFaults(wanted))]).toEqual([]);
  expect(reader.untyped()).toEqual([]);
  expect(reader.problems).toEqual([]);
}
