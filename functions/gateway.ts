import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { APIGatewayProxyEvent } from 'aws-lambda';

/** A request, and the target of its request line. */
export interface Sent {
  readonly request: Request;
  readonly target: string;
  /** The address that API Gateway was called from. */
  readonly peer: string | undefined;
  /** The URL up to the target, as API Gateway knows it: the domain that it was called by, and the stage or the base path. */
  readonly base: string;
}

/**
 * The request that a REST API of API Gateway got (Amazon API Gateway Developer Guide, "Input format of a Lambda function for proxy integration"). The path comes without
 * the stage and still percent-encoded, with its dot segments; the query comes decoded. A body that came with a GET is left out, as Kubernetes ignores it.
 */
export function requestOf(event: APIGatewayProxyEvent): Sent {
  const { httpMethod: method } = event;
  const peer = event.requestContext.identity?.sourceIp;
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) for (const value of values ?? []) query.append(name, value);
  const headers = new Headers();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) for (const value of values ?? []) headers.append(name, value);
  // A path that something on the way decoded must not end where its name has a question mark.
  const path = event.path.replaceAll('?', '%3F');
  const target = query.size > 0 ? `${path}?${query}` : path;
  const base = baseOf(event);
  if (event.body === null || method === 'GET' || method === 'HEAD') return { request: new Request(ANY_URL, { method, headers }), target, base, peer };
  const body = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  headers.set('content-length', String(body.length));
  return { request: new Request(ANY_URL, { method, headers, body }), target, base, peer };
}

function baseOf({ path, requestContext }: APIGatewayProxyEvent): string {
  const { path: whole = path } = requestContext;
  return `https://${requestContext.domainName}${whole.endsWith(path) ? whole.slice(0, -path.length) : ''}`;
}

/** A Request has to have one; what was asked for is the target. */
const ANY_URL = 'https://localhost';

/**
 * Streams a response as API Gateway wants it ("Set up a Lambda proxy integration with payload response streaming"). Resolves when all is sent, or when
 * the client is gone: then the body is cancelled, which ends a watch.
 */
export async function answer(response: Response, stream: awslambda.HttpResponseStream): Promise<void> {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: response.status, headers: Object.fromEntries(response.headers) });
  // The runtime sends the status and the headers with the first write: a watch may have nothing else to say for a while.
  out.write('');
  if (!response.body) return void out.end();
  try {
    await pipeline(Readable.fromWeb(response.body as ReadableStream), out);
  } catch (error) {
    if (!out.destroyed) throw error;
  }
}
