import { expect, it } from 'vitest';
import { StatusError } from '../status.ts';
import { locate } from './url.ts';

it.each([
  { url: 'https://host/api/v1/pods?limit=1', want: { cluster: 'main', prefix: '', path: '/api/v1/pods', when: undefined, query: 'limit=1' } },
  { url: 'https://host', want: { cluster: 'main', prefix: '', path: '/', when: undefined, query: '' } },
  { url: 'https://host/clusters/a', want: { cluster: 'a', prefix: '/clusters/a', path: '/', when: undefined, query: '' } },
  {
    url: 'https://host/clusters/a/api?x=/clusters/b',
    want: { cluster: 'a', prefix: '/clusters/a', path: '/api', when: undefined, query: 'x=%2Fclusters%2Fb' },
  },
  { url: 'https://host/clusters/a@47/api', want: { cluster: 'a', prefix: '/clusters/a@47', path: '/api', when: { offset: 47 }, query: '' } },
  { url: 'https://host/clusters/a%4047/api', want: { cluster: 'a', prefix: '/clusters/a%4047', path: '/api', when: { offset: 47 }, query: '' } },
  {
    url: 'https://host/clusters/a@1970-01-01T00:00:01Z/api#part',
    want: { cluster: 'a', prefix: '/clusters/a@1970-01-01T00:00:01Z', path: '/api', when: { time: 1000 }, query: '' },
  },
  {
    url: 'https://host/clusters/a@1970-01-01T01:00:00.500+01:00/api',
    want: { cluster: 'a', prefix: '/clusters/a@1970-01-01T01:00:00.500+01:00', path: '/api', when: { time: 500 }, query: '' },
  },
])('$url', ({ url, want }) => {
  const { query, ...location } = locate(url, 'main')!;
  expect({ ...location, query: query.toString() }).toEqual(want);
});

it('knows no other clusters than those that are named when there is no default', () => {
  expect(locate('https://host/api', undefined)).toBeUndefined();
});

it.each(['a@', 'a@0', 'a@x', 'a@2026-01', 'a@2026-13-01T00:00:00Z', 'a%zz'])('refuses /clusters/%s', (name) => {
  expect(() => locate(`https://host/clusters/${name}/api`, 'main')).toThrow(StatusError);
});
