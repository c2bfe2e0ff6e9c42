import type { Random } from '../../core/env.ts';

/** Chance that a seed decides: the same seed draws the same numbers, on every machine. */
export class Chance implements Random {
  #state: Uint32Array;

  constructor(seed: string) {
    this.#state = stateOf(seed);
    // The first numbers of similar seeds are similar.
    for (let i = 0; i < 12; i++) this.next();
  }

  /** A number in [0, 1), of 32 bits (sfc32, from PractRand). */
  next(): number {
    const s = this.#state;
    const t = (s[0]! + s[1]! + s[3]!) | 0;
    s[3] = s[3]! + 1;
    s[0] = s[1]! ^ (s[1]! >>> 9);
    s[1] = s[2]! + (s[2]! << 3);
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + t;
    return (t >>> 0) / 0x1_0000_0000;
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number in [low, high], both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** One of the names, each as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const names = Object.keys(weights) as T[];
    let at = this.next() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      at -= weights[name];
      if (at < 0) return name;
    }
    return names.at(-1)!;
  }

  /** A time until the next of events that are `mean` apart on average. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}

/** Four words from a text (FNV-1a over it, from four bases). */
function stateOf(seed: string): Uint32Array {
  const state = Uint32Array.of(0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35);
  for (let i = 0; i < seed.length; i++) for (let k = 0; k < 4; k++) state[k] = Math.imul(state[k]! ^ (seed.charCodeAt(i) + k), 0x01000193);
  return state;
}
