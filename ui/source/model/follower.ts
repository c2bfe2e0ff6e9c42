import { ApiError, Unreachable } from '../api/client.ts';
import { inLanes } from '../api/in-lanes.ts';
import { pause } from '../api/pause.ts';
import { watch } from '../api/watch.ts';
import type { Slim } from './kinds.ts';
import { addAll, listed, type Recording, recorded, type Timelines } from './recording.ts';
import { type ResourceName, resourceNames, resources } from './resources.ts';
import { Timeline } from './timeline.ts';

interface FollowerOptions {
  readonly cluster: string;
  /** Told when something is new, up to an offset. */
  readonly moved: (offset: number) => void;
  /** Told what goes wrong, and with nothing when it goes on. */
  readonly problem: (resource: ResourceName, error: Error | undefined) => void;
  /** Told when what is read anew is of another log: this one's cluster is gone. */
  readonly another: () => void;
}

/** How many of the newest offsets the Events are shown of at first. */
const EVENTS_BACK = 4_000;

/** How long until what went wrong is tried again, in ms: twice as long each time. Nobody waits for the host longer than a few seconds once it is there again. */
const AGAIN_MS = 500;
const AGAIN_AT_MOST_MS = 15_000;
const UNREACHABLE_AT_MOST_MS = 4_000;
/** A watch goes on for minutes. One that ends at once is not asked for again at once. */
const SHORT_MS = 2_000;

/** A cluster as it is: every resource is listed once and then watched, again after whatever goes wrong. What has happened meanwhile is kept, so that one can go back in it. */
export class Follower implements Recording {
  readonly timelines = Object.fromEntries(resourceNames.map((name) => [name, new Timeline(Number.MAX_SAFE_INTEGER, [])])) as unknown as Timelines;
  readonly to = Number.POSITIVE_INFINITY;
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  readonly #begun = new Set<ResourceName>();
  #paused = new AbortController();
  #isPaused = false;
  /** Aborts when one resource can be read again: then the others are tried as well. */
  #recovered = new AbortController();

  constructor(options: FollowerOptions) {
    this.#options = options;
    for (const name of resourceNames) if (name !== 'events') void this.#follow(name);
  }

  get from(): number {
    return Math.max(...resourceNames.map((name) => this.timelines[name].from));
  }

  /** Whether there is a first picture. */
  get hasBegun(): boolean {
    return this.#begun.size === resourceNames.length;
  }

  close(): void {
    this.#stop.abort();
    this.#paused.abort();
  }

  /** While nobody looks, nothing is asked: a watch costs, where it is a function that runs. */
  pause(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#paused.abort();
    else {
      this.#paused = new AbortController();
      for (const name of this.#begun) void this.#follow(name);
    }
  }

  /** Adds what happened between an earlier offset and where this begins. */
  async extendBack(to: number): Promise<void> {
    const { cluster } = this.#options;
    const { signal } = this.#stop;
    await inLanes(resourceNames, async (name) => {
      const timeline = this.timelines[name] as Timeline<Slim>;
      if (timeline.from > to) timeline.precede(await recorded(name, { cluster, from: to, to: timeline.from, signal }));
    });
  }

  async #follow(name: ResourceName): Promise<void> {
    const { problem, cluster } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, this.#paused.signal]);
    let failures = 0;
    let after = this.#begun.has(name) ? this.#reached.get(name) : undefined;
    while (!signal.aborted) {
      try {
        after ??= await this.#list(name, signal);
        const { path, fields } = resources[name];
        const started = performance.now();
        const begun = () => {
          if (failures === 0) return;
          failures = 0;
          problem(name, undefined);
          this.#recovered.abort();
          this.#recovered = new AbortController();
        };
        for await (const events of watch<Slim>({ where: { cluster }, path, fields, after, signal, begun })) {
          after = Math.max(after, addAll(this.timelines[name] as Timeline<Slim>, events));
          this.#reached.set(name, after);
          this.#options.moved(after);
        }
        if (performance.now() - started < SHORT_MS) await pause(SHORT_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        // What came after is no longer kept: all of it is read anew (API concepts, "410 Gone responses").
        if (error instanceof ApiError && (error.code === 410 || error.code === 504)) after = undefined;
        problem(name, error as Error);
        // What somebody may not read is not there for them, and holds up nothing else.
        if (error instanceof ApiError && (error.code === 403 || error.code === 404) && !this.#begun.has(name)) {
          this.timelines[name].from = 0;
          return this.#begin(name, 1);
        }
        const most = error instanceof Unreachable ? UNREACHABLE_AT_MOST_MS : AGAIN_AT_MOST_MS;
        await pause(Math.min(most, AGAIN_MS * 2 ** failures++) * (0.5 + Math.random()), signal, this.#recovered.signal);
      }
    }
  }

  readonly #reached = new Map<ResourceName, number>();

  async #list(name: ResourceName, signal: AbortSignal): Promise<number> {
    const isFirst = !this.#begun.has(name);
    if (name === 'events') {
      const after = this.#reached.get('events') ?? Math.max(0, this.timelines.nodes.from - EVENTS_BACK);
      if (isFirst) this.timelines.events.from = after;
      this.#begin(name, after);
      return Math.max(after, 1);
    }
    const { offset, items } = await listed(name, { cluster: this.#options.cluster, signal });
    const timeline = this.timelines[name] as Timeline<Slim>;
    if (offset < (this.#reached.get(name) ?? 0)) this.#options.another();
    signal.throwIfAborted();
    if (isFirst) {
      timeline.from = offset;
      timeline.begin(items);
    } else timeline.replace(offset, items);
    this.#begin(name, offset);
    this.#options.problem(name, undefined);
    return offset;
  }

  #begin(name: ResourceName, offset: number): void {
    const isFirst = !this.#begun.has(name);
    this.#begun.add(name);
    this.#reached.set(name, offset);
    this.#options.moved(offset);
    // Events are told from an offset on, which is known with the first list.
    if (isFirst && name === 'nodes') void this.#follow('events');
  }
}
