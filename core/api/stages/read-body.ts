import { badRequest, requestTooLarge, StatusError } from '../../kube/status.ts';
import type { ReadCall, WriteCall } from '../call.ts';

/** Takes in the body of a request that changes something. Throws 413 for one over the limit, and keeps nothing of it. */
export function readBody({ request, api }: ReadCall): Body | Promise<Body> {
  if (request.method === 'GET' || !request.body) return { body: NONE };
  return read(request, request.body, api.limits.bodyBytes);
}

type Body = Pick<WriteCall, 'body'>;

const NONE = new Uint8Array(0);

async function read(request: ReadCall['request'], stream: ReadableStream<Uint8Array>, limit: number): Promise<Body> {
  const announced = request.headers.get('content-length');
  let body: Uint8Array;
  try {
    // What is announced and fits is taken at once: to read a stream costs more.
    const fits = announced !== null && Number(announced) <= limit;
    body = fits ? new Uint8Array(await request.arrayBuffer()) : await readUpTo(stream, limit);
  } catch (error) {
    // Whatever it is: the client went away, was too slow, or did not send what it announced.
    throw error instanceof StatusError ? error : badRequest('the body of the request could not be read');
  }
  if (body.length > limit) throw tooLarge(limit);
  return { body };
}

const tooLarge = (limit: number) => requestTooLarge(`Request entity too large: limit is ${limit}`);

// A client that is still sending when it is answered may see a broken connection and no answer: it may send this many times the limit first.
const TAKEN_IN = 4;

async function readUpTo(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks = [];
    // Leaving the loop early cancels the stream.
    if (size > TAKEN_IN * limit) break;
  }
  if (size > limit) throw tooLarge(limit);
  return Buffer.concat(chunks);
}
