import type { Flow } from '../../apis/flowcontrol/flows.ts';
import type { PriorityLevelConfiguration, QueuingConfiguration } from '../../schema/generated/kinds.ts';
import { FairQueues } from './fair-queues.ts';
import { type LevelLimits, limitsOf } from './level-limits.ts';
import { PriorityLevel } from './priority-level.ts';
import { handOf } from './shuffle-sharding.ts';

/** A request that waits for its turn. */
export interface Waiting {
  /** It has a seat. */
  readonly begin: () => void;
}

interface Level {
  readonly seats: PriorityLevel;
  readonly queues: FairQueues<Waiting>;
}

/** What one cluster has of a process at the moment: the seats and queues of its priority levels. It is there for as long as something runs or waits. */
export class ClusterShare {
  readonly #levels = new Map<string, Level>();
  #limits: ReadonlyMap<string, LevelLimits> = new Map();
  readonly #seats: number;
  /** Requests that have a seat. */
  held = 0;
  /** Requests that wait for one. */
  waiting = 0;

  /** `seats`: how many all of its levels have together. */
  constructor(seats: number) {
    this.#seats = seats;
  }

  /** Takes over the levels as they are configured now. One that is no longer there keeps what it had until it has served what waits. */
  configure(configured: ReadonlyMap<string, PriorityLevelConfiguration>): void {
    const limits = limitsOf(configured, this.#seats);
    if (limits === this.#limits) return;
    this.#limits = limits;
    for (const [name, { seats }] of this.#levels) if (limits.has(name)) seats.limit(limits.get(name)!);
  }

  #level(name: string): Level {
    let level = this.#levels.get(name);
    if (!level) {
      level = { seats: new PriorityLevel(this.#limits.get(name) ?? NOTHING), queues: new FairQueues() };
      this.#levels.set(name, level);
    }
    return level;
  }

  /** Takes a seat at once, unless others wait for one; says whether there was one. */
  take(name: string): boolean {
    const level = this.#level(name);
    return level.queues.length === 0 && this.#seat(level);
  }

  #seat({ seats }: Level): boolean {
    if (!seats.take(this.#allSeats())) return false;
    this.held++;
    return true;
  }

  /** Those that may have some to lend. */
  *#allSeats(): Generator<PriorityLevel, undefined> {
    for (const name of this.#limits.keys()) yield this.#level(name).seats;
  }

  /** Puts a request into the shortest queue of its flow; undefined when that is full. The returned function takes it out again. */
  queue({ schema, level }: Flow, distinguisher: string, waiting: Waiting): (() => void) | undefined {
    const { queues } = this.#level(level.metadata.name);
    const { queues: count, handSize, queueLengthLimit } = queuingOf(level);
    const hand = handOf({ schema: schema.metadata.name, distinguisher }, { queues: count, handSize });
    const shortest = hand.reduce((best, one) => (queues.lengthOf(one) < queues.lengthOf(best) ? one : best));
    if (queues.lengthOf(shortest) >= queueLengthLimit) return undefined;
    queues.add(shortest, waiting);
    this.waiting++;
    return () => {
      queues.remove(shortest, waiting);
      this.waiting--;
    };
  }

  giveBack(name: string): void {
    this.#level(name).seats.giveBack();
    this.held--;
  }

  /** Lets one request begin that waited, and for which there is a seat now; says whether there was one. */
  next(): boolean {
    // Where the process has fewer seats than the cluster could use, none of its levels is served before the others.
    const byLoad = [...this.#levels.values()].filter(({ queues }) => queues.length > 0).sort((a, b) => a.seats.load - b.seats.load);
    for (const level of byLoad) {
      if (!this.#seat(level)) continue;
      const waiting = level.queues.take();
      this.waiting--;
      waiting.begin();
      return true;
    }
    return false;
  }
}

const NOTHING: LevelLimits = { nominal: 0, lendable: 0, borrowing: 0 };

/** The defaults of the kind, for levels that were stored without. */
function queuingOf({ spec }: PriorityLevelConfiguration): Required<QueuingConfiguration> {
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = spec?.limited?.limitResponse?.queuing ?? {};
  return { queues, handSize, queueLengthLimit };
}
