import { badRequest, requestTooLarge } from '../../status.ts';
import type { Call } from '../call.ts';

/** Takes in the body of a request that changes something. Throws 413 for one over the limit, without reading it to its end. */
export async function readBody(call: Call): Promise<undefined> {
  const { request, info } = call;
  if (info.type === 'path' || request.method === 'GET' || !request.body) return;
  const limit = call.api.limits.bodyBytes;
  const announced = request.headers.get('content-length');
  if (announced !== null && Number(announced) > limit) throw tooLarge(limit);
  try {
    call.body = announced !== null ? new Uint8Array(await request.arrayBuffer()) : await readUpTo(request.body, limit);
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === 'AbortError') throw badRequest('the body of the request could not be read');
    throw error;
  }
}

const tooLarge = (limit: number) => requestTooLarge(`Request entity too large: limit is ${limit}`);

async function readUpTo(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
