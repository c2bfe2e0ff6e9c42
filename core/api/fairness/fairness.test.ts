import { describe, expect, it } from 'vitest';
import type { Flow } from '../../apis/flowcontrol/flows.ts';
import type { LimitedPriorityLevelConfiguration, PriorityLevelConfiguration, QueuingConfiguration } from '../../schema/generated/kinds.ts';
import { Fairness, type Refusal, type Seat } from './fairness.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

const queue = (queuing: QueuingConfiguration = {}) => ({ limitResponse: { type: 'Queue', queuing } });
const reject = { limitResponse: { type: 'Reject' } };

function level(name: string, limited: LimitedPriorityLevelConfiguration): PriorityLevelConfiguration {
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: { name }, spec: { type: 'Limited', limited } };
}

const levelsOf = (...levels: PriorityLevelConfiguration[]) => new Map(levels.map((one) => [one.metadata.name, one]));

/** Requests at a process, and what has become of each. */
class Requests {
  readonly fairness: Fairness;
  readonly running: { readonly name: string; readonly end: Seat }[] = [];
  /** Names, in the order in which they began. */
  readonly begun: string[] = [];
  readonly refused: [string, Refusal][] = [];
  readonly #giveUp = new Map<string, (why: Refusal) => void>();

  constructor(seats: number, waiting = 1000) {
    this.fairness = new Fairness({ seats, waiting });
  }

  send(
    name: string,
    {
      cluster = 'c',
      at,
      levels = levelsOf(at),
      user = name,
    }: { cluster?: string; at: PriorityLevelConfiguration; levels?: ReadonlyMap<string, PriorityLevelConfiguration>; user?: string },
  ): void {
    const flow: Flow = { schema: { apiVersion, kind: 'FlowSchema', metadata: { name: 'all' } }, level: at };
    const patience = (over: (why: Refusal) => void) => {
      this.#giveUp.set(name, over);
      return () => this.#giveUp.delete(name);
    };
    const entered = this.fairness.enter({ cluster, flow, distinguisher: user, levels, patience });
    if (entered instanceof Promise) void entered.then((outcome) => this.#note(name, outcome));
    else this.#note(name, entered);
  }

  sendMany(count: number, name: string, how: Parameters<Requests['send']>[1]): void {
    for (let i = 0; i < count; i++) this.send(`${name}${i}`, { user: name, ...how });
  }

  #note(name: string, outcome: Seat | Refusal): void {
    if (typeof outcome === 'string') {
      this.refused.push([name, outcome]);
      return;
    }
    this.begun.push(name);
    this.running.push({ name, end: outcome });
  }

  /** Ends the request that began first. */
  async endOne(): Promise<void> {
    this.running.shift()!.end();
    await Promise.resolve();
    await Promise.resolve();
  }

  async endAll(): Promise<void> {
    while (this.running.length > 0) await this.endOne();
  }

  giveUp(name: string, why: Refusal): void {
    this.#giveUp.get(name)!(why);
  }

  get waiting(): number {
    return this.#giveUp.size;
  }

  runningOf(name: string): number {
    return this.running.filter((one) => one.name.startsWith(name)).length;
  }
}

describe('a priority level', () => {
  it('runs as many as it has seats for; what waits begins in its turn, and nothing is left behind', async () => {
    const requests = new Requests(10);
    const at = level('a', queue({ queues: 1, handSize: 1 }));
    requests.sendMany(20, 'x', { at });
    // Nine parts of ten: a cluster that is alone leaves something for the next.
    expect([requests.running.length, requests.waiting]).toEqual([9, 11]);
    await requests.endAll();
    expect(requests.begun).toEqual(Array.from({ length: 20 }, (_, i) => `x${i}`));
    expect([requests.waiting, requests.refused]).toEqual([0, []]);
    requests.sendMany(9, 'again', { at });
    expect(requests.runningOf('again')).toBe(9);
  });

  it('refuses what is too many where it has no queues, and where they are full', () => {
    const rejecting = new Requests(10);
    rejecting.sendMany(10, 'x', { at: level('a', reject) });
    expect(rejecting.refused).toEqual([['x9', 'concurrency-limit']]);
    const queuing = new Requests(10);
    queuing.sendMany(12, 'x', { at: level('a', queue({ queues: 1, handSize: 1, queueLengthLimit: 2 })) });
    expect([queuing.waiting, queuing.refused]).toEqual([2, [['x11', 'queue-full']]]);
  });

  it('lets go of what waits no longer', async () => {
    const requests = new Requests(2);
    const at = level('a', queue());
    for (const name of ['a', 'b', 'c']) requests.send(name, { at });
    requests.send('d', { at });
    requests.giveUp('c', 'time-out');
    await requests.endAll();
    expect([requests.begun, requests.refused]).toEqual([['a', 'b', 'd'], [['c', 'time-out']]]);
  });

  it('gives each flow its turn: one that sends a hundred times as much does not hold up another', async () => {
    const requests = new Requests(10);
    const at = level('a', queue({ queues: 64, handSize: 8 }));
    requests.sendMany(200, 'noisy', { at });
    requests.sendMany(5, 'quiet', { at });
    await requests.endAll();
    const place = requests.begun.map((name, i) => [name, i] as const).filter(([name]) => name.startsWith('quiet'));
    expect(place).toHaveLength(5);
    // Behind the nine that ran already, in turns with the eight queues of the other, of which it may share some.
    expect(place.at(-1)![1]).toBeLessThan(9 + 5 * (8 + 1));
  });

  it('uses what others lend, as far as it may borrow, and gives it back as its requests end', async () => {
    const requests = new Requests(20);
    const busy = level('busy', { nominalConcurrencyShares: 30, borrowingLimitPercent: 50, ...queue() });
    const idle = level('idle', { nominalConcurrencyShares: 30, lendablePercent: 60, ...queue() });
    const levels = levelsOf(busy, idle);
    // 18 seats: nine each, of which `busy` may borrow five, and `idle` lends five.
    requests.sendMany(20, 'busy', { at: busy, levels });
    expect(requests.runningOf('busy')).toBe(14);
    requests.sendMany(9, 'idle', { at: idle, levels });
    expect(requests.runningOf('idle')).toBe(4);
    for (let i = 0; i < 5; i++) await requests.endOne();
    // The lent seats are back, at whose place `idle` goes on.
    expect([requests.runningOf('busy'), requests.runningOf('idle')]).toEqual([9, 9]);
  });

  it('that lends nothing keeps its seats free', () => {
    const requests = new Requests(20);
    const busy = level('busy', { nominalConcurrencyShares: 30, ...queue() });
    const levels = levelsOf(busy, level('kept', { nominalConcurrencyShares: 30, lendablePercent: 0, ...reject }));
    requests.sendMany(20, 'busy', { at: busy, levels });
    expect(requests.runningOf('busy')).toBe(9);
  });

  it('that is changed has other limits for what comes then; one that is gone serves what it had', async () => {
    const requests = new Requests(10);
    const at = level('a', queue());
    requests.sendMany(12, 'x', { at });
    expect(requests.running.length).toBe(9);
    const other = level('b', { nominalConcurrencyShares: 30, ...reject });
    requests.send('y', { at: other, levels: levelsOf(other) });
    await requests.endAll();
    expect([requests.begun.length, requests.refused]).toEqual([12, [['y', 'concurrency-limit']]]);
    requests.sendMany(8, 'z', { at, levels: levelsOf(at, other) });
    expect(requests.runningOf('z')).toBe(5);
  });

  it('holds what it has in a jail', () => {
    const requests = new Requests(10);
    const jail = level('jail', { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, ...queue() });
    requests.send('x', { at: jail, levels: levelsOf(jail, level('a', reject)) });
    expect([requests.running.length, requests.waiting]).toEqual([0, 1]);
  });
});

describe('clusters', () => {
  const at = level('a', queue({ queues: 8, handSize: 1, queueLengthLimit: 1000 }));

  it('that all want as many as they can get have the same, and leave some for the next', async () => {
    const requests = new Requests(100);
    for (const cluster of ['p', 'q', 'r']) requests.sendMany(200, cluster, { at, cluster });
    // The first took what it may while it was alone; what ends goes to those that have less.
    expect(requests.runningOf('p')).toBe(90);
    for (let i = 0; i < 90; i++) await requests.endOne();
    const shares = ['p', 'q', 'r'].map((cluster) => requests.runningOf(cluster));
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    requests.send('s', { at, cluster: 's' });
    expect(requests.runningOf('s')).toBe(1);
  });

  it('with a flood do not delay one without, also where it has no queues', async () => {
    const requests = new Requests(100);
    requests.sendMany(500, 'noisy', { at, cluster: 'noisy' });
    const served = level('r', reject);
    for (let i = 0; i < 50; i++) {
      requests.send(`quiet${i}`, { at: served, cluster: 'quiet' });
      // One of each ends: the flood goes on.
      const quiet = requests.running.findIndex(({ name }) => name.startsWith('quiet'));
      requests.running.splice(quiet, 1)[0]!.end();
      await requests.endOne();
    }
    expect([requests.begun.filter((name) => name.startsWith('quiet')).length, requests.refused]).toEqual([50, []]);
  });

  it('do not fill the places to wait in for others', () => {
    const requests = new Requests(10, 100);
    requests.sendMany(200, 'noisy', { at, cluster: 'noisy' });
    expect([requests.waiting, requests.refused.length, requests.refused[0]![1]]).toEqual([50, 200 - 9 - 50, 'queue-full']);
    requests.sendMany(20, 'other', { at, cluster: 'other' });
    expect(requests.refused.filter(([name]) => name.startsWith('other'))).toEqual([]);
  });

  it('have none of their levels wait for another one where the process has too few seats', async () => {
    const requests = new Requests(10);
    const [first, second] = [level('first', queue()), level('second', queue())];
    const levels = levelsOf(first, second);
    requests.sendMany(100, 'other', { at, cluster: 'other' });
    requests.sendMany(20, 'first', { at: first, levels });
    requests.sendMany(20, 'second', { at: second, levels });
    for (let i = 0; i < 50; i++) await requests.endOne();
    const counts = ['first', 'second'].map((name) => requests.begun.filter((one) => one.startsWith(name)).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
  });
});
