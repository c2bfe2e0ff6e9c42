/**
 * A stream that takes from a source only what its reader takes from it, and hands it on in slices: nothing is fetched ahead, so a reader that stands still
 * holds up one piece of the source, and what carries the stream some slices of it. When the reader goes away, or `outer` aborts, the source is told and is
 * let go. `ended` is called when it is over in any of these ways, perhaps more than once: a source that was never asked never gets to its `finally`.
 */
export function streamOf(source: (stop: AbortSignal) => AsyncGenerator<Uint8Array>, outer: AbortSignal, ended: () => void): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  const end = () => {
    stop.abort();
    ended();
  };
  outer.addEventListener('abort', end, { once: true });
  if (outer.aborted) end();
  const iterator = sliced(source(stop.signal));
  const release = () => {
    outer.removeEventListener('abort', end);
    ended();
  };
  return new ReadableStream<Uint8Array>(
    {
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
    },
    { highWaterMark: 0 },
  );
}

/** How much goes out at once, in bytes: Node and TLS keep copies of what a socket does not take. */
export const SLICE = 64 * 1024;

async function* sliced(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += SLICE) yield piece.subarray(at, at + SLICE);
  }
}

/** A stream whose reader went away is closed already. */
function closeQuietly(controller: ReadableStreamDefaultController): void {
  try {
    controller.close();
  } catch {}
}
