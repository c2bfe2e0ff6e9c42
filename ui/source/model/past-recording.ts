import { inLanes } from '../api/in-lanes.ts';
import type { WatchEvent } from '../api/watch.ts';
import type { Slim } from './kinds.ts';
import { addAll, listed, type Recording, recorded, type Timelines, told } from './recording.ts';
import { type ResourceName, resourceNames } from './resources.ts';
import { Timeline } from './timeline.ts';

/** A moment of the past: first what was there, and, once that is shown, what led to it and what came of it. */
export class PastRecording implements Recording {
  readonly timelines: Timelines;
  /** The moment that it was read for. */
  readonly offset: number;
  readonly #cluster: string;
  #from: number;
  #to: number;
  #surroundings: AbortController | undefined;

  private constructor(cluster: string, offset: number, timelines: Timelines) {
    this.#cluster = cluster;
    this.offset = offset;
    this.#from = offset;
    this.#to = offset;
    this.timelines = timelines;
  }

  /** What was there at an offset. Rejects with an ApiError. */
  static async at(offset: number, { cluster, signal }: { readonly cluster: string; readonly signal: AbortSignal }): Promise<PastRecording> {
    const timelines = await Promise.all(
      resourceNames.map(async (name) => {
        // Events, which are many and of the moment, come with what led to it.
        const { items } = name === 'events' ? { items: [] } : await listed(name, { cluster, at: offset, signal });
        return [name, new Timeline<Slim>(offset, items)] as const;
      }),
    );
    return new PastRecording(cluster, offset, Object.fromEntries(timelines) as unknown as Timelines);
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  /** About how much is kept: objects, and changes of them. */
  get size(): number {
    return resourceNames.reduce((sum, name) => sum + this.timelines[name].objects.size + this.timelines[name].steps.length, 0);
  }

  /**
   * Reads what led from an earlier offset to this, and what came of it up to a later one: all of either, or nothing of it. In this order, since the host has been at what is between then, and need not
   * go there again. Does nothing while it is under way. `grown` is told of each. Rejects with an ApiError.
   */
  async surround({ from, to, grown }: { readonly from: number; readonly to: number; readonly grown: () => void }): Promise<void> {
    if (this.#surroundings) return;
    const reading = new AbortController();
    this.#surroundings = reading;
    const { signal } = reading;
    try {
      if (from < this.#from) {
        const earlier = await this.#ofEach((name) => recorded(name, { cluster: this.#cluster, from, to: this.#from, signal }));
        for (const [name, timeline] of earlier) (this.timelines[name] as Timeline<Slim>).precede(timeline);
        this.#from = from;
        grown();
      }
      if (to > this.#to) {
        const later = await this.#ofEach(async (name) => {
          const all: WatchEvent<Slim>[] = [];
          await told(name, { cluster: this.#cluster, from: this.#to, to, signal }, (events) => all.push(...events));
          return all;
        });
        for (const [name, events] of later) addAll(this.timelines[name] as Timeline<Slim>, events);
        this.#to = to;
        grown();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (this.#surroundings === reading) this.#surroundings = undefined;
    }
  }

  /** While something else is looked at, nothing more is asked. */
  rest(): void {
    this.#surroundings?.abort();
    this.#surroundings = undefined;
  }

  #ofEach<T>(read: (name: ResourceName) => Promise<T>): Promise<(readonly [ResourceName, T])[]> {
    return inLanes(resourceNames, async (name) => [name, await read(name)] as const);
  }
}
