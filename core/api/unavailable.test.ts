import { beforeEach, describe, expect, it } from 'vitest';
import { type EventLog, LogUnavailable } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Replica } from '../replica/replica.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

/** A log that does not answer while it is `down`, as a table that throttles. */
function failingLog(): EventLog & { down: boolean } {
  const inner = memoryLog();
  const check = () => {
    if (log.down) throw new LogUnavailable('DynamoDB gave no answer in 8 attempts: throughput exceeds the current capacity of table secret-name');
  };
  const log: EventLog & { down: boolean } = {
    ...inner,
    down: false,
    async append(cluster, append) {
      check();
      return inner.append(cluster, append);
    },
    async *read(cluster, options) {
      check();
      yield* inner.read(cluster, options);
    },
    async *tail(cluster, { after, signal }) {
      const fallen = new AbortController();
      failures.add(() => fallen.abort());
      check();
      yield* inner.tail(cluster, { after, signal: AbortSignal.any([signal, fallen.signal]) });
      check();
    },
    async loadSnapshot(cluster, bounds) {
      check();
      return inner.loadSnapshot(cluster, bounds);
    },
  };
  return log;
}

/** Ends the tails that are under way. */
const failures = new Set<() => void>();

let log: ReturnType<typeof failingLog>;
let server: TestServer;
beforeEach(async () => {
  failures.clear();
  log = failingLog();
  server = await testServer({ log, historyLimit: 1, objects: [namespace('default'), configMap('a'), configMap('b'), configMap('c'), configMap('d')] });
});

const unavailable = { kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503, details: { retryAfterSeconds: 1 } };

describe('while the log cannot be read', () => {
  it.each([
    ['a get', `GET ${CONFIGMAPS}/a`],
    ['a list', `GET ${CONFIGMAPS}`],
    ['a list in Table form', `GET ${CONFIGMAPS}`, 'application/json;as=Table;v=v1;g=meta.k8s.io'],
    ['a list of the past', `GET ${CONFIGMAPS}?resourceVersion=2&resourceVersionMatch=Exact`],
    ['the cluster at another offset', `GET /clusters/main@2${CONFIGMAPS}`],
    ['the cluster at another time', `GET /clusters/main@2025-01-01T00:00:00Z${CONFIGMAPS}`],
    ['a watch that begins with what is there', `GET ${CONFIGMAPS}?watch=true`],
    ['a get of something that may be there by now', `GET ${CONFIGMAPS}/none`],
    ['a deletion of something that may be there by now', `DELETE ${CONFIGMAPS}/none`],
  ])('%s is answered 503 with Retry-After, and what the log said stays inside', async (_, line, accept?: string) => {
    log.down = true;
    const { code, json, headers, text } = await server.request(line, accept ? { accept } : {});
    expect({ code, after: headers.get('retry-after'), json }).toMatchObject({ code: 503, after: '1', json: unavailable });
    expect(text).not.toContain('secret-name');
  });

  it('a write whose fate is unknown is answered 504', async () => {
    log.down = true;
    const { code, headers } = await server.request(`POST ${CONFIGMAPS}`, { body: configMap('e') });
    expect({ code, after: headers.get('retry-after') }).toEqual({ code: 504, after: '1' });
  });

  it('a watch from the past is told in an ERROR event', async () => {
    log.down = true;
    const { text, code } = await server.request(`GET ${CONFIGMAPS}?watch=true&resourceVersion=1`);
    expect(code).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: unavailable });
  });

  it('a watch under way is told in an ERROR event, and is not left in silence', async () => {
    const watch = await server.response(`GET ${CONFIGMAPS}?watch=true&resourceVersion=${server.replica.state.offset}`);
    const told = watch.text();
    log.down = true;
    while (failures.size === 0) await new Promise(setImmediate);
    for (const fail of failures) fail();
    expect(JSON.parse(await told)).toMatchObject({ type: 'ERROR', object: unavailable });
    log.down = false;
    expect((await server.request(`GET ${CONFIGMAPS}/a`)).code).toBe(200);
  });
});

describe('a cluster that cannot be opened', () => {
  const closed = (line: string) =>
    testServer({ objects: [], replicaOf: () => Replica.open({ log, cluster: 'main', env: undefined as never }) }).then((s) => s.request(line));
  beforeEach(() => {
    log.down = true;
  });

  it.each([`GET ${CONFIGMAPS}`, 'GET /apis', 'GET /openapi/v2', `POST ${CONFIGMAPS}`, `GET ${CONFIGMAPS}?watch=true`])('answers %s 503', async (line) => {
    expect(await closed(line)).toMatchObject({ code: 503, json: unavailable });
  });

  it.each(['GET /livez', 'GET /version'])('answers %s, which needs no log', async (line) => {
    expect((await closed(line)).code).toBe(200);
  });

  it('says at /readyz which check failed, as Kubernetes does', async () => {
    expect(await closed('GET /readyz')).toMatchObject({
      code: 500,
      text: expect.stringMatching(/^\[\+\]ping ok\n\[-\]log failed: reason withheld\n[\s\S]*\nreadyz check failed\n$/),
    });
  });
});
