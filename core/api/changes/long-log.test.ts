import { beforeAll, describe, expect, it } from 'vitest';
import type { ChangeObject } from '../../apis/logplane/change.ts';
import { keyOf } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { EventLog } from '../../log/log.ts';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { configMap } from '../../testing/objects.ts';
import { type Answer, type TestServer, testServer } from '../../testing/server.ts';

const CHANGES = '/apis/logplane.dev/v1/changes';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const EVENTS = 1_000;
const ENTRIES = 60;

/** A log that counts the events that are read of it. */
function counted(log: EventLog): EventLog & { events: number } {
  const counting = {
    ...log,
    events: 0,
    async *read(...args: Parameters<EventLog['read']>) {
      for await (const entry of log.read(...args)) {
        counting.events += entry.events.length;
        yield entry;
      }
    },
  };
  return counting;
}

describe('a long log', () => {
  const log = counted(memoryLog());
  let server: TestServer;

  /** An object that changes all the time, after a first and before a last one of another name. */
  beforeAll(async () => {
    server = await testServer({ log, historyLimit: 100 });
    await server.create(configMap('first'), configMap('busy', { labels: { app: 'busy' } }));
    const event = (n: number) => ({
      type: 'MODIFIED' as const,
      key: keyOf('configmaps', 'default', 'busy'),
      patch: { data: { n: String(n) } },
      actor: userNamed('counter'),
    });
    for (let i = 0; i < ENTRIES; i++) {
      await server.replica.commit(() => ({ events: Array.from({ length: EVENTS }, (_, n) => event(i * EVENTS + n)), answer: () => undefined }));
      await server.replica.snapshotIfDue();
    }
    await server.create(configMap('last'));
  });

  const pages = async (query: string, options: object = {}) => {
    const answers: { answer: Answer; read: number }[] = [];
    for (let next = ''; ; ) {
      const before = log.events;
      const answer = await server.request(`GET ${CHANGES}?${query}${next && `&continue=${next}`}`, options);
      answers.push({ answer, read: log.events - before });
      next = answer.json.metadata.continue;
      if (!next) return answers;
    }
  };
  const namesOf = ({ json }: Answer) => json.items.map(({ object }: ChangeObject) => object.name);

  it.each([
    { order: 'newest', found: ['last', 'first'] },
    { order: 'oldest', found: ['first', 'last'] },
  ])('is looked through in bounded pieces, $order first, some of them empty', async ({ order, found }) => {
    const answers = await pages(`fieldSelector=${encodeURIComponent(`resource=configmaps,name!=busy,order=${order}`)}`);
    expect(answers.flatMap(({ answer }) => namesOf(answer))).toEqual(found);
    expect(answers.length).toBeGreaterThan(1);
    // As much as is looked through at once, and what is folded to show what was found: a stretch between snapshots, and what is folded ahead there.
    for (const { read } of answers) expect(read).toBeLessThanOrEqual(40_000 + 2 * 25_000);
  });

  it('is told from its end, without what was before', async () => {
    const before = log.events;
    const answer = await server.request(`GET ${CHANGES}?limit=50`);
    expect(namesOf(answer)).toHaveLength(50);
    expect(log.events - before).toBe(0);
  });

  it('is printed no further back than people look, and they are told how to', async () => {
    const before = log.events;
    const answers = await pages('limit=500', { accept: TABLE });
    expect(answers.map(({ answer }) => answer.json.rows.length)).toEqual([500]);
    expect(answers[0]!.answer.headers.get('warning')).toContain('these are the newest 500 changes; --field-selector from=1 shows all of them');
    expect(log.events - before).toBeLessThanOrEqual(30_000);
  });

  it('has a change in its middle found without all that came before', async () => {
    const before = log.events;
    const { json } = await server.request(`GET /apis/logplane.dev/v1/namespaces/default/changes/${30 * EVENTS}`);
    expect(json).toMatchObject({ object: { name: 'busy' }, what: 'data.n', entry: { events: EVENTS } });
    expect(json.differences).toHaveLength(1);
    expect(log.events - before).toBeLessThanOrEqual(25_000);
  });

  it('has the history of an object that hardly changed at hand', async () => {
    const before = log.events;
    const { json } = await server.request('GET /api/v1/namespaces/default/configmaps/first/history');
    expect(namesOf({ json } as Answer)).toEqual(['first']);
    expect(log.events - before).toBeLessThanOrEqual(2 * EVENTS);
  });

  it('has a blame that says how far back it looked, and goes on there', async () => {
    const blame = async (cluster = '') => {
      const { json } = await server.request(`GET ${cluster}/api/v1/namespaces/default/configmaps/busy/blame`);
      return new Map<string, { readonly before?: number }>(json.fields.map((field: { path: string }) => [field.path, field]));
    };
    const fields = await blame();
    const { offset } = server.replica.state;
    expect(fields.get('.data.n')).toMatchObject({ offset: offset - 1, actor: 'counter' });
    const { before } = fields.get('.metadata.labels.app')!;
    expect(before).toBe(offset - 1_000);
    expect((await blame(`/clusters/main@${before}`)).get('.metadata.labels.app')).toMatchObject({ value: 'busy', before: before! - 999 });
  });
});
