import { describe, expect, it } from 'vitest';
import { realInstant } from '../../instant.ts';
import { testServer } from '../../testing/server.ts';
import { Page } from './page.ts';
import { type PageManifest, pageFilesOf } from './page-files.ts';
import { CODE_MS, MOST_SESSIONS, SESSION_MS, Sessions } from './sessions.ts';

const HOST = '127.0.0.1:7443';
const COOKIE = '__Host-logplane-7443';
const manifest: PageManifest = {
  files: {
    'index.html': { mediaType: 'text/html; charset=utf-8', hash: 'a1', immutable: false },
    'main-ABCDEFGH.js': { mediaType: 'text/javascript; charset=utf-8', hash: 'b2', immutable: true },
  },
};

/** A server with the page, as the local host has it; and with nobody to sign in, as it is deployed. */
async function served({ withSessions = true, corsOrigins = [] as string[] } = {}) {
  let count = 0;
  let now = 0;
  const sessions = new Sessions({ user: { username: 'owner', groups: ['system:masters'] }, secret: () => `secret-${++count}`, now: () => realInstant(now) });
  const page = new Page({
    files: () => pageFilesOf(manifest, (name) => new TextEncoder().encode(`<${name}>`)),
    ...(withSessions && {
      sessions,
      mayHaveCode: async (token: string) => token === 'admin',
      isOwnHost: (host: string) => /^(127\.0\.0\.1|localhost):\d+$/.test(host),
    }),
  });
  const server = await testServer({ page, corsOrigins, defaultCluster: 'main' });
  const advance = (ms: number) => {
    now += ms;
  };
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    server.request(`${method} ${path}`, { token: null, headers: { host: HOST, ...headers } });
  const signIn = async () => {
    const { headers } = await get(`/ui/?code=${sessions.code()}`);
    return headers.get('set-cookie')!.split(';')[0]!;
  };
  return { server, sessions, get, signIn, advance };
}

/** What a browser sends with a request of the page. */
const ofPage = (cookie: string) => ({ cookie, 'x-logplane-page': '1', 'sec-fetch-site': 'same-origin' });

describe('the files of the page', () => {
  it('are those of the manifest, to everybody, and no others', async () => {
    const { get } = await served();
    const index = await get('/ui/');
    expect({ code: index.code, text: index.text, type: index.headers.get('content-type'), cache: index.headers.get('cache-control') }).toEqual({
      code: 200,
      text: '<index.html>',
      type: 'text/html; charset=utf-8',
      cache: 'no-cache',
    });
    const script = await get('/ui/main-ABCDEFGH.js', { 'accept-encoding': 'br, gzip' });
    expect([script.text, script.headers.get('content-encoding'), script.headers.get('cache-control')]).toEqual([
      '<main-ABCDEFGH.js.gz>',
      'gzip',
      'public, max-age=31536000, immutable',
    ]);
    expect((await get('/ui/', { 'if-none-match': '"a1"' })).code).toBe(304);
    for (const path of ['main-ABCDEFGH.js.gz', 'manifest.json', '../package.json', '%2e%2e/package.json', 'index.html/', '__proto__', './index.html'])
      expect([path, (await get(`/ui/${path}`)).code]).toEqual([path, 404]);
    expect((await get('/ui/', {}, 'POST')).code).toBe(405);
  });

  it('lead from /ui to /ui/, wherever that is', async () => {
    const { get } = await served();
    const { code, headers } = await get('/ui');
    expect([code, headers.get('location')]).toEqual([308, 'ui/']);
    expect((await get('/uix')).code).toBe(403);
  });

  it('may do nothing but what they were built with', async () => {
    const { get } = await served();
    const { headers } = await get('/ui/');
    const policy = headers.get('content-security-policy')!;
    for (const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "trusted-types 'none'",
    ])
      expect(policy.split('; ')).toContain(directive);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a code', () => {
  it('signs in once, for a session in a cookie that no script and no other site gets', async () => {
    const { sessions, get } = await served();
    const code = sessions.code();
    const { code: status, headers } = await get(`/ui/?code=${code}`);
    const cookie = headers.get('set-cookie')!;
    expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([303, './', 'no-store']);
    expect(cookie).toBe(`${COOKIE}=secret-2; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict`);
    expect(cookie).not.toContain(code);
    const again = await get(`/ui/?code=${code}`);
    expect([again.code, again.headers.get('location'), again.headers.get('set-cookie')]).toEqual([303, './#/signed-out/link', null]);
  });

  it('is made for who has the token of an administrator', async () => {
    const { get, server } = await served();
    const { code: status, json } = await server.request('POST /ui/code', { headers: { host: HOST } });
    expect(status).toBe(201);
    expect((await get(`/ui/?code=${json.code}`)).headers.get('set-cookie')).toContain(COOKIE);
    expect((await server.request('POST /ui/code', { token: 'alice' })).code).toBe(401);
    expect((await get('/ui/code', {}, 'POST')).code).toBe(401);
    expect((await server.request('GET /ui/code')).code).toBe(405);
  });

  it('is refused when it is none, is too old, or comes to another host', async () => {
    const { sessions, get, advance } = await served();
    expect((await get('/ui/?code=guess')).headers.get('set-cookie')).toBeNull();
    const code = sessions.code();
    expect((await get(`/ui/?code=${code}`, { host: 'evil.example:7443' })).code).toBe(404);
    // Looking at a link does not use it up.
    expect((await get(`/ui/?code=${code}`, {}, 'HEAD')).headers.get('set-cookie')).toBeNull();
    advance(CODE_MS);
    expect((await get(`/ui/?code=${code}`)).headers.get('set-cookie')).toBeNull();
  });
});

describe('a session', () => {
  it('may do what the administrator may, from the page', async () => {
    const { get, signIn } = await served();
    const cookie = await signIn();
    expect((await get('/api/v1/namespaces', ofPage(cookie))).code).toBe(200);
    expect((await get('/ui/session', ofPage(cookie))).json).toEqual({ signIn: 'link', user: 'owner', cluster: 'main' });
  });

  const elsewhere: { name: string; headers: Record<string, string | undefined>; why: RegExp }[] = [
    { name: 'without the header of the page, as forms and links come', headers: { 'x-logplane-page': undefined }, why: /no header/ },
    { name: 'from another site', headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, why: /another page/ },
    {
      name: 'from another port of this machine, which is the same site',
      headers: { 'sec-fetch-site': 'same-site', origin: 'https://127.0.0.1:9999' },
      why: /another page/,
    },
    { name: 'typed into the address line', headers: { 'sec-fetch-site': 'none' }, why: /another page/ },
    {
      name: 'from another origin, in a browser that says no more',
      headers: { 'sec-fetch-site': undefined, origin: 'https://127.0.0.1:9999' },
      why: /another origin/,
    },
    { name: 'from where nobody says', headers: { 'sec-fetch-site': undefined }, why: /does not say/ },
    { name: 'by a name that somebody has made to lead here', headers: { host: 'evil.example:7443', origin: 'https://evil.example:7443' }, why: /names a host/ },
  ];
  for (const { name, headers, why } of elsewhere)
    it(`is refused ${name}`, async () => {
      // Also where that page may call with a token of its own.
      const { signIn, server } = await served({ corsOrigins: ['^https://evil\\.example', '^https://127\\.0\\.0\\.1:9999$'] });
      const sent = Object.fromEntries(Object.entries({ ...ofPage(await signIn()), ...headers }).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >;
      const before = server.replica.state.offset;
      for (const [method, path] of [
        ['GET', '/api/v1/secrets'],
        ['POST', '/api/v1/namespaces'],
        ['GET', '/ui/session'],
        ['DELETE', '/ui/session'],
      ] as const) {
        const { code, json } = await server.request(`${method} ${path}`, {
          token: null,
          headers: { host: HOST, ...sent },
          ...(method === 'POST' && { body: { metadata: { name: 'x' } } }),
        });
        expect([path, code]).toEqual([path, 403]);
        expect(json.message).toMatch(why);
      }
      expect(server.replica.state.offset).toBe(before);
    });

  it('is 401 when it is none, is over, or was signed out', async () => {
    const { get, signIn, advance } = await served();
    expect((await get('/api/v1/namespaces', ofPage(`${COOKIE}=guess`))).code).toBe(401);
    const [first, second] = [await signIn(), await signIn()];
    const { code, headers } = await get('/ui/session', ofPage(first), 'DELETE');
    expect([code, headers.get('set-cookie')]).toEqual([204, `${COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict`]);
    expect((await get('/api/v1/namespaces', ofPage(first))).code).toBe(401);
    expect((await get('/api/v1/namespaces', ofPage(second))).code).toBe(200);
    advance(SESSION_MS);
    expect((await get('/api/v1/namespaces', ofPage(second))).code).toBe(401);
    expect((await get('/ui/session', ofPage(second))).json.user).toBeNull();
  });

  it('gives way to newer ones, of which there are so many at most', async () => {
    const { get, signIn } = await served();
    const first = await signIn();
    for (let i = 1; i < MOST_SESSIONS; i++) await signIn();
    expect((await get('/api/v1/namespaces', ofPage(first))).code).toBe(200);
    await signIn();
    expect((await get('/api/v1/namespaces', ofPage(first))).code).toBe(401);
  });

  it('is of one server: cookies of others, and one that comes twice, are none', async () => {
    const { get, signIn } = await served();
    const cookie = await signIn();
    const value = cookie.split('=')[1]!;
    expect((await get('/api/v1/namespaces', ofPage(`__Host-logplane-7444=${value}`))).code).toBe(403);
    expect((await get('/api/v1/namespaces', ofPage(`${cookie}; ${cookie}`))).code).toBe(403);
  });

  it('counts for nothing beside a token', async () => {
    const { signIn, server } = await served();
    const headers = { host: HOST, ...ofPage(await signIn()) };
    expect((await server.request('GET /api/v1/namespaces', { token: 'alice', headers })).code).toBe(403);
    expect((await server.request('GET /api/v1/namespaces', { token: 'wrong', headers })).code).toBe(401);
  });
});

describe('deployed', () => {
  it('the page has no sessions: it asks for a token', async () => {
    const { get, server } = await served({ withSessions: false });
    expect((await get('/ui/session', ofPage(''))).json).toEqual({ signIn: 'token', user: null, cluster: 'main' });
    expect((await get('/ui/?code=x')).code).toBe(404);
    expect((await get('/api/v1/namespaces', ofPage(`${COOKIE}=x`))).code).toBe(403);
    expect((await server.request('GET /api/v1/namespaces')).code).toBe(200);
  });
});
