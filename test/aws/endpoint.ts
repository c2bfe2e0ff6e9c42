import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request of the AWS SDK, as it came by. */
export interface Call {
  /** The function that made it, by the access key that it was given. */
  readonly caller: string;
  /** `PutItem`, `SendMessageBatch` */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of any AWS request
  readonly input: any;
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of any AWS answer
  readonly output: any;
  readonly status: number;
}

export interface EndpointOptions {
  /** The port of the server behind. */
  readonly target: number;
  readonly observe: (call: Call) => void;
  /** Whether a request is answered with 503 in place of being passed on. */
  readonly refuse: (call: Pick<Call, 'caller' | 'operation' | 'input'>) => boolean;
}

/** Stands between the functions and a double of an AWS service: sees every request with its answer, and can be out of order. */
export async function startEndpoint(options: EndpointOptions): Promise<{ port: number; close: () => Promise<void> }> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming);
    const call = {
      caller: /Credential=([^/]+)/.exec(incoming.headers.authorization ?? '')?.[1] ?? 'nobody',
      operation: String(incoming.headers['x-amz-target']).split('.').at(-1)!,
      input: JSON.parse(body || '{}'),
    };
    if (options.refuse(call)) {
      options.observe({ ...call, status: 503, output: undefined });
      outgoing.writeHead(503, { 'content-type': 'application/x-amz-json-1.0' }).end('{"__type":"ServiceUnavailable","message":"refused by the test"}');
      return;
    }
    const answer = await forward({ incoming, body, outgoing, port: options.target, agent }).catch(() => undefined);
    if (!answer) return void outgoing.destroy();
    options.observe({ ...call, status: answer.status, output: parsed(answer.body) });
    // What the double says of itself (its port, its chunks) is not true here.
    const { 'content-length': _length, 'transfer-encoding': _encoding, connection: _connection, ...headers } = answer.headers;
    outgoing.writeHead(answer.status, headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => close(server, agent) };
}

interface Forward {
  readonly incoming: IncomingMessage;
  readonly body: string;
  readonly outgoing: ServerResponse;
  readonly port: number;
  readonly agent: Agent;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function forward({ incoming, body, outgoing, port, agent }: Forward): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, url: path, headers } = incoming;
    const onwards = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode!, headers: answer.headers, body }), reject);
    });
    onwards.on('error', reject);
    // A long poll ends with its caller.
    outgoing.once('close', () => onwards.destroy());
    onwards.end(body);
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function close(server: Server, agent: Agent): Promise<void> {
  agent.destroy();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
