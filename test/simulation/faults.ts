import type { Chance } from './chance.ts';

/**
 * What may go wrong, and how likely it is at most each time that it could. A seed takes some of these and a rate for each, so that
 * runs differ in kind: what is always there hides what only happens without it.
 */
const faults = {
  /** A function's instance ends between two steps of I/O: before a request, or before its answer is taken in. */
  'process dies': 0.01,
  /** An instance stands still for a while, and goes on with what it knew. */
  'process pauses': 0.01,
  /** An idle instance is not kept. */
  'instance retires': 0.1,
  /** An instance gets nothing to do for so long that the log is cut off behind what it knows. */
  'instance left alone': 0.06,
  'table throttles': 0.1,
  /** An error of the table's, with nothing done. */
  'table fails': 0.05,
  /** The same with the request done. */
  'table fails when done': 0.05,
  'request to table lost': 0.05,
  'answer of table lost': 0.08,
  /** The answer comes after the client stopped waiting. */
  'answer of table late': 0.02,
  /** The request is done after the client stopped waiting, and perhaps tried again. */
  'request to table late': 0.02,
  /** Nothing works for a while. Per minute. */
  'table is down': 0.5,
  /** A page of a query ends early. */
  'short page': 0.5,
  /** An eventually consistent read does not see the newest. */
  'stale read': 0.5,
  /** A failed condition is reported without the record that is there. */
  'condition without record': 0.5,
  /** The writer's own wake-up does not arrive. */
  'wake-up lost': 0.6,
  'wake-up repeated': 0.2,
  'wake-up late': 0.3,
  /** A request to a queue fails, with nothing sent. */
  'queue fails': 0.1,
  /** Some messages of a batch are not taken. */
  'queue fails in part': 0.1,
  /** All is sent, and the answer does not come. */
  'answer of queue lost': 0.05,
  /** No queue takes anything for a while. Per minute. */
  'queues are down': 0.3,
  /** A FIFO group's lock ends while its message is being worked on. */
  'lock lapses': 0.05,
  /** The table's stream is delivered late. */
  'stream late': 0.2,
  /** A batch of the stream is delivered again. */
  'stream repeated': 0.1,
  'client request lost': 0.03,
  'client answer lost': 0.03,
  /** The client goes away while its request is under way. */
  'client gives up': 0.02,
  'watch cut': 0.02,
  /** Old entries that a snapshot covers are deleted. Twice a minute. */
  'entries deleted': 0.8,
  /** Every request for one cluster's partition is refused, for minutes: it is over its share of the table's throughput. Per minute. */
  'partition is throttled': 0.6,
  /** No function, or all but one of them, gets an instance for a while. Per minute. */
  'concurrency runs out': 0.8,
  /** What the relay could not deliver is too old, or was tried too often: it is set aside. */
  'relay gives up': 1,
  /** The wall clock of one instance, or of all, is set by hours or by years, and back after a while. Per minute. */
  'clock is set': 0.5,
  /** Instances of two releases run side by side for a while, twice. Per run. */
  'new version': 0.4,
  /** The table is replaced by an older copy of itself, once. Per run. */
  'backup restored': 0.25,
  /** What admission has to ask is answered late, perhaps too late. */
  'policy late': 0.1,
  'policy silent': 0.02,
  'policy asked twice': 0.2,
  /** It answers with what is no answer. */
  'policy wrong': 0.05,
} as const;

export type Fault = keyof typeof faults;

export const faultKinds = Object.keys(faults) as Fault[];

/** The faults of one run: which, how often, and how often they struck. */
export class Faults {
  /** Off: nothing goes wrong any more. */
  active = true;
  readonly counts = new Map<Fault, number>();
  readonly #rates: ReadonlyMap<Fault, number>;
  readonly #chance: Chance;

  constructor({ chance, rates }: { chance: Chance; rates?: Partial<Record<Fault, number>> | undefined }) {
    this.#chance = chance;
    this.#rates = new Map(faultKinds.map((kind) => [kind, rates ? (rates[kind] ?? 0) : drawRate(chance, faults[kind])]));
  }

  /** Whether it strikes now. */
  strikes(kind: Fault): boolean {
    const rate = this.#rates.get(kind)!;
    if (!this.active || rate === 0 || !this.#chance.happens(rate)) return false;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    return true;
  }

  get injected(): number {
    let sum = 0;
    for (const count of this.counts.values()) sum += count;
    return sum;
  }
}

/** Off for two seeds of five; else anything up to the most, low rates more often than high ones. */
const drawRate = (chance: Chance, most: number): number => (chance.happens(0.4) ? 0 : most * chance.next() ** 2);
