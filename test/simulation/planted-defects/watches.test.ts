import { describe, it } from 'vitest';
import type { Fetch } from '../../../core/api/server.ts';
import { bufferBytes, chance, type Defect, finds } from './finds.ts';

/** Defects of what watches tell. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    {
      name: 'a watch that leaves an event out',
      parts: { wrapFetch: framesWith((frames) => frames.slice(1)) },
      found: /watches, reliable: .* got .* and .*, and not /,
    },
    {
      name: 'a watch that tells an event twice',
      parts: { wrapFetch: framesWith(([first, ...rest]) => [first!, first!, ...rest]) },
      found: /watches, unique: .* got .* again/,
    },
    {
      name: 'a watch that turns events round',
      parts: { wrapFetch: framesWith((frames) => frames.toReversed()) },
      found: /watches, ordered: .* got .* after \d+/,
    },
    {
      name: 'a watch that tells one event as two',
      parts: { wrapFetch: framesWith(([first, ...rest]) => [first!, first!.replace(/"uid":"./g, '"uid":"'), ...rest]) },
      found: /watches, atomic: .* got .* apart from /,
    },
    { name: 'a watch that ends within a frame', parts: { wrapFetch: torn }, found: /watches, atomic: .* got a part of a frame/ },
    {
      name: 'a watch that is silent',
      parts: { wrapFetch: framesWith(() => []) },
      found: /watches, bookmarkable: .* got a bookmark of \d+ before /,
    },
    {
      name: 'a watch that goes on too late',
      parts: { wrapFetch: framesWith((frames, { piece, query }) => (piece === 0 && query.has('resourceVersion') ? frames.slice(1) : frames)) },
      found: /watches, resumable: .* went on behind \d+ with /,
    },
    { name: 'a watch that does not look at labels', parts: { wrapFetch: unselective }, found: /watches, filtered: .* got .*, which it did not ask for/ },
    {
      name: 'a watch that tells of what is deleted without its status',
      parts: { wrapFetch: framesWith((frames) => frames.map((frame) => (isOf('DELETED', frame) ? frame.replace(/"phase":"\w+"/, '"phase":""') : frame))) },
      found: /watches, previous: .* got DELETED of .*, which was not so before/,
    },
    {
      name: 'a watch that takes what is new for a change',
      parts: { wrapFetch: framesWith((frames) => frames.map((frame) => frame.replace('{"type":"ADDED"', '{"type":"MODIFIED"'))) },
      found: /watches, created: .* got MODIFIED of .* for ADDED of /,
    },
    {
      name: 'a watch that does not begin with all that is there',
      parts: { wrapFetch: framesWith((frames, { piece, query }) => (piece === 0 && query.has('sendInitialEvents') ? frames.slice(1) : frames), { share: 1 }) },
      slowReaders: true,
      found: /watches, beginning: .* began with \d+ objects at \d+, where the log has \d+/,
    },
    {
      name: 'a watch that falls asleep',
      parts: { wrapFetch: framesWith((frames, { piece }) => (piece < 2 ? frames : []), { share: 1, bookmarks: true }) },
      found: /watches, complete: .* saw up to \d+, and never the \d+ events from /,
    },
    {
      name: 'a watch that writes on, whether it is read or not',
      minutes: 0.3,
      parts: { wrapFetch: hasty },
      slowReaders: true,
      budget: { bufferBytes },
      found: /memory: api-\d+ held \d+ bytes that alpha-slow-reader had not taken/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

interface Piece {
  readonly query: URLSearchParams;
  /** How many pieces of events the watch has sent before. */
  readonly piece: number;
}

/** Changes what a watch sends, piece by piece: some of the pieces, and those whose first frame is a bookmark only when it is said so. */
function framesWith(change: (frames: string[], of: Piece) => string[], { share = 0.5, bookmarks = false } = {}) {
  return (fetch: Fetch): Fetch => {
    const strikes = chance();
    return async (request, sent) => {
      const response = await fetch(request, sent);
      const query = new URL(sent.target, 'https://simulation').searchParams;
      if (!query.has('watch') || !response.body) return response;
      let piece = 0;
      let rest = '';
      const decoder = new TextDecoder();
      const changed = new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          const frames = (rest + decoder.decode(bytes, { stream: true })).split('\n');
          rest = frames.pop()!;
          if (frames.length === 0) return;
          const isChanged = (bookmarks || !isOf('BOOKMARK', frames[0]!)) && strikes.happens(share);
          const out = isChanged ? change(frames, { query, piece }) : frames;
          piece++;
          if (out.length > 0) controller.enqueue(new TextEncoder().encode(`${out.join('\n')}\n`));
        },
      });
      return new Response(response.body.pipeThrough(changed), response);
    };
  };
}

const isOf = (type: string, frame: string) => frame.startsWith(`{"type":"${type}"`);

/** Ends a watch in the middle of what it sends. */
function torn(fetch: Fetch): Fetch {
  const strikes = chance();
  return async (request, sent) => {
    const response = await fetch(request, sent);
    if (!sent.target.includes('watch=true') || !response.body) return response;
    const changed = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        if (!strikes.happens(0.1)) return controller.enqueue(bytes);
        controller.enqueue(bytes.subarray(0, bytes.length >> 1));
        controller.terminate();
      },
    });
    return new Response(response.body.pipeThrough(changed), response);
  };
}

/** Takes all that a watch has to say, and keeps it for its reader. */
function hasty(fetch: Fetch): Fetch {
  return async (request, sent) => {
    const response = await fetch(request, sent);
    if (!sent.target.includes('watch=true') || !response.body) return response;
    const reader = response.body.getReader();
    const keeping = new ReadableStream<Uint8Array>({
      async start(controller) {
        void reader.read().then(function keep({ value, done }): void | Promise<void> {
          if (done) return controller.close();
          controller.enqueue(value);
          return reader.read().then(keep);
        });
      },
      cancel: (reason) => reader.cancel(reason),
    });
    return new Response(keeping, response);
  };
}

/** Watches the whole collection, whatever was selected. */
function unselective(fetch: Fetch): Fetch {
  return (request, { target }) => fetch(request, { target: target.includes('watch=true') ? target.replace('labelSelector', 'ignored') : target });
}
