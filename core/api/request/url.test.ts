import { expect, it } from 'vitest';
import { locate } from './url.ts';

it.each([
  { target: '/api/v1/pods?limit=1', want: { path: '/api/v1/pods', segments: ['api', 'v1', 'pods'], query: 'limit=1' } },
  { target: '/', want: { path: '/', segments: [] } },
  { target: '/api/', want: { path: '/api/', segments: ['api'] } },
  { target: '//api//', want: { path: '//api//', segments: ['', 'api', ''] } },
  { target: '/a/./b/../c', want: { path: '/a/./b/../c', segments: ['a', '.', 'b', '..', 'c'] } },
  { target: '/%2e%2E/%252e/a%2Fb;c#d\\e', want: { path: '/%2e%2E/%252e/a%2Fb;c#d\\e', segments: ['..', '%2e', 'a/b;c#d\\e'] } },
  { target: '/gr%C3%BCn%00', want: { path: '/gr%C3%BCn%00', segments: ['grün\0'] } },
  { target: 'https://host/a/../b?c', want: { path: '/a/../b', segments: ['a', '..', 'b'], query: 'c=' } },
  { target: 'HTTP://user@host:1?a=%2B+', want: { path: '/', segments: [], query: 'a=%2B+' } },
  { target: '*', want: { path: '*', segments: ['*'] } },
  { target: '/a?b=/c?d=%3B', want: { path: '/a', segments: ['a'], query: 'b=%2Fc%3Fd%3D%3B' } },
  { target: '/clusters', want: { path: '/clusters', segments: ['clusters'] } },
  { target: '/clusters/a', want: { cluster: 'a', prefix: '/clusters/a', path: '/', segments: [] } },
  { target: '/clusters/a/', want: { cluster: 'a', prefix: '/clusters/a', path: '/', segments: [] } },
  { target: '/clusters/a/api?x=/clusters/b', want: { cluster: 'a', prefix: '/clusters/a', path: '/api', segments: ['api'], query: 'x=%2Fclusters%2Fb' } },
  { target: '/clusters/a@47/api', want: { cluster: 'a', prefix: '/clusters/a@47', path: '/api', segments: ['api'], when: { offset: 47 } } },
  { target: '/clusters/a%4047/../b', want: { cluster: 'a', prefix: '/clusters/a%4047', path: '/../b', segments: ['..', 'b'], when: { offset: 47 } } },
  {
    target: '/clusters/a@1970-01-01T00:00:01Z/api',
    want: { cluster: 'a', prefix: '/clusters/a@1970-01-01T00:00:01Z', path: '/api', segments: ['api'], when: { time: 1000 } },
  },
  {
    target: '/clusters/a@1970-01-01T01:00:00.500+01:00/api',
    want: { cluster: 'a', prefix: '/clusters/a@1970-01-01T01:00:00.500+01:00', path: '/api', segments: ['api'], when: { time: 500 } },
  },
])('$target', ({ target, want }) => {
  const { query, ...location } = locate(target, 'main')!;
  expect({ ...location, query: query.toString() }).toEqual({ cluster: 'main', prefix: '', when: undefined, query: '', ...want });
});

it('knows no other clusters than those that are named when there is no default', () => {
  expect(locate('/api', undefined)).toBeUndefined();
});

const control = 'invalid control character in URL';
it.each([
  { target: '/a\0', message: control },
  { target: '/a\u007f', message: control },
  { target: '/a?b c', message: control },
  { target: '/a\n', message: control },
  { target: 'api', message: 'parse "api": invalid URI for request' },
  { target: 'host:443', message: 'parse "host:443": invalid URI for request' },
  { target: '', message: 'parse "": invalid URI for request' },
  { target: '*?a', message: 'parse "*?a": invalid URI for request' },
  { target: '/a%zzb', message: 'invalid URL escape "%zz"' },
  { target: '/a%2', message: 'invalid URL escape "%2"' },
  { target: '/a%', message: 'invalid URL escape "%"' },
  { target: '/a?b=%zz', message: 'invalid URL escape "%zz"' },
  { target: '/%ff', message: 'invalid UTF-8 in URL' },
  { target: '/%c0%ae', message: 'invalid UTF-8 in URL' },
  { target: '/a?b;c', message: 'invalid semicolon separator in query' },
  { target: '/clusters/a@/api', message: '"" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
  { target: '/clusters/a@0/api', message: '"0" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
  { target: '/clusters/a@Before/api', message: '"Before" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
  { target: '/clusters/a@2026-11-26/api', message: '"2026-11-26" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
  { target: '/clusters/a@2026-01/api', message: '"2026-01" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
  {
    target: '/clusters/a@2026-13-01T00:00:00Z/api',
    message: '"2026-13-01T00:00:00Z" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark',
  },
  { target: '/clusters/a@4%2F7/api', message: '"4/7" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
])('refuses $target', ({ target, message }) => {
  const refused = () => locate(target, 'main');
  expect(refused).toThrow(expect.objectContaining({ status: expect.objectContaining({ code: 400, message }) }));
});

it.each(['', '..', '%2e%2e', 'a%2Fb', 'A', '-a', 'a%00', 'a.b', 'a%23snapshots'])('knows no cluster /clusters/%s', (name) => {
  expect(() => locate(`/clusters/${name}/api`, 'main')).toThrow(expect.objectContaining({ status: expect.objectContaining({ code: 404 }) }));
});
