import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Lambda } from './lambda.ts';

export const STAGE = 'test';

/** The event that a REST API with `binaryMediaTypes: ['*\/*']` makes of a request: the body in base64, the query decoded, the path as it came, without the stage. */
export async function eventOf(target: string, request: Request): Promise<APIGatewayProxyEvent> {
  const [pathname, query = ''] = target.split(/\?(.*)/s) as [string, string?];
  const searchParams = new URLSearchParams(query);
  const body = Buffer.from(await request.arrayBuffer());
  const multiValueHeaders = Object.fromEntries([...request.headers].map(([name, value]) => [name, [value]]));
  const multiValueQuery = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
  return {
    resource: pathname === '/' ? '/' : '/{proxy+}',
    path: pathname,
    httpMethod: request.method,
    headers: Object.fromEntries(request.headers),
    multiValueHeaders,
    queryStringParameters: searchParams.size > 0 ? Object.fromEntries(searchParams) : null,
    multiValueQueryStringParameters: searchParams.size > 0 ? multiValueQuery : null,
    pathParameters: pathname === '/' ? null : { proxy: pathname.slice(1) },
    stageVariables: null,
    body: body.length > 0 ? body.toString('base64') : null,
    isBase64Encoded: body.length > 0,
    requestContext: {
      domainName: 'abcdef.execute-api.eu-west-1.amazonaws.com',
      path: `/${STAGE}${pathname}`,
      stage: STAGE,
      protocol: 'HTTP/1.1',
      identity: { sourceIp: '203.0.113.7' },
    } as APIGatewayProxyEvent['requestContext'],
  };
}

/** Passes a request, whose target in the request line is `target`, to a streaming function and its answer back, from when the status and the headers are there. `request.signal` is the client going away. */
export async function throughGateway(lambda: Lambda, target: string, request: Request): Promise<Response> {
  const event = await eventOf(target, request);
  return new Promise((resolve, reject) => {
    let head: Buffer | undefined = Buffer.alloc(0);
    let body!: ReadableStreamDefaultController<Uint8Array>;
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        body = controller;
      },
      cancel() {
        cancelled = true;
      },
    });
    const onChunk = (bytes: Uint8Array) => {
      if (!head) return void (cancelled || body.enqueue(bytes));
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf(DELIMITER);
      if (end === -1) return;
      const { statusCode, headers } = JSON.parse(head.subarray(0, end).toString()) as { statusCode: number; headers: Record<string, string> };
      const rest = head.subarray(end + DELIMITER.length);
      head = undefined;
      if (rest.length > 0) body.enqueue(rest);
      resolve(new Response(NO_BODY.includes(statusCode) ? null : stream, { status: statusCode, headers }));
    };
    lambda.invoke(event, { onChunk, gone: request.signal }).then(
      () => {
        // What API Gateway says when a function does not answer in its format.
        if (head) resolve(new Response('{"message": "Internal server error"}', { status: 502 }));
        else if (!cancelled) body.close();
      },
      (error) => {
        if (head) reject(error);
        else if (!cancelled) body.error(error);
      },
    );
  });
}

const DELIMITER = Buffer.alloc(8);
const NO_BODY = [101, 204, 205, 304];
