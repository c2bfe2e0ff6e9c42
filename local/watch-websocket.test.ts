import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemEnv } from '../core/env.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

let host: Host;
const problems: unknown[] = [];
beforeAll(async () => {
  host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: secrets(undefined),
    port: 0,
    nodes: 0,
    cluster: 'default',
    problem: (...all) => problems.push(all),
  });
});
afterAll(async () => {
  await host.close();
  expect(problems).toEqual([]);
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const bearer = () => ({ authorization: `Bearer ${host.token}` });

const open = (target: string, { headers = bearer(), protocols = [] }: { headers?: Record<string, string>; protocols?: string[] } = {}) =>
  new WebSocket(`${host.url.replace('https', 'wss')}${target}`, protocols, { ca: host.ca, headers });

/** The next messages of a watch, as they came. */
const messages = (socket: WebSocket, count: number): Promise<{ data: Buffer; binary: boolean }[]> =>
  new Promise((resolve, reject) => {
    const all: { data: Buffer; binary: boolean }[] = [];
    socket.on('error', reject);
    socket.on('message', (data: Buffer, binary) => all.push({ data, binary }) === count && resolve(all));
  });

/** What was answered in the place of a WebSocket. */
const refusal = (socket: WebSocket): Promise<{ status: number | undefined; body: string }> =>
  new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
  });

const create = (name: string, run: string) =>
  host.fetch(
    new Request('https://localhost/', {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { name, labels: { run } } }),
    }),
    { target: CONFIGMAPS },
  );

describe('a watch over a WebSocket', () => {
  it.each([
    { name: 'with a token in its headers', options: {} },
    {
      name: 'with a token as a protocol, as a browser has to send it',
      get options() {
        return { headers: {}, protocols: [`base64url.bearer.authorization.k8s.io.${Buffer.from(host.token).toString('base64url')}`, 'binary.k8s.io'] };
      },
    },
  ])('tells each event in a message of its own, $name', async ({ options }) => {
    const run = `run-${Object.keys(options).length}`;
    const socket = open(`${CONFIGMAPS}?watch=true&labelSelector=run%3D${run}`, options);
    await new Promise((resolve) => socket.once('open', resolve));
    const told = messages(socket, 2);
    expect([(await create(`${run}-b`, run)).status, (await create(`${run}-c`, run)).status]).toEqual([201, 201]);
    expect((await told).map(({ data, binary }) => ({ binary, ...JSON.parse(data.toString()) }))).toMatchObject([
      { binary: false, type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: `${run}-b` } } },
      { binary: false, type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: `${run}-c` } } },
    ]);
    socket.close();
  });

  it('tells protobuf in messages of bytes', async () => {
    const socket = open(`${CONFIGMAPS}?watch=true`, { headers: { ...bearer(), accept: 'application/vnd.kubernetes.protobuf;stream=watch' } });
    const [{ data, binary }] = (await messages(socket, 1)) as [{ data: Buffer; binary: boolean }];
    // A WatchEvent: its type is field 1, its object field 2 (apimachinery, generated.proto).
    expect({ binary, first: data.subarray(0, 7).toString('latin1') }).toEqual({ binary: true, first: '\n\x05ADDED' });
    socket.close();
  });

  it('ends when its time is over', async () => {
    const socket = open(`${CONFIGMAPS}?watch=true&timeoutSeconds=1`);
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1000);
  });

  it.each([
    { name: 'without a token', target: `${CONFIGMAPS}?watch=true`, headers: {}, status: 403 },
    { name: 'that is to begin at no version', target: `${CONFIGMAPS}?watch=true&resourceVersion=x`, status: 400 },
    { name: 'of what is not served', target: '/api/v1/nothing?watch=true', status: 404 },
    { name: 'at an odd path', target: '//?watch=true', status: 404 },
  ])('is refused as a GET is: $name', async ({ target, status, headers = bearer() }) => {
    expect(await refusal(open(target, { headers }))).toMatchObject({ status });
  });
});

it('is for watches alone: a GET answers as ever', async () => {
  const { status, body } = await refusal(open('/version'));
  expect({ status, version: JSON.parse(body).major }).toEqual({ status: 200, version: '1' });
});
