import type { PastRecording } from './past-recording.ts';

/** How much is kept, in objects and changes of them: some times that of a cluster of ten thousand pods. */
const MOST = 160_000;

/** What was read of the past: going back to it asks nothing. Bounded; what was looked at longest ago goes first, and what is looked at stays. */
export class PastRecordings {
  readonly #most: number;
  /** What was looked at last comes last. */
  #kept: PastRecording[] = [];

  constructor(most = MOST) {
    this.#most = most;
  }

  /** The one that has an offset; it counts as looked at. */
  at(offset: number): PastRecording | undefined {
    const found = this.#kept.findLast(({ from, to }) => from <= offset && offset <= to);
    if (found) this.keep(found);
    return found;
  }

  /** Keeps one that is looked at, or has grown. */
  keep(recording: PastRecording): void {
    this.#kept = [...this.#kept.filter((other) => other !== recording && !isWithin(other, recording)), recording];
    let size = this.#kept.reduce((sum, kept) => sum + kept.size, 0);
    while (size > this.#most && this.#kept.length > 1) size -= this.#kept.shift()!.size;
  }

  forgetAll(): void {
    this.#kept = [];
  }
}

const isWithin = (one: PastRecording, other: PastRecording): boolean => one.from >= other.from && one.to <= other.to;
