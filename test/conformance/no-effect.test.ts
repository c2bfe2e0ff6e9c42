import { describe, expect, it } from 'vitest';
import { builtIn } from '../../core/apis/built-in.ts';
import { type Answer, testServer } from '../../core/testing/server.ts';
import { names, samples } from './samples.ts';

/** Kinds of which nothing comes yet say so, so that no client relies on what they promise or waits for what they announce. */

const kinds = ['APIService'];
const conditions: Record<string, string> = { APIService: 'Available' };

const declared = builtIn.filter(({ strategy }) => strategy.noEffect);

it('are these', () => expect(declared.map(({ kind }) => kind).sort()).toEqual([...kinds].sort()));

describe.each(declared.map(({ kind }) => kind))('%s', (kind) => {
  const resource = declared.find((one) => one.kind === kind)!;
  const { version } = resource.versions[0]!;
  const apiVersion = resource.group ? `${resource.group}/${version}` : version;
  const id = `${apiVersion} ${resource.resource}`;
  const collection = `${resource.group ? `/apis/${apiVersion}` : `/api/${version}`}${resource.namespaced ? '/namespaces/default' : ''}/${resource.resource}`;
  const sample = samples[id]!;
  const body = {
    ...structuredClone(sample),
    metadata: { name: names[id] ?? 'sample' },
  };

  it('says so to the client that writes one', async () => {
    const server = await testServer();
    const warned = ({ code, headers }: Answer) => ({ code, warning: headers.get('warning') });
    const text = expect.stringMatching(new RegExp(`^299 - "this ${kind} is kept, and has no effect: [A-Za-z ]+ yet"`));
    const object = `${collection}/${body.metadata.name}`;
    expect(warned(await server.request(`POST ${collection}?dryRun=All`, { body }))).toEqual({ code: 201, warning: text });
    const created = await server.request(`POST ${collection}`, { body });
    expect(warned(created)).toEqual({ code: 201, warning: text });
    const patch = { body: { metadata: { labels: { a: 'b' } } }, type: 'application/merge-patch+json' };
    const patched = await server.request(`PATCH ${object}`, patch);
    expect(warned(patched)).toEqual({ code: 200, warning: text });
    expect(warned(await server.request(`PUT ${object}`, { body: patched.json }))).toEqual({ code: 200, warning: text });
    // Reading is not relying.
    expect(warned(await server.request(`GET ${object}`))).toEqual({ code: 200, warning: null });
    expect(warned(await server.request(`DELETE ${object}`))).toEqual({ code: 200, warning: null });
  });

  it.runIf(kind in conditions)('has a condition that says so too, also when it is changed', async () => {
    const server = await testServer();
    await server.request(`POST ${collection}`, { body: { ...body, status: { conditions: [{ type: conditions[kind], status: 'True' }] } } });
    await server.request(`PATCH ${collection}/${body.metadata.name}`, { body: { metadata: { labels: { a: 'b' } } }, type: 'application/merge-patch+json' });
    const { json } = await server.request(`GET ${collection}/${body.metadata.name}`);
    expect(json.status.conditions).toEqual([
      {
        type: conditions[kind],
        status: 'False',
        reason: 'NotImplemented',
        message: expect.stringMatching(/ yet$/),
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ]);
  });
});

it('an APIService of this server itself is what it says', async () => {
  const server = await testServer();
  const local = { metadata: { name: 'v1.example.com' }, spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } };
  const { code, headers } = await server.request('POST /apis/apiregistration.k8s.io/v1/apiservices', { body: local });
  expect([code, headers.get('warning')]).toEqual([201, null]);
});
