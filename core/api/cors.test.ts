import { describe, expect, it } from 'vitest';
import { testServer } from '../testing/server.ts';
import { parseCorsOrigins } from './cors-setting.ts';

const origin = (value: string, method?: string) => ({
  headers: { origin: value, ...(method && { 'access-control-request-method': method, 'access-control-request-headers': 'authorization' }) },
});

const allowed = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const ALL = (value: string) => ({
  'access-control-allow-origin': value,
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
});

describe('a page of another origin', () => {
  const corsOrigins = ['^https://console\\.example\\.com$', '//localhost(:|$)'];

  it.each(['https://console.example.com', 'http://localhost:3000', 'https://localhost'])('at %s may call, and a browser may ask before', async (from) => {
    const server = await testServer({ corsOrigins });
    const asked = await server.request('OPTIONS /api/v1/pods', { token: null, ...origin(from, 'GET') });
    expect({ code: asked.code, text: asked.text, headers: allowed(asked.headers) }).toEqual({ code: 204, text: '', headers: ALL(from) });
    const { code, headers } = await server.request('GET /api/v1/pods', origin(from));
    expect({ code, headers: allowed(headers) }).toEqual({ code: 200, headers: ALL(from) });
    // It may read why it was refused.
    const refused = await server.request('GET /api/v1/pods', { token: 'wrong', ...origin(from) });
    expect({ code: refused.code, headers: allowed(refused.headers) }).toEqual({ code: 401, headers: ALL(from) });
  });

  it.each(['https://console.example.com.evil.example', 'https://evil.example', 'http://console.example.com', 'https://localhost.evil.example', 'null'])(
    'at %s is told nothing',
    async (from) => {
      const server = await testServer({ corsOrigins });
      const asked = await server.request('OPTIONS /api/v1/pods', { token: null, ...origin(from, 'GET') });
      expect(asked.code).not.toBe(204);
      expect(allowed(asked.headers)).toEqual({});
      const { code, headers } = await server.request('GET /api/v1/pods', origin(from));
      expect({ code, headers: allowed(headers) }).toEqual({ code: 200, headers: {} });
    },
  );

  it('is let in nowhere unless that is set', async () => {
    const server = await testServer();
    const asked = await server.request('OPTIONS /api/v1/pods', { token: null, ...origin('https://console.example.com', 'GET') });
    expect(asked.code).not.toBe(204);
    expect(allowed((await server.request('GET /api/v1/pods', origin('https://console.example.com'))).headers)).toEqual({});
  });
});

describe('the setting', () => {
  it.each([
    ['', []],
    ['//example\\.com(:|$)', ['//example\\.com(:|$)']],
    ['^https://a\\.example$,^https://b\\.example:', ['^https://a\\.example$', '^https://b\\.example:']],
    ['example\\.com$', undefined],
    ['^https//example', undefined],
    ['^https://(example$', undefined],
    ['^https://a$,', undefined],
  ])('%j', (text, want) => expect(parseCorsOrigins(text)).toEqual(want));
});
