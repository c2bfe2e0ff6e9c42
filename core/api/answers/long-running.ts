/** An answer that goes on after it was given: that of a watch. Kubernetes counts such requests apart ("long-running"). */
export interface LongRunning extends Response {
  /** Resolves when its stream has ended, or its client has gone away. */
  readonly over: Promise<void>;
}

export const isLongRunning = (response: Response): response is LongRunning => 'over' in response;

/** `body` makes the stream, and is given the function to call when it is over. */
export function answerLongRunning(body: (ended: () => void) => ReadableStream<Uint8Array>, { headers }: { headers: Headers }): LongRunning {
  const { promise, resolve } = Promise.withResolvers<void>();
  return Object.assign(new Response(body(resolve), { headers }), { over: promise });
}
