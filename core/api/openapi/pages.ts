import type { Apis } from '../../apis/apis.ts';
import { preferredType } from '../codec/negotiate.ts';
import { type Encoded, openapiDocument, openapiIndex } from './openapi.ts';
import { openapiV2 } from './openapi-v2.ts';

/** `/openapi/v2`, `/openapi/v3` and what is below it, as answers: media types, ETags and hashes as kube-openapi's handlers do. */

export interface OpenapiRequest {
  readonly apis: Apis;
  /** What follows `/openapi/`: `v2`, `v3`, `v3/api/v1`, `v3/apis/apps/v1`. */
  readonly path: string;
  readonly headers: Headers;
  readonly query: URLSearchParams;
  /** What stands before `/openapi` in the server's URL: `/clusters/NAME`. */
  readonly prefix?: string;
}

const V2_PROTOBUF = ['application/com.github.proto-openapi.spec.v2.v1.0+protobuf', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'];

/** 304 when the client has it, 406 when it takes no form that there is, 404 for a document that is not served, both without a body; undefined when there is no such page. */
export async function openapiPage({ apis, path, headers, query, prefix = '' }: OpenapiRequest): Promise<Response | undefined> {
  const [version, ...rest] = path.split('/').filter((part) => part !== '');
  const accepted = preferredType(headers.get('accept'), version === 'v2' ? ['application/json', ...V2_PROTOBUF] : ['application/json']);
  if ((version !== 'v2' && version !== 'v3') || (version === 'v2' && rest.length > 0)) return undefined;
  if (!accepted) return new Response(null, { status: 406 });
  if (version === 'v2') {
    const json = accepted === 'application/json';
    return answer(await openapiV2(apis, json ? 'json' : 'protobuf'), json ? accepted : V2_PROTOBUF[0]!, headers);
  }
  if (rest.length === 0) return answer(await openapiIndex(apis, prefix), accepted, headers);
  const document = rest.join('/');
  const encoded = await openapiDocument(apis, document);
  if (!encoded) return new Response(null, { status: 404 });
  const hash = query.get('hash');
  // The client has the index of another day: send it to what is there now.
  if (hash && `"${hash}"` !== encoded.etag)
    return new Response(null, { status: 301, headers: { location: `${prefix}/openapi/v3/${document}?hash=${encoded.etag.slice(1, -1)}` } });
  return answer(encoded, accepted, headers, hash ? { 'cache-control': 'public, immutable, max-age=31536000' } : {});
}

function answer({ bytes, etag }: Encoded, contentType: string, asked: Headers, more: Record<string, string> = {}): Response {
  const headers = { 'content-type': contentType, etag, vary: 'Accept', ...more };
  if (asked.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}
