import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { Apis } from '../../apis/apis.ts';
import { openapiPage } from './pages.ts';

const page = (path: string, headers: Record<string, string> = {}) => {
  const [pathname, search] = path.split('?');
  return openapiPage({ apis: Apis.builtIn, path: pathname!, headers: new Headers(headers), query: new URLSearchParams(search), prefix: '/clusters/test' });
};

// biome-ignore lint/suspicious/noExplicitAny: the test looks into JSON
const bodyOf = async (answer: Response | undefined): Promise<any> => answer!.json();

describe('openapiPage', () => {
  it('serves the documents that the index points to', async () => {
    const { paths } = await bodyOf(await page('v3'));
    const url: string = paths['apis/apps/v1'].serverRelativeURL;
    expect(url).toMatch(/^\/clusters\/test\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
    const answer = (await page(url.slice('/clusters/test/openapi/'.length)))!;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('etag')).toBe(`"${url.split('hash=')[1]}"`);
    expect((await bodyOf(answer)).paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']).toBeDefined();
  });

  it('describes parameters in the words that clients look for', async () => {
    const { paths } = await bodyOf(await page('v3/api/v1'));
    const { get, parameters } = paths['/api/v1/namespaces/{namespace}/pods'];
    const described = Object.fromEntries([...parameters, ...get.parameters].map(({ name, description }: Record<string, string>) => [name, description]));
    expect(described).toMatchObject({
      namespace: 'object name and auth scope, such as for teams and projects',
      pretty: expect.stringContaining('then the output is pretty printed'),
      labelSelector: 'A selector to restrict the list of returned objects by their labels. Defaults to everything.',
      watch: 'Watch for changes to the described resources and return them as a stream of add, update, and remove notifications. Specify resourceVersion.',
    });
  });

  it('leads from an old hash to the new one', async () => {
    const answer = (await page('v3/api/v1?hash=ABC'))!;
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toMatch(/^\/clusters\/test\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{128}$/);
  });

  it('answers 304 to a client that has it', async () => {
    const etag = (await page('v3'))!.headers.get('etag')!;
    expect((await page('v3', { 'if-none-match': etag }))!.status).toBe(304);
  });

  it('answers 406 to a client that takes only what there is not', async () => {
    expect((await page('v3/api/v1', { accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' }))!.status).toBe(406);
    expect((await page('v2', { accept: 'text/html' }))!.status).toBe(406);
  });

  it('answers 404 without a body for a document that there is not', async () => {
    const answer = (await page('v3/none'))!;
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([404, '', null]);
  });

  it('serves v2 as JSON and, to client-go, as protobuf', async () => {
    expect((await bodyOf(await page('v2'))).swagger).toBe('2.0');
    const answer = (await page('v2', { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' }))!;
    expect(answer.headers.get('content-type')).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    const protobuf = fieldsOf(new Uint8Array(await answer.arrayBuffer()));
    expect(Buffer.from(protobuf.get(1)![0]!).toString()).toBe('2.0');
    // Document.definitions (9) is a list (1) of NamedSchema, with its name (1) and its schema (2), whose description is field 4.
    const named = fieldsOf(protobuf.get(9)![0]!).get(1)!.map(fieldsOf);
    const { definitions } = await bodyOf(await page('v2'));
    expect(named.map((one) => Buffer.from(one.get(1)![0]!).toString())).toEqual(Object.keys(definitions));
    const description = named.map((one) => fieldsOf(one.get(2)![0]!).get(4)).map((texts) => texts && Buffer.from(texts[0]!).toString());
    expect(description).toEqual(Object.values(definitions).map((one) => (one as { description?: string }).description));
  });

  it('knows no other page', async () => {
    expect(await page('v1')).toBeUndefined();
    expect(await page('v2/x')).toBeUndefined();
  });
});

/** The length-delimited fields of a message. */
function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const out = new Map<number, Uint8Array[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) out.set(field, [...(out.get(field) ?? []), reader.bytes()]);
    else reader.skip(wire);
  }
  return out;
}
