import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { misread } from '../testing/misread-targets.ts';
import { configMap, namespace, pod } from '../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../testing/server.ts';

/** What an attacker sends, or a program that runs wild. Each is refused before it costs much: a hang fails the test by its time limit. */

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ objects: [namespace('default'), configMap('a', { data: { x: '1' } }), pod('p', { nodeName: 'n' })] });
});
afterEach(() => {
  expect(server.problems).toEqual([]);
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';
const strategic = 'application/strategic-merge-patch+json';
const jsonPatch = 'application/json-patch+json';

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const numbered = <T>(count: number, element: (i: number) => T) => Array.from({ length: count }, (_, i) => element(i));
const podWith = (spec: object) => ({ ...pod('b'), spec: { containers: [{ name: 'main', image: 'x' }], ...spec } });
const fields = (count: number) => Object.fromEntries(numbered(count, (i) => [`k${i}`, 'v']));

describe('a body', () => {
  const cases: { name: string; line?: string; options: RequestOptions; code: number; message?: string | RegExp }[] = [
    { name: 'nested without end', options: { body: '['.repeat(2_000_000) }, code: 400, message: /unexpected end of JSON input/ },
    { name: 'nested deeply', options: { body: `{"metadata":{"name":"b"},"x":${nested(100_000)}}` }, code: 400, message: /exceeded max depth/ },
    { name: 'of YAML nested without end', options: { body: '['.repeat(1_000_000), type: yaml }, code: 400, message: /yaml: exceeded max depth/ },
    { name: 'of YAML that is all dashes', options: { body: '- '.repeat(500_000), type: yaml }, code: 400, message: /yaml: exceeded max depth/ },
    {
      name: 'of YAML indented without end',
      options: { body: numbered(2000, (i) => `${' '.repeat(i)}a:`).join('\n'), type: yaml },
      code: 400,
      message: /yaml: exceeded max depth/,
    },
    {
      name: 'of YAML with aliases of aliases',
      options: { body: bomb((inner) => `[${inner.join(',')}]`), type: yaml },
      code: 400,
      message: /document contains excessive aliasing/,
    },
    {
      name: 'of YAML with merges of merges',
      options: { body: bomb((inner) => `{<<: [${inner.join(',')}]}`, '{x: 1}'), type: yaml },
      code: 400,
      message: /document contains excessive aliasing/,
    },
    {
      name: 'of YAML with a large part a hundred times',
      options: { body: `a: &a "${'x'.repeat(100_000)}"\nb: [${numbered(99, () => '*a').join(',')}]`, type: yaml },
      code: 400,
      message: /document contains excessive aliasing/,
    },
    { name: 'of YAML of many keys', options: { body: numbered(200_000, (i) => `k${i}: v`).join('\n'), type: yaml }, code: 400, message: /send it as JSON/ },
    { name: 'of protobuf groups in groups', options: { body: magic(Buffer.alloc(1_000_000, 0x0b)), type: protobuf }, code: 400 },
    { name: 'of protobuf objects in objects', options: { body: envelopes(200), type: protobuf }, code: 400, message: /exceeded max depth/ },
    {
      name: 'of protobuf with deep JSON in it',
      line: 'POST /apis/apps/v1/namespaces/default/controllerrevisions',
      options: { body: new Uint8Array(revisionOf(nested(100_000))), type: protobuf },
      code: 400,
      message: /exceeded max depth/,
    },
    { name: 'that is compressed', options: { body: gzipSync('{}'.padEnd(1_000_000)), headers: { 'content-encoding': 'gzip' } }, code: 400 },
    {
      name: 'with a list of 100,000',
      options: { body: podWith({ containers: numbered(100_000, () => ({})) }) },
      code: 413,
      message: /100000 elements is too long/,
    },
    {
      name: 'with a list of 100,000 in a patch',
      line: `PATCH ${PODS}/p`,
      options: { body: { spec: { containers: numbered(100_000, (i) => ({ name: `c${i}` })) } }, type: strategic },
      code: 413,
      message: /100000 elements is too long/,
    },
    {
      name: 'with the longest list that is taken, all of it wrong',
      line: `POST ${PODS}`,
      options: { body: podWith({ containers: numbered(10_000, () => ({})) }) },
      code: 422,
      message: /^Pod "b" is invalid: \[spec.containers\[0\].name: Required value/,
    },
    { name: 'with a list that grows by a patch', line: `PATCH ${CONFIGMAPS}/a`, options: { body: growing(), type: jsonPatch }, code: 413, message: /too long/ },
    { name: 'that nests itself by a patch', line: `PATCH ${CONFIGMAPS}/a`, options: { body: nesting(), type: jsonPatch }, code: 400, message: /max depth/ },
    {
      name: 'of more operations than a patch may have',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: numbered(10_001, () => ({ op: 'test', path: '/data/x', value: '1' })), type: jsonPatch },
      code: 413,
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    },
    { name: 'that moves much to and fro', line: `PATCH ${CONFIGMAPS}/a`, options: { body: moving(), type: jsonPatch }, code: 200 },
    {
      name: 'with a number of a megabyte',
      options: { body: podWith({ containers: [asking('9'.repeat(1_000_000))] }) },
      code: 400,
      message: /quantities must match/,
    },
    { name: 'that is nearly a number of a megabyte', options: { body: podWith({ containers: [asking(`${'1'.repeat(500_000)}!`)] }) }, code: 400 },
    { name: 'with an exponent beyond all reason', options: { body: podWith({ containers: [asking('1e999999999')] }) }, code: 400 },
    { name: 'with a name of a megabyte', options: { body: configMap('a.'.repeat(500_000)) }, code: 422, message: /^ConfigMap "a\.a\./ },
    {
      name: 'with a time that cannot be written',
      line: `DELETE ${PODS}/p`,
      options: { body: { gracePeriodSeconds: 1e300 } },
      code: 400,
      message: /of type int64/,
    },
    { name: 'with a time that ends all time', line: `DELETE ${PODS}/p`, options: { body: { gracePeriodSeconds: 9e15 } }, code: 200 },
    {
      name: 'that begins much and ends nothing',
      line: 'POST /apis/certificates.k8s.io/v1/certificatesigningrequests',
      options: {
        body: {
          metadata: { name: 'r' },
          spec: { signerName: 'a.b/c', usages: ['any'], request: Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\n'.repeat(50_000)).toString('base64') },
        },
      },
      code: 422,
      message: /^CertificateSigningRequest.certificates.k8s.io "r" is invalid: spec.request: Invalid value/,
    },
  ];
  it.each(cases)('$name', async ({ line, options, code, message }) => {
    const kind = JSON.stringify(options.body ?? '').includes('"containers"') ? PODS : CONFIGMAPS;
    const answer = await server.request(line ?? `POST ${kind}`, options);
    expect(answer.code).toBe(code);
    if (message !== undefined) expect(answer.json.message).toMatch(message);
    // Whatever was sent, what comes back can be read.
    if (code >= 400) expect(answer.text.length).toBeLessThan(300_000);
  });

  it('that never ends is not read to its end', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1024 * 1024;
        controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
      },
    });
    const { code, json } = await server.request(`POST ${CONFIGMAPS}`, { body: endless });
    expect({ code, reason: json.reason }).toEqual({ code: 413, reason: 'RequestEntityTooLarge' });
    expect(pulled).toBeLessThan(20 * 1024 * 1024);
  });

  it('is not read at all for a user who may not send it', async () => {
    const untouched = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('read')) }, { highWaterMark: 0 });
    expect((await server.request(`POST ${CONFIGMAPS}`, { body: untouched, token: 'alice' })).code).toBe(403);
    expect((await server.request(`POST ${CONFIGMAPS}`, { body: new ReadableStream({}, { highWaterMark: 0 }), token: 'guess' })).code).toBe(401);
  });

  it('full of mistakes gets warnings that fit a header', async () => {
    const repeated = `{"metadata":{"name":"b"},${numbered(100_000, () => '"x":1').join(',')},"${'y'.repeat(1_000_000)}":1}`;
    const { code, headers } = await server.request(`POST ${CONFIGMAPS}`, { body: repeated });
    expect(code).toBe(201);
    expect(headers.get('warning')).toMatch(/^299 - "duplicate field \\"x\\""/);
    expect(headers.get('warning')!.length).toBeLessThan(8192);
  });
});

describe('a URL', () => {
  const list = (query: string) => `GET ${PODS}?${query}`;
  it.each([
    { line: list(`labelSelector=${'a,'.repeat(20_000)}`), code: 414, message: 'the URL is longer than 16384 characters' },
    { line: list(`labelSelector=${'!'.repeat(10_000)}`), code: 400, message: /unable to parse requirement/ },
    { line: list(`labelSelector=${'('.repeat(10_000)}`), code: 400, message: /found '\(', expected/ },
    { line: list(`fieldSelector=${'%5C,'.repeat(4000)}`), code: 400, message: /invalid selector/ },
    { line: list('limit=99999999999999999999'), code: 400, message: 'strconv.ParseInt: parsing "99999999999999999999": value out of range' },
    { line: list('timeoutSeconds=1e9'), code: 400, message: /invalid syntax/ },
    { line: list('continue=%00'), code: 400, message: /continue key is not valid/ },
    { line: list(`continue=${token({ v: 'meta.k8s.io/v1', rv: 1e300, start: 'a' })}`), code: 400, message: /incorrect encoded start resourceVersion/ },
    { line: list(`continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: { toString: 1 } })}`), code: 400, message: /encoded start key empty/ },
    { line: list(`continue=${Buffer.from('['.repeat(10_000)).toString('base64url')}`), code: 400, message: /continue key is not valid/ },
    { line: list('resourceVersion=99999999999999999999&resourceVersionMatch=Exact'), code: 504, message: /Too large resource version/ },
    { line: `DELETE ${PODS}/p?gracePeriodSeconds=${'9'.repeat(400)}`, code: 400, message: /value out of range/ },
    { line: `GET ${PODS}?labelSelector=__proto__`, code: 400, message: /name part must consist of alphanumeric/ },
    { line: `GET ${PODS}?fieldSelector=constructor%3Dx`, code: 400, message: 'field label not supported: constructor' },
    {
      line: 'GET /api/v1/namespaces/default%2F..%2Fkube-system/pods/p',
      code: 400,
      message: `Namespace parameter invalid: "default/../kube-system": may not contain '/'`,
    },
    { line: 'GET /api/v1/namespaces/default/pods/..%2Fp', code: 400, message: `Name parameter invalid: "../p": may not contain '/'` },
    { line: 'GET /api/v1/__proto__', code: 404, message: 'the server could not find the requested resource' },
    { line: 'GET /api/v1/namespaces/default/pods/p/constructor', code: 404, message: 'the server could not find the requested resource' },
  ])('$line', async ({ line, code, message }) => {
    const answer = await server.request(line);
    expect({ code: answer.code, message: answer.json?.message }).toEqual({
      code,
      message: message instanceof RegExp ? expect.stringMatching(message) : message,
    });
  });

  it.each(misread)('DELETE $target deletes no collection and no namespace', async ({ target, code }) => {
    const before = server.replica.state.offset;
    const answer = await server.request(`DELETE ${target}`);
    expect({ code: answer.code, events: server.replica.state.offset - before }).toEqual({ code, events: 0 });
  });

  // go-restful takes a slash at the end for nothing.
  it.each(misread)('GET $target is a list only where the path of one has a slash at its end', async ({ target }) => {
    const { json } = await server.request(`GET ${target}`);
    expect(/List$/.test(json?.kind ?? '')).toBe([`${CONFIGMAPS}/`, `${CONFIGMAPS}/?`].includes(target));
  });

  const asked: string[] = [];
  it.each(['main%23snapshots', '%2e%2e', 'a%2Fb', 'MAIN', '-a', 'a'.repeat(64), '%00', '', 'clusters/..%2Fmain', '@1', 'a.b', '__proto__'])(
    'of a cluster that cannot be (%j) gets to no log',
    async (name) => {
      server = await testServer({
        replicaOf: async (cluster) => {
          asked.push(cluster);
          return undefined;
        },
        objects: [],
      });
      const { code } = await server.request(`GET /clusters/${name}/api/v1/pods`);
      expect([400, 404]).toContain(code);
      expect(asked.filter((cluster) => !/^[a-z0-9-]{1,63}$/.test(cluster))).toEqual([]);
    },
  );
});

describe('watches', () => {
  const watching = (options: RequestOptions = {}) => server.response(`GET ${PODS}?watch=1`, options);

  it('are as many as a process may have, and a client is told when to come again', async () => {
    server = await testServer({ limits: { watches: 2 } });
    const [first] = [await watching(), await watching()];
    const refused = await watching();
    expect({ code: refused.status, after: refused.headers.get('retry-after') }).toEqual({ code: 429, after: '5' });
    expect(await refused.json()).toMatchObject({ reason: 'TooManyRequests', details: { retryAfterSeconds: 5 } });
    await first.body!.cancel();
    expect((await watching()).status).toBe(200);
  });

  it('that end in whatever way make room for others', async () => {
    server = await testServer({ limits: { watches: 1, watchSeconds: 60 } });
    const aborted = new AbortController();
    const gone = await watching({ signal: aborted.signal });
    aborted.abort();
    await gone.text().catch(() => undefined);
    const tooEarly = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999';
    expect((await server.request(`GET ${PODS}?watch=1&${tooEarly}`)).code).toBe(504);
    expect((await server.request(`GET ${PODS}?watch=1&resourceVersion=nonsense`)).code).toBe(400);
    const timed = watching().then((response) => response.text());
    await expect.poll(() => server.clock.sleepers).toBe(1);
    server.clock.advance(61_000);
    await timed;
    const last = await watching();
    expect(last.status).toBe(200);
    await last.body!.cancel();
  });
});

describe('what goes wrong inside', () => {
  const secretive = new Error('EIO /var/lib/logplane/log.sqlite bearer s3cret');

  it('is told to the host and not to the client', async () => {
    server = await testServer({ objects: [] });
    const told: string[] = [];
    const broken = await testServer({
      objects: [],
      replicaOf: () => Promise.reject(secretive),
      problem: (message, error) => told.push(`${message} ${(error as Error).message}`),
    });
    const answer = await broken.request('GET /api/v1/pods?continue=mine');
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code: 500, message: 'Internal error occurred: an unexpected error' });
    expect(answer.text).not.toMatch(/sqlite|\.ts|s3cret| at /);
    expect(told).toEqual(['GET /api/v1/pods failed EIO /var/lib/logplane/log.sqlite bearer s3cret']);
  });

  it('never shows the token of its client', async () => {
    const told: unknown[] = [];
    const broken = await testServer({ objects: [], replicaOf: () => Promise.reject(new Error('broken')), problem: (...all) => told.push(...all.map(String)) });
    const answers = [
      await broken.request('GET /api/v1/pods'),
      await broken.request('GET /api/v1/pods', { token: 'guess-0123456789' }),
      await broken.request('GET /api/v1/nodes', { token: 'alice' }),
      await broken.request('GET /metrics'),
    ];
    expect(answers.map(({ code }) => code)).toEqual([500, 401, 500, 500]);
    const everything = JSON.stringify([told, answers.map(({ text, headers }) => [text, [...headers]])]);
    expect(everything).not.toMatch(/guess-0123456789|Bearer/);
  });
});

/** Nine of each, of nine of each before it, and so on. */
function bomb(combine: (inner: string[]) => string, first = '[x]'): string {
  const names = 'abcdefghi'.split('');
  return names.map((name, i) => `${name}: &${name} ${i === 0 ? first : combine(numbered(9, () => `*${names[i - 1]}`))}`).join('\n');
}

function magic(rest: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([Buffer.from('k8s\0'), rest]));
}

const lengthOf = (length: number): number[] => (length < 128 ? [length] : [(length & 127) | 128, ...lengthOf(length >> 7)]);
const delimited = (field: number, content: Uint8Array) => Buffer.concat([Buffer.from([(field << 3) | 2, ...lengthOf(content.length)]), content]);

/** A List that holds a List that holds … */
function envelopes(levels: number): Uint8Array<ArrayBuffer> {
  const type = Buffer.concat([delimited(1, Buffer.from('v1')), delimited(2, Buffer.from('List'))]);
  let inner: Uint8Array<ArrayBuffer> = magic(delimited(1, type));
  for (let i = 0; i < levels; i++) inner = magic(Buffer.concat([delimited(1, type), delimited(2, delimited(2, delimited(1, inner)))]));
  return inner;
}

/** A ControllerRevision in protobuf whose data is this text. */
function revisionOf(text: string): Uint8Array {
  const type = Buffer.concat([delimited(1, Buffer.from('apps/v1')), delimited(2, Buffer.from('ControllerRevision'))]);
  const message = Buffer.concat([delimited(1, delimited(1, Buffer.from('r'))), delimited(2, delimited(1, Buffer.from(text)))]);
  return magic(Buffer.concat([delimited(1, type), delimited(2, message)]));
}

const asking = (cpu: string) => ({ name: 'main', image: 'x', resources: { requests: { cpu } } });

const growing = () => [
  { op: 'add', path: '/metadata/finalizers', value: numbered(9990, (i) => `a.b/c${i}`) },
  ...numbered(100, () => ({ op: 'add', path: '/metadata/finalizers/-', value: 'a.b/d' })),
];

const nesting = () => [
  { op: 'add', path: '/x', value: {} },
  ...numbered(1000, () => [
    { op: 'add', path: '/y', value: {} },
    { op: 'move', from: '/x', path: '/y/z' },
    { op: 'move', from: '/y', path: '/x' },
  ]).flat(),
];

const moving = () => [
  { op: 'add', path: '/data', value: fields(30_000) },
  ...numbered(4990, () => [
    { op: 'move', from: '/data', path: '/x' },
    { op: 'move', from: '/x', path: '/data' },
  ]).flat(),
];

const token = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
