import { isDeepStrictEqual, parseArgs } from 'node:util';
import { askedHost } from './asked-host.ts';
import type { Answer, Case } from './case.ts';
import { linesOf, recordings, saveRecording } from './recordings.ts';
import { runCase } from './run-case.ts';

/**
 * Takes cases over into the recordings, as far as a host answers them as the real Kubernetes did:
 *
 *     node test/truth/carry.ts --cases F --recorded F [--alone] [--only REGEX] [--largest BYTES]
 *
 * Both files have a JSON line for each case: `{ id, kind, why, steps }`, and what the real one answered, `{ id, steps }`. Cases that are in the recordings already stay there
 * if they still hold, and whatever they answer now is told.
 */
const text = { type: 'string' } as const;
const { values: options } = parseArgs({
  options: { alone: { type: 'boolean', default: false }, cases: text, recorded: text, only: text, largest: { ...text, default: '50000' } },
});
const gathering = options.alone ? 'alone' : 'together';
const recorded = new Map(linesOf<{ id: string; steps: Answer[] }>(options.recorded!).map(({ id, steps }) => [id, steps]));
const cases = linesOf<Omit<Case, 'answers'> & { covers?: string }>(options.cases!).filter(
  ({ id, ...one }) => recorded.has(id) && new RegExp(options.only ?? '').test(id) && JSON.stringify(one).length <= Number(options.largest),
);

const kept = new Map(recordings(gathering).map(({ name, cases }) => [name, new Map(cases.map((one) => [one.id, one]))]));
const host = await askedHost();
const queue = cases.values();
let agreed = 0;
await Promise.all(
  Array.from({ length: options.alone ? 1 : 8 }, async () => {
    for (const { covers: _, ...one } of queue) {
      const answers = recorded.get(one.id)!;
      const got = await runCase(host.asked, one).catch((error: unknown) => error);
      const group = kept.get(one.kind) ?? new Map<string, Case>();
      kept.set(one.kind, group);
      if (isDeepStrictEqual(JSON.parse(JSON.stringify(got)), answers)) {
        agreed++;
        group.set(one.id, { ...one, answers });
      } else {
        console.log(`${group.delete(one.id) ? 'NO LONGER' : 'differs'} ${one.id}`);
      }
    }
  }),
);
await host.close();
for (const [name, group] of kept)
  if (group.size > 0)
    saveRecording(
      gathering,
      name,
      [...group.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
console.log(`${agreed} of ${cases.length} agree`);
