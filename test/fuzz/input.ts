import type { RequestOptions } from '../../core/testing/server.ts';

/** One kind of input that a client controls, in any size. */
export type Input = RequestInput | CallInput;

/** Sent to a server through the whole API, as a dry run where it would change something. */
export interface RequestInput {
  readonly name: string;
  /** The largest size, in what the generator counts (elements, characters): as much as the server's limits let through, or a little more. */
  readonly size: number;
  /** The size in `npm test`, where the largest takes long. */
  readonly short?: number;
  readonly request: (size: number) => { readonly line: string; readonly options?: RequestOptions };
  /** What is answered to the largest size. */
  readonly code: number;
}

/** Handed to a function that a client does not reach at once: it works when a controller, the scheduler or a node looks at the object. */
export interface CallInput {
  readonly name: string;
  readonly size: number;
  readonly short?: number;
  /** Makes the input of a size, and says what to do with it. */
  readonly prepare: (size: number) => (() => unknown) | Promise<() => unknown>;
}

export const times = <T>(count: number, element: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => element(i));

/** `{ k0: …, k1: … }` */
export const fields = <T>(count: number, value: (i: number) => T, key = 'k'): Record<string, T> =>
  Object.fromEntries(times(count, (i): [string, T] => [`${key}${i}`, value(i)]));

export const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
export const PODS = '/api/v1/namespaces/default/pods';
