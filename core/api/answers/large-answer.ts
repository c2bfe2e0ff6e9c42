import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ReceivedCall } from '../call.ts';
import { gzipOf, LEVEL } from '../codec/deflated.ts';
import type { Portion } from '../codec/portion.ts';

interface Answered {
  readonly request: ReceivedCall['request'];
  readonly headers: Headers;
  readonly status?: number;
}

/**
 * An answer in pieces, each made when the one before is taken: a client that stands still holds up a piece or two, and what they are made of. One that takes gzip is
 * given what is large in it (API concepts, "Resource compression"; staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go).
 */
export const answerPieces = (pieces: Iterator<Uint8Array, undefined>, answered: Answered): Response =>
  answer(pieces, answered, { size: ({ length }) => length, bytes: (piece) => piece, compressed: gzipped });

/** The same for what may be there compressed already. */
export const answerPortions = (portions: Iterator<Portion, undefined>, answered: Answered): Response =>
  answer(portions, answered, {
    size: ({ size }) => size,
    bytes: ({ bytes }) => bytes,
    compressed: (all) => streamOf(gzipOf(mapped(all, ({ deflated }) => deflated))),
  });

/** What can be made of the pieces of an answer. */
interface Ways<P> {
  size(piece: P): number;
  bytes(piece: P): Uint8Array;
  compressed(pieces: Generator<P, undefined>): ReadableStream<Uint8Array>;
}

function answer<P>(pieces: Iterator<P, undefined>, { request, headers, status = 200 }: Answered, ways: Ways<P>): Response {
  const begin: P[] = [];
  for (let size = 0; size <= THRESHOLD; ) {
    const { value, done } = pieces.next();
    if (done) return new Response(joined(begin.map(ways.bytes)), { status, headers });
    begin.push(value);
    size += ways.size(value);
  }
  const all = continued(begin, pieces);
  if (!takesGzip(request)) return new Response(streamOf(mapped(all, ways.bytes)), { status, headers });
  headers.set('content-encoding', 'gzip');
  headers.append('vary', 'Accept-Encoding');
  return new Response(ways.compressed(all), { status, headers });
}

/** An answer that is there already. */
export function answerBytes(bytes: Uint8Array, { request, headers, status = 200 }: Answered): Response {
  if (bytes.length > THRESHOLD && takesGzip(request)) return answerPieces([bytes].values() as Iterator<Uint8Array, undefined>, { request, headers, status });
  return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers });
}

/** `defaultGzipThresholdBytes` of kube-apiserver. */
const THRESHOLD = 128 * 1024;

/** As kube-apiserver reads the header (negotiateContentEncoding): the bare word, whatever else there is. */
const takesGzip = ({ headers }: ReceivedCall['request']): boolean => (headers.get('accept-encoding') ?? '').split(',').some((token) => token.trim() === 'gzip');

const joined = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)) as Uint8Array<ArrayBuffer>;

function* continued<P>(begin: P[], rest: Iterator<P, undefined>): Generator<P, undefined> {
  for (let piece = begin.shift(); piece; piece = begin.shift()) yield piece;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

function* mapped<P, Q>(pieces: Iterable<P>, made: (piece: P) => Q): Generator<Q, undefined> {
  for (const piece of pieces) yield made(piece);
}

function streamOf(pieces: Iterator<Uint8Array, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
}

/** zlib works in threads of its own; what it has made waits until it is taken. */
function gzipped(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const gzip = createGzip({ level: LEVEL });
  // A client that goes away destroys it, which ends the pieces too.
  pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 1 }), gzip, () => undefined);
  return Readable.toWeb(gzip, { strategy: { highWaterMark: 0 } }) as ReadableStream<Uint8Array>;
}
