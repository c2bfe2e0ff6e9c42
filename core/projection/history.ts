import type { Offset } from '../log/log.ts';
import type { KubeObject } from '../object.ts';
import type { Change } from './state.ts';

export interface HistoryOptions {
  /** How many of the newest changes are kept at least. */
  readonly limit: number;
  /** How many bytes of objects that are no longer current the kept changes may hold on to; fewer changes are kept when they would be more. */
  readonly bytes: number;
}

/**
 * The newest changes of a projection. Bounded in number and in bytes: every version of a large object that a change replaced stays in memory
 * as long as the change does. Up to twice as much is kept before it is cut, so that forgetting costs nothing per event.
 */
export class History {
  readonly #options: HistoryOptions;
  #changes: Change[] = [];
  /** What each change holds on to, in bytes. */
  #held: number[] = [];
  #bytes = 0;
  #start: Offset = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** The changes after this offset are kept. */
  get start(): Offset {
    return this.#start;
  }

  /** How many bytes of replaced and deleted objects are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins anew after an offset. */
  restart(offset: Offset): void {
    this.#changes = [];
    this.#held = [];
    this.#bytes = 0;
    this.#start = offset;
  }

  push(changes: readonly Change[]): void {
    for (const change of changes) {
      const held = heldBy(change);
      this.#changes.push(change);
      this.#held.push(held);
      this.#bytes += held;
    }
    const { limit, bytes } = this.#options;
    if (this.#changes.length > 2 * limit || this.#bytes > 2 * bytes) this.#cut();
  }

  /** The changes after an offset, oldest first (at most `limit`); undefined when they are no longer all kept. */
  after(offset: Offset, limit = Number.POSITIVE_INFINITY): readonly Change[] | undefined {
    if (offset < this.#start) return undefined;
    const first = offset - this.#start;
    return this.#changes.slice(first, first + limit);
  }

  #cut(): void {
    const { limit, bytes } = this.#options;
    let first = Math.max(0, this.#changes.length - limit);
    for (let i = 0; i < first; i++) this.#bytes -= this.#held[i]!;
    while (this.#bytes > bytes) this.#bytes -= this.#held[first++]!;
    this.#changes = this.#changes.slice(first);
    this.#held = this.#held.slice(first);
    this.#start += first;
  }
}

/** What only the memory of a change keeps alive: the parts of the object before it that the object after it does not share. In bytes, about. */
export function heldBy({ type, object, previous }: Pick<Change, 'type' | 'object' | 'previous'>): number {
  return CHANGE + (type === 'DELETED' ? sizeOf(object) : previous ? unshared(previous, object) : 0);
}

// Rounded sizes of V8: a change and its place; a value or a reference; a header and what it points to.
const CHANGE = 150;
const VALUE = 8;
const HEADER = 32;

// `for in` over plain objects allocates nothing: this runs for every change.
function unshared(before: Fields, after: Fields): number {
  let bytes = HEADER;
  for (const name in before) {
    const was = before[name];
    const is = after[name];
    bytes += VALUE;
    if (was === is) continue;
    bytes += isFields(was) && isFields(is) ? unshared(was, is) : sizeOf(was);
  }
  return bytes;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return HEADER + value.length;
  if (typeof value !== 'object' || value === null) return VALUE;
  let bytes = HEADER;
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) bytes += VALUE + sizeOf(value[i]);
  else for (const name in value) bytes += VALUE + name.length + sizeOf((value as Fields)[name]);
  return bytes;
}

type Fields = KubeObject | Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
