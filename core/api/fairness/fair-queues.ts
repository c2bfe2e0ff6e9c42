/**
 * The requests that wait at a priority level, in queues that take turns: one queue that is long does not hold up another (start-time fair queuing: Goyal, Vin and Cheng,
 * 1996, with each request of the same length). It knows of no clock.
 */
export class FairQueues<Waiting> {
  readonly #queues = new Map<number, Queue<Waiting>>();
  /** The start of the request that was taken last. */
  #virtualTime = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  lengthOf(queue: number): number {
    return this.#queues.get(queue)?.waiting.size ?? 0;
  }

  add(index: number, waiting: Waiting): void {
    const queue = this.#queues.get(index) ?? { waiting: new Set(), start: this.#virtualTime };
    queue.waiting.add(waiting);
    this.#queues.set(index, queue);
    this.#length++;
  }

  /** Takes the one whose turn it is, which has to be there. */
  take(): Waiting {
    let next: [number, Queue<Waiting>] | undefined;
    for (const entry of this.#queues) if (!next || entry[1].start < next[1].start) next = entry;
    const [index, queue] = next!;
    const [waiting] = queue.waiting as Set<Waiting> & Iterable<Waiting>;
    this.#virtualTime = queue.start++;
    this.remove(index, waiting!);
    return waiting!;
  }

  /** It waits no longer. */
  remove(index: number, waiting: Waiting): void {
    const queue = this.#queues.get(index);
    if (!queue?.waiting.delete(waiting)) return;
    this.#length--;
    if (queue.waiting.size === 0) this.#queues.delete(index);
  }
}

interface Queue<Waiting> {
  /** In the order in which they came. */
  readonly waiting: Set<Waiting>;
  /** Of its first request, in virtual time. */
  start: number;
}
