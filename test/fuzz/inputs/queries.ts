import { CONFIGMAPS, PODS, type RequestInput, times } from '../input.ts';

/** What stands in URLs and headers. A URL has at most 16,384 characters, the headers of Node's server as many bytes. */

const MOST = 16_000;
const list = (query: string) => ({ line: `GET ${PODS}?${query}` });
const repeated = (text: string, size: number) => text.repeat(Math.ceil(size / text.length)).slice(0, size);
const encoded = (value: string) => Buffer.from(value).toString('base64url');

export const queries: readonly RequestInput[] = [
  { name: 'label selector: requirements', size: MOST, code: 200, request: (size) => list(`labelSelector=${times(size / 5, () => 'a!=b').join(',')}`) },
  { name: 'label selector: a set', size: MOST, code: 200, request: (size) => list(`labelSelector=a+in+(${repeated('ab,c,', size - 20)})`) },
  { name: 'label selector: brackets', size: MOST, code: 400, request: (size) => list(`labelSelector=${repeated('(', size)}`) },
  {
    name: 'label selector: values that are wrong',
    size: MOST,
    code: 400,
    request: (size) => list(`labelSelector=a+in+(${times(size / 7, (i) => `-${i}`).join(',')})`),
  },
  { name: 'label selector: a long key', size: MOST, code: 400, request: (size) => list(`labelSelector=${repeated('a.', size)}!`) },
  { name: 'label selector: a comparison', size: MOST, code: 400, request: (size) => list(`labelSelector=a%3E${repeated('9', size)}`) },
  {
    name: 'field selector: terms',
    size: MOST,
    code: 200,
    request: (size) => list(`fieldSelector=${times(size / 17, () => 'spec.nodeName!=a').join(',')}`),
  },
  {
    name: 'field selector: escapes',
    size: MOST,
    code: 200,
    request: (size) => list(`fieldSelector=spec.nodeName%3D${repeated('%5C,', size)}`.replace(/%(5C?)?$/, '')),
  },
  { name: 'query: parameters', size: MOST, code: 200, request: (size) => list(repeated('a=b&', size)) },
  { name: 'query: one parameter again and again', size: MOST, code: 200, request: (size) => list(repeated('limit=1&', size - 8).concat('limit=1')) },
  { name: 'query: a number', size: MOST, code: 400, request: (size) => list(`limit=${repeated('9', size)}`) },
  { name: 'query: a resourceVersion', size: MOST, code: 504, request: (size) => list(`resourceVersion=${repeated('9', size)}`) },
  { name: 'query: a continue token', size: MOST, code: 400, request: (size) => list(`continue=${repeated('A', size)}`) },
  { name: 'query: a nested continue token', size: 11_000, code: 400, request: (size) => list(`continue=${encoded(repeated('[', size))}`) },
  { name: 'path: segments', size: MOST, code: 404, request: (size) => ({ line: `GET ${PODS}/${repeated('a/', size)}` }) },
  { name: 'path: escapes', size: MOST, code: 404, request: (size) => ({ line: `GET ${PODS}/${repeated('%41', size - (size % 3))}` }) },
  { name: 'path: a cluster and a time', size: MOST, code: 400, request: (size) => ({ line: `GET /clusters/main@${repeated('9', size)}/api/v1/pods` }) },
  {
    name: 'Accept: clauses',
    size: MOST,
    code: 200,
    request: (size) => ({ ...list(''), options: { accept: `${times(size / 13, () => 'text/a;q=0.1').join(',')},*/*` } }),
  },
  {
    name: 'Accept: parameters',
    size: MOST,
    code: 200,
    request: (size) => ({ ...list(''), options: { accept: `application/json${repeated(';a=b', size)},*/*` } }),
  },
  { name: 'Accept: quotes', size: MOST, code: 406, request: (size) => ({ ...list(''), options: { accept: repeated('"\\"', size) } }) },
  { name: 'bearer token', size: MOST, code: 401, request: (size) => ({ ...list(''), options: { token: repeated('a', size) } }) },
  {
    name: 'bearer token: a JWT',
    size: MOST,
    code: 401,
    request: (size) => ({ ...list(''), options: { token: `${encoded('{"alg":"HS256"}')}.${repeated('W3t9', size)}.AA` } }),
  },
  { name: 'bearer token: dots', size: MOST, code: 401, request: (size) => ({ ...list(''), options: { token: repeated('.', size) } }) },
  {
    name: 'impersonation: groups',
    size: 2000,
    code: 403,
    request: (size) => ({
      ...list(''),
      options: { headers: { 'impersonate-user': 'u', 'impersonate-group': times(size, (i) => `g${i}`).join(', ') } },
    }),
  },
  {
    name: 'Content-Type',
    size: MOST,
    code: 415,
    request: (size) => ({ line: `POST ${CONFIGMAPS}?dryRun=All`, options: { body: '{}', type: `a/${repeated('b;', size)}` } }),
  },
];
