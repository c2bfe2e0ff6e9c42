/**
 * A stream that takes from a source only what its reader takes from it. When the reader goes away, or `outer` aborts, the source is told and is let go.
 * `ended` is called when it is over in any of these ways, perhaps more than once: a source that was never asked never gets to its `finally`.
 */
export function streamOf(source: (stop: AbortSignal) => AsyncGenerator<Uint8Array>, outer: AbortSignal, ended: () => void): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  const end = () => {
    stop.abort();
    ended();
  };
  outer.addEventListener('abort', end, { once: true });
  if (outer.aborted) end();
  const iterator = source(stop.signal);
  const release = () => {
    outer.removeEventListener('abort', end);
    ended();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next().catch((error: unknown) => {
        release();
        throw error;
      });
      if (!done) return controller.enqueue(value);
      release();
      if (!stop.signal.aborted) controller.close();
      else closeQuietly(controller);
    },
    async cancel() {
      stop.abort();
      release();
      await iterator.return(undefined);
    },
  });
}

/** A stream whose reader went away is closed already. */
function closeQuietly(controller: ReadableStreamDefaultController): void {
  try {
    controller.close();
  } catch {}
}
