import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { staticTokens } from '../../auth/static-tokens.ts';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { forgetfulLog } from '../../testing/forgetful-log.ts';
import { configMap, namespace, pod } from '../../testing/objects.ts';
import { type Answer, type RequestOptions, type TestServer, testServer } from '../../testing/server.ts';

let server: TestServer;
const open: Watch[] = [];
beforeEach(async () => {
  server = await testServer({ objects: [namespace('default'), configMap('a', { labels: { app: 'web' } })] });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((watch) => watch.close()));
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const patch = (body: object): RequestOptions => ({ type: 'application/merge-patch+json', body });

/** A watch as its client sees it: event by event. */
class Watch {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';
  #lines: string[] = [];

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
    open.push(this);
  }

  /** The next event; undefined when the stream ended. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server sends
  async next(): Promise<any> {
    while (this.#lines.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      const parts = (this.#text + new TextDecoder().decode(value)).split('\n');
      this.#text = parts.pop()!;
      this.#lines = parts;
    }
    return JSON.parse(this.#lines.shift()!);
  }

  /** The next events, each as `ADDED a 3`. */
  async events(count: number): Promise<string[]> {
    const events: string[] = [];
    for (let i = 0; i < count; i++) events.push(short(await this.next()));
    return events;
  }

  close = () => this.#reader.cancel();
}

const short = (event: { type: string; object: { metadata: { name?: string; resourceVersion: string } } } | undefined) =>
  event ? [event.type, event.object.metadata.name, event.object.metadata.resourceVersion].filter((part) => part !== undefined).join(' ') : 'end';

async function watch(query: string, options?: RequestOptions): Promise<Watch> {
  const response = await server.response(`GET ${CONFIGMAPS}?watch=1&${query}`, options);
  if (response.status !== 200) throw new Error(await response.text());
  return new Watch(response);
}

describe('where a watch begins', () => {
  const cases = [
    { name: 'no resourceVersion: with what is there', query: '', want: ['ADDED a 2', 'ADDED b 3'] },
    { name: 'resourceVersion 0: with what is there', query: 'resourceVersion=0', want: ['ADDED a 2', 'ADDED b 3'] },
    { name: 'a resourceVersion: with what came after', query: 'resourceVersion=2', want: ['ADDED b 3'] },
    { name: 'an older one: with everything since', query: 'resourceVersion=1', want: ['ADDED a 2', 'ADDED b 3'] },
    {
      name: 'as a streaming list: with what is there, and a mark at its end',
      query: 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
      want: ['ADDED a 2', 'ADDED b 3', 'BOOKMARK 3'],
    },
    { name: 'without initial events: with what comes', query: 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan', want: [] },
  ];
  it.each(cases)('$name', async ({ query, want }) => {
    await server.create(configMap('b'));
    const stream = await watch(query);
    await server.create(configMap('later'));
    expect(await stream.events(want.length + 1)).toEqual([...want, 'ADDED later 4']);
  });

  it('marks the end of the initial events', async () => {
    const stream = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone');
    expect(await stream.next()).toEqual({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  it('leaves out what came before a resourceVersion that is still to come', async () => {
    const stream = await watch('resourceVersion=3');
    await server.create(configMap('b'));
    await server.create(configMap('c'));
    expect(await stream.events(1)).toEqual(['ADDED c 4']);
  });

  it('tells a client that was away for too long to list again', async () => {
    const log = forgetfulLog();
    server = await testServer({ log, historyLimit: 2 });
    for (let i = 0; i < 6; i++) await server.create(configMap(`c${i}`));
    log.forget(4);
    const stream = await watch('resourceVersion=1');
    expect(await stream.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(await stream.next()).toBeUndefined();
  });

  it('survives that the log fails a client that takes its time', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const log = forgetfulLog();
    server = await testServer({ log, historyLimit: 2 });
    const stream = await watch('resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=60');
    await server.create(configMap('first'));
    expect(short(await stream.next())).toBe('ADDED first 2');
    for (let i = 0; i < 6; i++) await server.create(configMap(`c${i}`));
    log.forget(6);
    server.clock.advance(61_000);
    // What follows is no longer there, and it is time for a bookmark and to end: the client is told of the former.
    expect(await stream.next()).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('what a watch tells', () => {
  it('tells of creation, change and deletion, each with its resourceVersion', async () => {
    const stream = await watch('resourceVersion=2');
    await server.create(configMap('b'));
    await server.request(`PATCH ${CONFIGMAPS}/b`, patch({ data: { x: '1' } }));
    await server.request(`DELETE ${CONFIGMAPS}/b`);
    expect(await stream.events(3)).toEqual(['ADDED b 3', 'MODIFIED b 4', 'DELETED b 5']);
  });

  it('tells of what begins and ceases to be selected', async () => {
    const stream = await watch('resourceVersion=2&labelSelector=app%3Dweb');
    await server.create(configMap('other'));
    await server.request(`PATCH ${CONFIGMAPS}/a`, patch({ metadata: { labels: { app: 'db' } }, data: { x: 'new' } }));
    await server.request(`PATCH ${CONFIGMAPS}/a`, patch({ metadata: { labels: { app: 'web' } } }));
    const gone = await stream.next();
    expect(short(gone)).toBe('DELETED a 4');
    // As it was when it last matched.
    expect(gone.object).toMatchObject({ metadata: { labels: { app: 'web' } } });
    expect(gone.object.data).toBeUndefined();
    expect(await stream.events(1)).toEqual(['ADDED a 5']);
  });

  it('tells of one namespace and one resource only', async () => {
    await server.create(namespace('other'));
    const stream = await watch('resourceVersion=3');
    await server.create(configMap('elsewhere', { namespace: 'other' }));
    await server.create(pod('p'));
    await server.create(configMap('here'));
    expect((await stream.next()).object.metadata.name).toBe('here');
  });

  it('follows one object on the old path', async () => {
    const stream = new Watch(await server.response('GET /api/v1/watch/namespaces/default/configmaps/a?resourceVersion=2'));
    await server.create(configMap('b'));
    await server.request(`PATCH ${CONFIGMAPS}/a`, patch({ data: { x: '1' } }));
    expect(await stream.events(1)).toEqual(['MODIFIED a 4']);
  });

  it('gives every watcher the same events in the same order', async () => {
    const streams = await Promise.all([watch('resourceVersion=2'), watch('resourceVersion=2'), watch('resourceVersion=2')]);
    for (let i = 0; i < 5; i++) await server.create(configMap(`c${i}`));
    const told = await Promise.all(streams.map((stream) => stream.events(5)));
    expect(told[0]).toEqual([0, 1, 2, 3, 4].map((i) => `ADDED c${i} ${i + 3}`));
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  });

  it('sends Tables, the columns only once', async () => {
    const stream = await watch('', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    await server.create(configMap('b', { data: { x: '1', y: '2' } }));
    const [first, second] = [await stream.next(), await stream.next()];
    expect(first.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
      rows: [{ cells: ['a', 0, '0s'] }],
    });
    expect(second.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: null,
      rows: [{ cells: ['b', 2, '0s'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'b' } } }],
    });
  });

  it('sends Tables whose rows have the fields that are asked for', async () => {
    const stream = await watch('fields=metadata.name', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const { object } = await stream.next();
    expect(object).toMatchObject({ kind: 'Table', rows: [{ cells: ['a', 0, '0s'] }] });
    expect(object.rows[0].object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a', namespace: 'default', resourceVersion: object.metadata.resourceVersion },
    });
  });

  it('sends metadata alone to clients that ask for no more', async () => {
    const stream = await watch('', { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' });
    expect(await stream.next()).toMatchObject({
      type: 'ADDED',
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } },
    });
  });

  it('frames protobuf by its length', async () => {
    const response = await server.response(`GET ${CONFIGMAPS}?watch=1`, { accept: 'application/vnd.kubernetes.protobuf;stream=watch' });
    expect(response.headers.get('content-type')).toBe('application/vnd.kubernetes.protobuf;stream=watch');
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    const length = new DataView(value!.buffer, value!.byteOffset).getUint32(0);
    expect(length).toBe(value!.length - 4);
    expect(Buffer.from(value!.subarray(4)).toString('latin1')).toContain('ADDED');
    await reader.cancel();
  });
});

describe('how a watch ends', () => {
  it('sends bookmarks to clients that want them, and one at its end', async () => {
    const stream = await watch('resourceVersion=2&allowWatchBookmarks=true&timeoutSeconds=90');
    const bookmark = stream.next();
    await waitFor(() => server.clock.sleepers > 0);
    server.clock.advance(60_000);
    expect(short(await bookmark)).toBe('BOOKMARK 2');
    await server.create(namespace('moved-on'));
    const last = stream.next();
    await waitFor(() => server.clock.sleepers > 0);
    server.clock.advance(30_000);
    expect(short(await last)).toBe('BOOKMARK 3');
    expect(await stream.next()).toBeUndefined();
  });

  it.each([400 * 86_400_000, -400 * 86_400_000])('does so by real time, though the wall clock is set by %d ms', async (ms) => {
    const stream = await watch('resourceVersion=2&allowWatchBookmarks=true&timeoutSeconds=90');
    const events = [stream.next(), stream.next(), stream.next()];
    await waitFor(() => server.clock.sleepers > 0);
    server.clock.jump(ms);
    server.clock.advance(60_000);
    expect(short(await events[0])).toBe('BOOKMARK 2');
    await waitFor(() => server.clock.sleepers > 0);
    server.clock.advance(29_000);
    await waitFor(() => server.clock.sleepers > 0);
    server.clock.advance(1_000);
    expect(short(await events[1])).toBe('BOOKMARK 2');
    expect(await events[2]).toBeUndefined();
  });

  it('ends after the time that was asked for', async () => {
    const stream = await watch('resourceVersion=2&timeoutSeconds=5');
    const end = stream.next();
    await waitFor(() => server.clock.sleepers > 0);
    server.clock.advance(5_000);
    expect(await end).toBeUndefined();
  });

  it('leaves nothing behind when its reader goes away', async () => {
    const stream = await watch('resourceVersion=2');
    const waiting = stream.next();
    await waitFor(() => server.clock.sleepers > 0);
    expect(await watches()).toBe('1');
    await stream.close();
    expect(await waiting).toBeUndefined();
    await waitFor(() => server.clock.sleepers === 0);
    expect(await watches()).toBe('0');
  });

  it('leaves nothing behind when the request is aborted', async () => {
    const abort = new AbortController();
    const stream = await watch('resourceVersion=2', { signal: abort.signal });
    const waiting = stream.next();
    await waitFor(() => server.clock.sleepers > 0);
    abort.abort();
    expect(await waiting).toBeUndefined();
    await waitFor(() => server.clock.sleepers === 0);
  });

  it('ends when all has been told of a cluster as it was', async () => {
    await server.create(configMap('b'), configMap('c'));
    const stream = new Watch(await server.response(`GET /clusters/main@3${CONFIGMAPS}?watch=1`));
    expect(await stream.events(3)).toEqual(['ADDED a 2', 'ADDED b 3', 'end']);
    const since = new Watch(await server.response(`GET /clusters/main@3${CONFIGMAPS}?watch=1&resourceVersion=2`));
    expect(await since.events(2)).toEqual(['ADDED b 3', 'end']);
  });

  const watches = async () => /apiserver_longrunning_requests\{[^}]*\} (\d+)/.exec((await server.request('GET /metrics')).text)?.[1];
});

describe('what a watch costs', () => {
  const large = 'x'.repeat(300_000);

  it('is no more than one piece while its client does not read', async () => {
    await server.create(configMap('large', { data: { large } }));
    for (let i = 0; i < 20; i++) await server.request(`PATCH ${CONFIGMAPS}/large`, patch({ metadata: { labels: { n: String(i) } } }));
    const asked = vi.spyOn(server.replica, 'changesAfter');
    const response = await server.response(`GET ${CONFIGMAPS}?watch=1&resourceVersion=2`);
    const reader = response.body!.getReader();
    let text = '';
    const read = async () => {
      const { value } = await reader.read();
      expect(value!.length).toBeLessThanOrEqual(64 * 1024);
      text += new TextDecoder().decode(value);
    };
    await read();
    for (let i = 0; i < 100; i++) await server.clock.turn();
    expect(asked).toHaveBeenCalledTimes(1);
    while (!text.includes('"n":"19"') || !text.endsWith('\n')) await read();
    const events = text
      .trim()
      .split('\n')
      .map((line) => short(JSON.parse(line)));
    expect(events).toEqual(['ADDED large 3', ...Array.from({ length: 20 }, (_, i) => `MODIFIED large ${i + 4}`)]);
    await reader.cancel();
  });

  it('is the encoding once, for all watches that are read at the same pace', async () => {
    const streams = await Promise.all(Array.from({ length: 10 }, () => watch('resourceVersion=2')));
    await server.create(configMap('large', { data: { large } }));
    const stringify = vi.spyOn(JSON, 'stringify');
    expect(await Promise.all(streams.map((stream) => stream.events(1)))).toEqual(Array(10).fill(['ADDED large 3']));
    expect(stringify.mock.calls.filter(([value]) => (value?.object ?? value)?.metadata?.name === 'large').length).toBe(1);
    stringify.mockRestore();
  });

  it('is one reading of the log and one encoding of each event for a herd that resumes near each other, before the history that is kept', async () => {
    const log = memoryLog();
    server = await testServer({ log, historyLimit: 10, objects: [namespace('default'), configMap('a')] });
    for (let i = 0; i < 300; i++) await server.request(`PATCH ${CONFIGMAPS}/a`, patch({ data: { i: String(i) } }));
    expect(server.replica.recentChanges(250)).toBeUndefined();
    let read = 0;
    const before = log.read;
    vi.spyOn(log, 'read').mockImplementation(async function* (cluster, options) {
      for await (const entry of before(cluster, options)) {
        read++;
        yield entry;
      }
    });
    const stringify = vi.spyOn(JSON, 'stringify');
    const begins = Array.from({ length: 20 }, (_, i) => 20 + i);
    const streams = await Promise.all(begins.map((offset) => watch(`resourceVersion=${offset}`)));
    const told = await Promise.all(streams.map((stream, i) => stream.events(302 - begins[i]!)));
    for (const [i, begin] of begins.entries()) expect(told[i]).toEqual(Array.from({ length: 302 - begin }, (_, n) => `MODIFIED a ${begin + 1 + n}`));
    const encoded = stringify.mock.calls.filter(([value]) => value?.metadata?.name === 'a').length;
    stringify.mockRestore();
    expect(encoded).toBe(302 - 20);
    expect(read).toBeLessThanOrEqual(302);
  });

  it('is nothing while something else changes: it is not woken, and has one timer with all others', async () => {
    const asked = vi.spyOn(server.replica, 'changesAfter');
    const queries = ['configmaps', 'configmaps/a', 'secrets', 'pods'].map((path) => `/api/v1/watch/namespaces/default/${path}?resourceVersion=2`);
    const streams = await Promise.all(queries.map(async (query) => new Watch(await server.response(`GET ${query}`))));
    const next = streams.map((stream) => stream.next());
    await waitFor(() => asked.mock.calls.length === 4 && server.clock.sleepers > 0);
    const sleep = vi.spyOn(server.clock, 'sleep');
    for (let i = 0; i < 10; i++) await server.create(namespace(`n${i}`), configMap(`c${i}`, { namespace: 'default' }));
    await server.create(pod('p'));
    for (let i = 0; i < 10; i++) await server.clock.turn();
    // The streams are not read on, so that each of the two that were concerned was asked for once more, at most.
    expect(await Promise.all([next[0], next[3]])).toMatchObject([{ object: { metadata: { name: 'c0' } } }, { object: { metadata: { name: 'p' } } }]);
    expect(asked).toHaveBeenCalledTimes(4);
    expect(server.clock.sleepers).toBe(1);
    expect(sleep).not.toHaveBeenCalled();
  });

  it('is no look at the log, or at what else changed, when it was told of nothing for longer than changes are kept', async () => {
    const log = memoryLog();
    server = await testServer({ log, historyLimit: 4, objects: [namespace('default'), configMap('a')] });
    const stream = await watch('resourceVersion=2&allowWatchBookmarks=true');
    const first = stream.next();
    await waitFor(() => server.clock.sleepers > 0);
    const reads = vi.spyOn(log, 'read');
    for (let i = 0; i < 20; i++) await server.create(namespace(`n${i}`));
    expect(server.replica.recentChanges(2)).toBeUndefined();
    await server.create(configMap('b'));
    expect(short(await first)).toBe('ADDED b 23');
    const second = stream.next();
    for (let i = 20; i < 40; i++) await server.create(namespace(`n${i}`));
    server.clock.advance(60_000);
    expect(short(await second)).toBe('BOOKMARK 43');
    const third = stream.next();
    await server.create(configMap('c'));
    expect(short(await third)).toBe('ADDED c 44');
    expect(reads).not.toHaveBeenCalled();
  });

  it.each([
    { name: 'with what is there', query: '', told: 'ADDED a 2' },
    { name: 'after an offset', query: 'resourceVersion=2', told: 'MODIFIED a 3' },
  ])('is neither the state nor the objects that it began with, when it began $name', async ({ query, told }) => {
    server = await testServer({ historyLimit: 1, objects: [namespace('default'), configMap('a')] });
    const replaced = new WeakRef(server.replica.state.get('configmaps', 'default', 'a')!);
    const watching = await watch(query);
    const change = (i: number) => server.request(`PATCH ${CONFIGMAPS}/a`, patch({ data: { i: String(i).repeat(900_000) } }));
    await change(0);
    expect(short(await watching.next())).toBe(told);
    // The history forgets it, too, and so does the state for its views.
    for (let i = 1; i < 9; i++) {
      await change(i);
      while (short(await watching.next()) !== `MODIFIED a ${i + 3}`);
    }
    for (let i = 0; replaced.deref() && i < 20; i++) {
      await new Promise(setImmediate);
      collectGarbage();
    }
    expect(replaced.deref()).toBeUndefined();
  });

  it('is counted for its user: one with many watches leaves slots for others', async () => {
    const MASTER = ['system:masters'];
    server = await testServer({
      authenticator: staticTokens({ admin: { username: 'one', groups: MASTER }, other: { username: 'two', groups: MASTER } }),
      limits: { watches: 8 },
    });
    const codes: number[] = [];
    const opened: Response[] = [];
    for (const token of [...Array(6).fill('admin'), 'other', 'other', 'admin']) {
      const response = await server.response(`GET ${CONFIGMAPS}?watch=1`, { token });
      codes.push(response.status);
      if (response.status === 200) opened.push(response);
      else expect(response.headers.get('retry-after')).toBe('5');
    }
    expect(codes).toEqual([200, 200, 200, 200, 429, 429, 200, 200, 429]);
    await Promise.all(opened.map(({ body }) => body!.cancel()));
    await watch('');
  });
});

describe('what cannot be watched', () => {
  it.each([
    {
      query: 'sendInitialEvents=true',
      code: 422,
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    },
    {
      query: 'resourceVersionMatch=NotOlderThan',
      code: 422,
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    },
    {
      query: 'resourceVersion=x',
      code: 400,
      message: 'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    },
    { query: 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99', code: 504, message: 'Too large resource version: 99, current: 2' },
  ])('$query: $code', async ({ query, code, message }) => {
    const answer: Answer = await server.request(`GET ${CONFIGMAPS}?watch=1&${query}`);
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });

  it('says so for what is not kept', async () => {
    const { code } = await server.request('GET /api/v1/componentstatuses?watch=1');
    expect(code).toBe(405);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await server.clock.turn();
}
