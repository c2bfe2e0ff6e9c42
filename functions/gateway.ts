import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { APIGatewayProxyEvent } from 'aws-lambda';

/**
 * The request that a REST API of API Gateway got (Amazon API Gateway Developer Guide, "Input format of a Lambda function for proxy integration"). The path comes without
 * the stage and still percent-encoded; the query comes decoded. A body that came with a GET is left out, as Kubernetes ignores it.
 */
export function requestOf(event: APIGatewayProxyEvent): Request {
  const { httpMethod: method, requestContext, path } = event;
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) for (const value of values ?? []) query.append(name, value);
  const headers = new Headers();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) for (const value of values ?? []) headers.append(name, value);
  const url = `https://${requestContext.domainName ?? 'localhost'}${path}${query.size > 0 ? `?${query}` : ''}`;
  if (event.body === null || method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const body = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  headers.set('content-length', String(body.length));
  return new Request(url, { method, headers, body });
}

/**
 * Streams a response as API Gateway wants it ("Set up a Lambda proxy integration with payload response streaming"). Resolves when all is sent, or when
 * whoever asked is gone: then the body is cancelled, which ends a watch.
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
