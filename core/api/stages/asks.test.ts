import { describe, expect, it } from 'vitest';
import { Answers, type AskPort } from '../../admission/ask.ts';
import type { AdmissionPlugin } from '../../admission/plugin.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { askingPlugin, askOf, Oracle, questionOf, TIMEOUT_MS } from '../../testing/asking.ts';
import { configMap } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

/** Requests whose admission asks (docs/decisions/0018-asks.md). */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

async function setUp(...admissionPlugins: readonly AdmissionPlugin[]) {
  const oracle = new Oracle();
  const server = await testServer({ admissionPlugins: admissionPlugins.length ? admissionPlugins : [askingPlugin()], ask: oracle.ask });
  return { oracle, server, names: () => server.replica.state.list('configmaps').map(({ metadata }) => metadata.name) };
}

describe('a write that has to be asked about', () => {
  it('waits for the answer, others go on, and what is stored is what was asked about', async () => {
    const { oracle, server, names } = await setUp();
    const pending = server.request(`POST ${CONFIGMAPS}`, { body: { ...configMap(''), metadata: { generateName: 'a-' } } });
    await oracle.askedTimes(1);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    expect((await server.request('POST /api/v1/namespaces/default/secrets', { body: secret })).code).toBe(201);
    expect(names()).toEqual([]);
    oracle.answer({ allowed: true, warning: 'seen' });
    const { code, json, headers } = await pending;
    expect(code).toBe(201);
    expect(headers.get('warning')).toBe('299 - "seen"');
    const { name, uid } = oracle.asked[0]!.object!.metadata;
    expect(json.metadata).toMatchObject({ name, uid });
    expect(names()).toEqual([name]);
    expect(oracle.asked.length).toBe(1);
  });

  it('is refused when the answer says so, or none comes in time; one that comes later changes nothing', async () => {
    const { oracle, server, names } = await setUp();
    const denied = server.request(`POST ${CONFIGMAPS}`, { body: configMap('denied') });
    await oracle.askedTimes(1);
    oracle.answer({ allowed: false });
    expect(await denied).toMatchObject({ code: 403, json: { message: 'configmaps "denied" is forbidden: denied' } });
    const late = server.request(`POST ${CONFIGMAPS}`, { body: configMap('late') });
    await oracle.askedTimes(2);
    server.clock.advance(TIMEOUT_MS);
    expect(await late).toMatchObject({
      code: 403,
      json: { message: 'configmaps "late" is forbidden: no answer: Post "https://policy.example/?timeout=10s": context deadline exceeded' },
    });
    expect(oracle.isTooLate).toBe(true);
    oracle.answer();
    expect(names()).toEqual([]);
  });

  it('is asked about anew only when the question has changed meanwhile', async () => {
    const { oracle, server } = await setUp();
    const created = server.request(`POST ${CONFIGMAPS}`, { body: configMap('a') });
    await oracle.askedTimes(1);
    oracle.answer();
    await created;
    const patch = (data: object) => server.request(`PATCH ${CONFIGMAPS}/a`, { body: { data }, type: 'application/merge-patch+json' });
    const first = patch({ x: '1' });
    await oracle.askedTimes(2);
    const second = patch({ y: '2' });
    await oracle.askedTimes(3);
    oracle.answer();
    await first;
    // The answer is to an object that is not any more what it would become.
    oracle.answer();
    await oracle.askedTimes(4);
    oracle.answer();
    expect((await second).json.data).toMatchObject({ x: '1', y: '2' });
    expect(oracle.asked.slice(1).map(({ object }) => (({ x, y }) => [x, y])(fieldsOf(object!)['data'] as Record<string, string>))).toEqual([
      ['1', undefined],
      [undefined, '2'],
      ['1', '2'],
    ]);
  });

  it('is asked about in a dry run too, which writes nothing', async () => {
    const { oracle, server, names } = await setUp();
    const rehearsed = server.request(`POST ${CONFIGMAPS}?dryRun=All`, { body: configMap('a') });
    await oracle.askedTimes(1);
    oracle.answer();
    expect((await rehearsed).code).toBe(201);
    expect(oracle.asked.map(({ dryRun }) => dryRun)).toEqual([true]);
    expect(names()).toEqual([]);
  });

  it('is asked about by one plugin after the other, and all at once by one', async () => {
    const label: AdmissionPlugin = {
      name: 'Label',
      mutate(review) {
        if (review.resource.groupResource !== 'configmaps') return;
        const answers = ['a', 'b'].map((key) => [key, review.ask(askOf({ key, ...questionOf(review) }))] as const);
        for (const [key, answer] of answers) {
          if (answer?.type === 'answered') review.object!.metadata.labels = { ...review.object!.metadata.labels, [key]: answer.value as string };
        }
      },
    };
    const { oracle, server } = await setUp(label, askingPlugin());
    const created = server.request(`POST ${CONFIGMAPS}`, { body: configMap('x') });
    await oracle.askedTimes(2);
    oracle.answer('1' as unknown as object);
    oracle.answer('2' as unknown as object);
    await oracle.askedTimes(3);
    expect(oracle.asked[2]!.object!.metadata.labels).toEqual({ a: '1', b: '2' });
    oracle.answer();
    expect((await created).json.metadata.labels).toEqual({ a: '1', b: '2' });
  });

  it('is refused when there is no end of the questions', async () => {
    let n = 0;
    const curious = askingPlugin((review) => ({ n: review.resource.groupResource === 'configmaps' && n++ }));
    let asked = 0;
    const ask: AskPort = async () => {
      asked++;
      return { type: 'answered', value: { allowed: true } };
    };
    const server = await testServer({ admissionPlugins: [curious], ask });
    const refused = await server.request(`POST ${CONFIGMAPS}`, { body: configMap('a') });
    expect(refused).toMatchObject({ code: 503, json: { message: 'admission asked 100 times and came to no end; try again' } });
    expect(asked).toBe(100);
  });

  it('goes by what its plugin makes of it when the host calls no webhooks', async () => {
    const server = await testServer({ admissionPlugins: [askingPlugin()] });
    const { json } = await server.request(`POST ${CONFIGMAPS}`, { body: configMap('a') });
    expect(json.message).toBe('configmaps "a" is forbidden: no answer: this host calls no webhooks');
  });
});

it('Of two answers to a question the first one stays, in whatever order its fields stand', () => {
  const answers = new Answers();
  answers.learn(askOf({ a: 1, b: { c: 2, d: [3, { e: 4, f: 5 }] } }), { type: 'answered', value: 'first' });
  answers.learn(askOf({ b: { d: [3, { f: 5, e: 4 }], c: 2 }, a: 1 }), { type: 'answered', value: 'second' });
  expect(answers.to(askOf({ b: { d: [3, { f: 5, e: 4 }], c: 2 }, a: 1 }))).toEqual({ type: 'answered', value: 'first' });
  expect(answers.to(askOf({ a: 1, b: { c: 2, d: [{ e: 4, f: 5 }, 3] } }))).toBeUndefined();
});
