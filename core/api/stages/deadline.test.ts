import { expect, it } from 'vitest';
import { namespace } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const PODS = '/api/v1/namespaces/default/pods';

it.each(['invalid', '1', '5 s', '-'])('refuses a time that is none: %s', async (given) => {
  const server = await testServer();
  const { code, json } = await server.request(`GET ${PODS}?timeout=${encodeURIComponent(given)}`);
  expect({ code, message: json.message }).toEqual({ code: 400, message: `invalid timeout specified in the request URL - time: invalid duration "${given}"` });
});

it.each(['', '0s', '32s', '1h', '-5s'])('takes %s', async (given) => {
  const server = await testServer();
  expect((await server.request(`GET ${PODS}?timeout=${given}`)).code).toBe(200);
  expect(server.clock.sleepers).toBe(0);
});

it('does not look at what a watch says: it has a timeoutSeconds', async () => {
  const server = await testServer();
  const response = await server.response(`GET ${PODS}?watch=1&timeout=invalid`);
  expect(response.status).toBe(200);
  await response.body!.cancel();
});

it('answers 504 to a request that takes longer, and leaves it alone', async () => {
  const server = await testServer({ objects: [namespace('default')] });
  let send!: () => void;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      send = () => {
        controller.enqueue(Buffer.from(JSON.stringify({ metadata: { name: 'a' } })));
        controller.close();
      };
    },
  });
  const answer = server.request('POST /api/v1/namespaces/default/configmaps?timeout=5s', { body, type: 'application/json' });
  await expect.poll(() => server.clock.sleepers).toBe(1);
  server.clock.advance(5_000);
  expect(await answer).toMatchObject({ code: 504, json: { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' } });
  send();
  await expect.poll(async () => (await server.request('GET /api/v1/namespaces/default/configmaps/a')).code).toBe(200);
});
