import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { configMap, namespace } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const GZIP = { headers: { 'accept-encoding': 'gzip' } };

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ objects: [namespace('default'), configMap('large', { data: { text: 'ü'.repeat(100_000) } })] });
  await server.create(...Array.from({ length: 1_000 }, (_, i) => configMap(`m${i}`, { data: { text: 'x'.repeat(500) } })));
});

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('a large answer', () => {
  it.each([
    { name: 'a list', path: CONFIGMAPS },
    { name: 'an object', path: `${CONFIGMAPS}/large` },
    { name: 'indented', path: `${CONFIGMAPS}?pretty=1` },
    { name: 'protobuf', path: CONFIGMAPS, accept: 'application/vnd.kubernetes.protobuf' },
    { name: 'a Table', path: `${CONFIGMAPS}?includeObject=Object`, accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  ])('is compressed for a client that takes gzip: $name', async ({ path, ...accept }) => {
    const plain = await server.response(`GET ${path}`, accept);
    expect(plain.headers.has('content-encoding')).toBe(false);
    const response = await server.response(`GET ${path}`, { ...accept, ...GZIP });
    expect({ encoding: response.headers.get('content-encoding'), vary: response.headers.get('vary') }).toEqual({ encoding: 'gzip', vary: 'Accept-Encoding' });
    expect(response.headers.get('content-type')).toBe(plain.headers.get('content-type'));
    const [compressed, whole] = [await bytesOf(response), await bytesOf(plain)];
    expect(gunzipSync(compressed).equals(whole)).toBe(true);
    expect(compressed.length).toBeLessThan(whole.length / 5);
  });

  it.each([
    { header: 'gzip', compressed: true },
    { header: 'deflate, gzip', compressed: true },
    { header: ' gzip ,br', compressed: true },
    { header: 'gzip;q=1.0', compressed: false },
    { header: 'br', compressed: false },
    { header: '*', compressed: false },
  ])('goes by what kube-apiserver reads in the header: $header', async ({ header, compressed }) => {
    const response = await server.response(`GET ${CONFIGMAPS}`, { headers: { 'accept-encoding': header } });
    await response.body?.cancel();
    expect(response.headers.has('content-encoding')).toBe(compressed);
  });

  it.each([
    { bytes: 128 * 1024, compressed: false },
    { bytes: 128 * 1024 + 1, compressed: true },
  ])('is one of more than 128 KiB: $bytes', async ({ bytes, compressed }) => {
    const name = `of-${bytes}`;
    const { length } = (await server.request(`POST ${CONFIGMAPS}`, { body: configMap(name, { data: { text: '' } }) })).text;
    // The resourceVersion of a second write is as long.
    const body = configMap(name, { data: { text: 'x'.repeat(bytes - length) } });
    const response = await server.response(`PUT ${CONFIGMAPS}/${name}`, { body, ...GZIP });
    expect(response.headers.has('content-encoding')).toBe(compressed);
    const answered = await bytesOf(response);
    expect((compressed ? gunzipSync(answered) : answered).length).toBe(bytes);
  });

  it('is not a watch, which tells what happens at once', async () => {
    const response = await server.response(`GET ${CONFIGMAPS}?watch=true`, GZIP);
    await response.body?.cancel();
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  it('is let go by a client that goes away', async () => {
    const reader = (await server.response(`GET ${CONFIGMAPS}`, GZIP)).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    expect(server.problems).toEqual([]);
  });
});
