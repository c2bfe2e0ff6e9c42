import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CloudEvent } from 'cloudevents';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebhookTarget } from '../../apis/logplane/subscription.ts';
import { systemEnv } from '../../env.ts';
import { State } from '../../state/state.ts';
import { stateOf } from '../../testing/state.ts';
import type { Delivery } from '../target.ts';
import { webhookTargets } from './webhook.ts';

describe('a webhook', () => {
  it('gets an event in the headers and the body of a request', async () => {
    const { url, received } = await receiver(204);
    await deliver({ url: `${url}/hook?a=b` });
    expect(received).toMatchObject([
      {
        target: '/hook?a=b',
        headers: { 'ce-id': 'uid.7', 'ce-type': 'thing.add', 'ce-specversion': '1.0', 'content-type': 'application/json' },
        body: '{"a":1}',
      },
    ]);
  });

  it('gets an event as JSON, where it wants that', async () => {
    const { url, received } = await receiver(200);
    await deliver({ url, mode: 'Structured' });
    expect(received[0]!.headers['content-type']).toContain('application/cloudevents+json');
    expect(JSON.parse(received[0]!.body)).toMatchObject({ id: 'uid.7', source: '/clusters/main', data: { a: 1 } });
  });

  it('gets what no header can hold encoded', async () => {
    const { url, received } = await receiver(200);
    await deliver({ url }, { actor: 'jörg 東京 "50%"' });
    expect(received[0]!.headers['ce-actor']).toBe('j%C3%B6rg%20%E6%9D%B1%E4%BA%AC%20%2250%25%22');
  });

  it('gets the headers of a Secret, and a signature', async () => {
    const { url, received } = await receiver(200);
    const state = stateOf([secret({ Authorization: base64('Bearer x'), key: base64('whsec_c2VjcmV0'), 'X-Line': base64('x\n') })]);
    await deliver({ url, headersFrom: { name: 'hook' }, signWith: { name: 'hook', key: 'key' } }, { state });
    const [{ headers, body }] = received as [Received];
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'x-line': 'x', 'webhook-id': 'uid.7' });
    const signed = `uid.7.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', 'secret').update(signed).digest('base64')}`);
  });

  it('fails where a Secret is missing, or has no such key', async () => {
    const { url, received } = await receiver(200);
    await expect(deliver({ url, headersFrom: { name: 'hook' } })).rejects.toThrow('the Secret default/hook is not there');
    const state = stateOf([secret({})]);
    await expect(deliver({ url, signWith: { name: 'hook', key: 'key' } }, { state })).rejects.toThrow('has no key key');
    expect(received).toEqual([]);
  });

  it.each([300, 301, 404, 500])('has not taken it when it answers %d', async (status) => {
    const { url } = await receiver(status, { location: 'http://127.0.0.1:1/' });
    await expect(deliver({ url })).rejects.toThrow(`the answer is ${status}`);
  });

  it('says when it wants to be asked again', async () => {
    const { url } = await receiver(429, { 'retry-after': '7' });
    await expect(deliver({ url })).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it('may answer what it likes, and no more of it is read than keeps the connection', async () => {
    const { url } = await receiver(200, {}, Buffer.alloc(10 * 1024 ** 2));
    await deliver({ url });
  });

  it('has not taken it when nobody is there', async () => {
    await expect(deliver({ url: 'http://127.0.0.1:1/' })).rejects.toThrow('ECONNREFUSED');
  });

  it('is not called in a private network or without TLS by a deployment', async () => {
    const { url, received } = await receiver(200);
    await expect(deliver({ url }, { allowsPrivate: false })).rejects.toThrow('is not https');
    await expect(deliver({ url: url.replace('http:', 'https:') }, { allowsPrivate: false })).rejects.toThrow('loopback addresses are not called');
    expect(received).toEqual([]);
  });
});

interface Received {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that keeps what it gets, and answers the same each time. */
async function receiver(status: number, headers: Record<string, string> = {}, answer: Buffer | string = ''): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ target: request.url!, headers: request.headers, body: await text(request) });
    response.writeHead(status, headers).end(answer);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const secret = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hook', namespace: 'default' }, data });
const base64 = (value: string) => Buffer.from(value).toString('base64');

async function deliver(webhook: WebhookTarget, { state = State.empty, allowsPrivate = true, actor = 'anna' } = {}): Promise<void> {
  const event = new CloudEvent({ id: 'uid.7', source: '/clusters/main', type: 'thing.add', actor, datacontenttype: 'application/json', data: { a: 1 } });
  const delivery: Delivery = { event, reference: () => event, object: 'configmaps/default/a' };
  await webhookTargets({ clock: systemEnv.clock, allowsPrivate })(webhook, { namespace: 'default', state }).deliver(delivery, new AbortController().signal);
}
