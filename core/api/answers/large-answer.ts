import { pipeline, Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { ReceivedCall } from '../call.ts';

interface Answered {
  readonly request: ReceivedCall['request'];
  readonly headers: Headers;
  readonly status?: number;
}

/**
 * An answer in pieces, each made when the one before is taken: a client that stands still holds up a piece or two, and what they are made of. One that takes gzip is
 * given what is large in it (API concepts, "Resource compression"; staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go).
 */
export function answerPieces(pieces: Iterator<Uint8Array, undefined>, { request, headers, status = 200 }: Answered): Response {
  const begin: Uint8Array[] = [];
  for (let size = 0; size <= THRESHOLD; ) {
    const { value, done } = pieces.next();
    if (done) return new Response(joined(begin), { status, headers });
    begin.push(value);
    size += value.length;
  }
  const all = continued(begin, pieces);
  if (!takesGzip(request)) return new Response(streamOf(all), { status, headers });
  headers.set('content-encoding', 'gzip');
  headers.append('vary', 'Accept-Encoding');
  return new Response(gzipped(all), { status, headers });
}

/** An answer that is there already. */
export function answerBytes(bytes: Uint8Array, { request, headers, status = 200 }: Answered): Response {
  if (bytes.length > THRESHOLD && takesGzip(request)) return answerPieces([bytes].values() as Iterator<Uint8Array, undefined>, { request, headers, status });
  return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers });
}

/** `defaultGzipThresholdBytes` and `defaultGzipContentEncodingLevel` of kube-apiserver. */
const THRESHOLD = 128 * 1024;
const LEVEL = constants.Z_BEST_SPEED;

/** As kube-apiserver reads the header (negotiateContentEncoding): the bare word, whatever else there is. */
const takesGzip = ({ headers }: ReceivedCall['request']): boolean => (headers.get('accept-encoding') ?? '').split(',').some((token) => token.trim() === 'gzip');

const joined = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)) as Uint8Array<ArrayBuffer>;

function* continued(begin: Uint8Array[], rest: Iterator<Uint8Array, undefined>): Generator<Uint8Array, undefined> {
  for (let piece = begin.shift(); piece; piece = begin.shift()) yield piece;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
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
