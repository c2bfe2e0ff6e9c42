import { badRequest, requestTooLarge, StatusError } from '../../kube/status.ts';
import type { ReadCall, WriteCall } from '../call.ts';

/** Takes in the body of a request that changes something. Throws 413 for one over the limit, and keeps nothing of it. */
export async function readBody({ request, api }: ReadCall): Promise<Body> {
  if (request.method === 'GET') return { body: NONE };
  const limit = api.limits.bodyBytes;
  let body: Uint8Array;
  try {
    // What is announced and fits is taken at once: a stream, and to ask whether there is one, costs more.
    body = fits(request, limit) ? new Uint8Array(await request.arrayBuffer()) : request.body ? await readUpTo(request.body, limit) : NONE;
  } catch (error) {
    // Whatever it is: the client went away, was too slow, or did not send what it announced.
    throw error instanceof StatusError ? error : badRequest('the body of the request could not be read');
  }
  if (body.length > limit) throw tooLarge(limit);
  return { body };
}

type Body = Pick<WriteCall, 'body'>;

const NONE = new Uint8Array(0);

function fits({ headers }: ReadCall['request'], limit: number): boolean {
  const announced = headers.get('content-length');
  return announced !== null && Number(announced) <= limit;
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
