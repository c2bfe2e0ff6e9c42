import { type Elapsed, elapsedAt, type Milliseconds, type RealInstant, realInstant } from './instant.ts';

/**
 * Time, chance and identity, as the core sees them. Everything in `core/` takes them from an `Env` that its host hands over,
 * so that a run can be replayed and simulated. This file is the only one in `core/` that may touch the real ones.
 */
export interface Env {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
}

export interface Clock {
  /** Milliseconds since the Unix epoch, by the wall clock, which may be set forwards and back. For what other machines judge by theirs (tokens). */
  now(): RealInstant;
  /** Milliseconds since some moment, by a monotonic clock: for how long something took, or is to take. */
  elapsed(): Elapsed;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  sleep(ms: Milliseconds, signal?: AbortSignal): Promise<void>;
  /** Resolves once the input that is ready now has been taken in: what arrives together can be committed together. */
  turn(): Promise<void>;
}

export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

export interface Ids {
  /** An object's `metadata.uid`: a random (version 4) UUID. */
  uid(): string;
  /** The part that `metadata.generateName` gets: five letters and digits without vowels, as in Kubernetes. */
  suffix(): string;
}

// As they were when this was loaded: in a test's own process they may be replaced by fake ones, on which no host would go on.
const { setTimeout, clearTimeout, setImmediate } = globalThis;
const wallClock = Date.now;
const monotonicClock = performance.now.bind(performance);

/** The real clock, chance and identity, for hosts. */
export const systemEnv: Env = {
  clock: {
    now: () => realInstant(wallClock()),
    elapsed: () => elapsedAt(monotonicClock()),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done, { once: true });
      }),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  },
  random: { next: () => Math.random() },
  ids: idsFrom({ next: () => Math.random() }, () => crypto.randomUUID()),
};

/** Chance that is the same in every run (a linear congruential generator). */
export function seededRandom(seed: number): Random {
  let last = seed;
  return {
    next: () => {
      last = (Math.imul(last, 1664525) + 1013904223) >>> 0;
      return last / 2 ** 32;
    },
  };
}

/** Ids drawn from a source of chance; `uid` defaults to a version 4 UUID made from the same source. */
export function idsFrom(random: Random, uid = () => uuidFrom(random)): Ids {
  return { uid, suffix: () => suffixFrom(random) };
}

// The alphabet of apimachinery's rand.SafeEncodeString: no vowels and no look-alikes, so no bad words and no misreadings.
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

function suffixFrom(random: Random): string {
  let out = '';
  for (let i = 0; i < 5; i++) out += SAFE[Math.floor(random.next() * SAFE.length)];
  return out;
}

function uuidFrom(random: Random): string {
  let s = '';
  for (let i = 0; i < 32; i++) s += '0123456789abcdef'[Math.floor(random.next() * 16)];
  s = `${s.slice(0, 12)}4${s.slice(13, 16)}${'89ab'[Math.floor(random.next() * 4)]}${s.slice(17)}`;
  return `${s.slice(0, 8)}-${s.slice(8, 12)}-${s.slice(12, 16)}-${s.slice(16, 20)}-${s.slice(20)}`;
}
