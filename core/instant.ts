/**
 * The moments of two clocks that have nothing to do with each other (docs/decisions/0019-clocks.md). What mixes them does not compile:
 * a moment of real time is no number, so that neither arithmetic nor a comparison takes it together with a moment of cluster time, or with any number.
 */

/** A moment of a cluster's time, ms since the epoch: what objects and entries are stamped with, and what all that waits for a stamp waits for. */
export type ClusterInstant = number & { readonly [clusterTime]: true };

/** A moment by the wall clock of a host, which other machines judge by theirs: tokens, certificates. */
export interface RealInstant {
  readonly [realTime]: true;
}

/** A moment by the monotonic clock of a process: only what lies between two of them means something. */
export interface Elapsed {
  readonly [elapsedTime]: true;
}

/** For how long something waits in real time, ms. A wait of cluster time becomes one by the cluster's rate alone (`ClusterTime.delayUntil`). */
export type RealDelay = number & { readonly [realDuration]: true };

/** How long something is to take, ms of real time: any number but a moment. */
export type Milliseconds = number & { readonly [clusterTime]?: never };

export type Instant = ClusterInstant | RealInstant | Elapsed;

/** The moment `ms` after another (before it, when negative), of the same clock. */
export const plus = <T extends Instant>(instant: T, ms: number): T => ((instant as unknown as number) + ms) as unknown as T;

/** The ms from one moment to another, of the same clock. */
export const between = <T extends Instant>(from: T, to: NoInfer<T>): number => (to as unknown as number) - (from as unknown as number);

/** The earlier of two moments of one clock. */
export const earlierOf = <T extends Instant>(one: T, other: NoInfer<T>): T => (other < one ? other : one);

/** The moment of cluster time that a Kubernetes time names, or that was computed from such. */
export const clusterInstant = (at: number | string): ClusterInstant => (typeof at === 'string' ? Date.parse(at) : at) as ClusterInstant;

/** `ms` since the epoch, by a wall clock. */
export const realInstant = (ms: number): RealInstant => ms as unknown as RealInstant;

/** The ms since the epoch of a moment of real time: to write it down, for other machines. */
export const epochMs = (instant: RealInstant): number => instant as unknown as number;

/** `ms` since whatever moment this clock counts from. */
export const elapsedAt = (ms: number): Elapsed => ms as unknown as Elapsed;

export const realDelay = (ms: number): RealDelay => ms as RealDelay;

declare const clusterTime: unique symbol;
declare const realTime: unique symbol;
declare const elapsedTime: unique symbol;
declare const realDuration: unique symbol;
