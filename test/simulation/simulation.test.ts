import { describe, expect, it } from 'vitest';
import { type Fault, faultKinds } from './faults.ts';
import { simulate } from './simulation.ts';

describe('a run', () => {
  it('puts the same bytes into the log for the same seed, whatever ran before, and other bytes for another one', async () => {
    const first = await simulate(4, { minutes: 0.7 });
    const other = await simulate(6, { minutes: 0.7 });
    const second = await simulate(4, { minutes: 0.7 });
    expect(second.hash).toBe(first.hash);
    expect(second.figures).toEqual(first.figures);
    expect(other.hash).not.toBe(first.hash);
  });

  it('takes no real time, chance or ids', async () => {
    const taken = await whileForbidden(() => simulate(4, { minutes: 0.5 }));
    expect([...new Set(taken)]).toEqual([]);
    // Which would be noticed.
    expect(await whileForbidden(async () => [Date.now(), Math.random(), crypto.randomUUID(), clearTimeout(setTimeout(() => {}))])).toHaveLength(4);
  });

  it('meets every fault when every fault is likely', async () => {
    const rare: Fault[] = [
      'condition without record',
      'wake-up lost',
      'policy late',
      'policy silent',
      'policy asked twice',
      'policy wrong',
      'stream late',
      'stream repeated',
      'watch cut',
      'relay gives up',
    ];
    const perMinute: Fault[] = ['table is down', 'queues are down', 'entries deleted', 'partition is throttled', 'concurrency runs out', 'clock is set'];
    const perRun: Fault[] = ['backup restored', 'new version'];
    const rates = Object.fromEntries(faultKinds.map((kind) => [kind, [...perMinute, ...perRun].includes(kind) ? 1 : rare.includes(kind) ? 0.3 : 0.02]));
    const unmet = new Set(faultKinds);
    for (let seed = 1; seed <= 10 && unmet.size > 0; seed++) {
      const { findings, figures } = await simulate(seed, { minutes: 5, rates });
      expect(findings).toEqual([]);
      for (const kind of figures.faults.keys()) unmet.delete(kind);
    }
    expect([...unmet]).toEqual([]);
  });
});

/** Where code of the core, or of the simulation, asked the real clock or real chance for something. */
async function whileForbidden(run: () => Promise<unknown>): Promise<string[]> {
  const taken: string[] = [];
  const note = (what: string) => {
    const caller = new Error().stack!.split('\n').find((line, i) => i > 2 && /\/(core|test\/simulation)\//.test(line));
    const direct = new Error().stack!.split('\n')[3];
    if (caller && caller === direct) taken.push(`${what} ${caller.trim()}`);
  };
  const { now } = Date;
  const { random } = Math;
  const { setTimeout, setInterval } = globalThis;
  const { randomUUID } = crypto;
  const watched = <F extends (...args: never[]) => unknown>(what: string, real: F): F =>
    ((...args: Parameters<F>) => {
      note(what);
      return real(...args);
    }) as unknown as F;
  Date.now = watched('Date.now', now);
  Math.random = watched('Math.random', random);
  globalThis.setTimeout = watched('setTimeout', setTimeout) as typeof setTimeout;
  globalThis.setInterval = watched('setInterval', setInterval) as typeof setInterval;
  crypto.randomUUID = watched('randomUUID', () => randomUUID.call(crypto));
  try {
    await run();
  } finally {
    Object.assign(Date, { now });
    Object.assign(Math, { random });
    Object.assign(globalThis, { setTimeout, setInterval });
    crypto.randomUUID = randomUUID;
  }
  return taken;
}
