import type { Flow } from '../../apis/flowcontrol/flows.ts';
import type { PriorityLevelConfiguration } from '../../schema/generated/kinds.ts';
import { ClusterShare } from './cluster-share.ts';
import { DroppedRequests } from './dropped-requests.ts';

export type Refusal = 'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled';

/** What a request asks for a seat with. */
export interface Asked {
  readonly cluster: string;
  readonly flow: Flow;
  /** By what the requests of its FlowSchema are told apart: a user, a namespace, or nothing. */
  readonly distinguisher: string;
  readonly levels: ReadonlyMap<string, PriorityLevelConfiguration>;
  /** Called once it has to wait; calls back when it has waited long enough. The returned function says that it waits no longer. */
  readonly patience: (over: (why: Refusal) => void) => () => void;
}

/** A seat: to be given back once. */
export type Seat = () => void;

/**
 * Who of all that ask a process for something is served, when they are too many at once (API Priority and Fairness). The seats of the process are divided twice: among
 * the clusters, so that none starves another, and in each of them among its priority levels, and there among the flows.
 *
 * A cluster may hold so many times what is free: alone nearly all, n that all want as many as they can get the same each, and something is left for the next one
 * (as `WatchSlots`; Choudhury and Hahne, 1998). What waits is bounded in the same way.
 */
export class Fairness {
  readonly #seats: number;
  #free: number;
  #freeToWait: number;
  readonly #clusters = new Map<string, ClusterShare>();
  readonly dropped = new DroppedRequests();

  constructor({ seats, waiting }: { seats: number; waiting: number }) {
    this.#seats = seats;
    this.#free = seats;
    this.#freeToWait = waiting;
  }

  /** A seat, at once or when it is the request's turn; why there is none. */
  enter(asked: Asked): Seat | Refusal | Promise<Seat | Refusal> {
    const { cluster, flow, levels } = asked;
    const level = flow.level.metadata.name;
    const share = this.#shareOf(cluster);
    share.configure(levels);
    if (this.#mayHold(share) && share.take(level)) return this.#seat(cluster, share, level);
    if (flow.level.spec?.limited?.limitResponse?.type !== 'Queue') return this.#refuse(cluster, share, 'concurrency-limit');
    if (share.waiting >= this.#freeToWait) return this.#refuse(cluster, share, 'queue-full');
    return this.#wait(asked, share, level);
  }

  #shareOf(cluster: string): ClusterShare {
    const known = this.#clusters.get(cluster);
    if (known) return known;
    const share = new ClusterShare(Math.ceil((this.#seats * TIMES_FREE) / (TIMES_FREE + 1)));
    this.#clusters.set(cluster, share);
    return share;
  }

  #mayHold = ({ held }: ClusterShare): boolean => held < TIMES_FREE * this.#free;

  #seat(cluster: string, share: ClusterShare, level: string): Seat {
    this.#free--;
    return () => {
      this.#free++;
      share.giveBack(level);
      this.#letGo(cluster, share);
      this.#letBegin();
    };
  }

  #refuse(cluster: string, share: ClusterShare, why: Refusal): Refusal {
    this.#letGo(cluster, share);
    return why;
  }

  /** What is at rest needs no memory. */
  #letGo(cluster: string, { held, waiting }: ClusterShare): void {
    if (held === 0 && waiting === 0) this.#clusters.delete(cluster);
  }

  #wait({ cluster, flow, distinguisher, patience }: Asked, share: ClusterShare, level: string): Refusal | Promise<Seat | Refusal> {
    const { promise, resolve } = Promise.withResolvers<Seat | Refusal>();
    const leave = share.queue(flow, distinguisher, {
      begin: () => {
        this.#freeToWait++;
        waitsNoLonger();
        resolve(this.#seat(cluster, share, level));
      },
    });
    if (!leave) return this.#refuse(cluster, share, 'queue-full');
    this.#freeToWait--;
    const waitsNoLonger = patience((why) => {
      this.#freeToWait++;
      leave();
      resolve(this.#refuse(cluster, share, why));
    });
    return promise;
  }

  /** Lets those begin for whom there are seats now, of the cluster with the fewest first. */
  #letBegin(): void {
    let waiting = [...this.#clusters.values()].filter((share) => share.waiting > 0);
    while (waiting.length > 0 && this.#free > 0) {
      const share = waiting.reduce((least, one) => (one.held < least.held ? one : least));
      const hasBegun = this.#mayHold(share) && share.next();
      waiting = waiting.filter((one) => one.waiting > 0 && (hasBegun || one !== share));
    }
  }
}

/** How many times of what is free a cluster may hold: nine parts of ten for one that is alone. */
const TIMES_FREE = 9;
