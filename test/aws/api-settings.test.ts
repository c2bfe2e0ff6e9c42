import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AwsHost, startAwsHost, TOKEN } from './aws-host.ts';
import { json } from './requests.ts';

/** What may be set of the API when deploying. */

let host: AwsHost;
beforeAll(async () => {
  host = await startAwsHost({
    nodes: 0,
    corsOrigins: '^https://console\\.example$',
    auditPolicy: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: Metadata, verbs: [create], omitStages: [RequestReceived]}',
  });
});
afterAll(() => host.close());

it('a page of an origin that is set may ask before it has a token, and read what it is answered', async () => {
  const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });
  const asked = await host.fetch('/api/v1/pods', { method: 'OPTIONS', ...from('https://console.example', { authorization: '' }) });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://console.example']);
  const refused = await host.fetch('/api/v1/pods', from('https://console.example', { authorization: '' }));
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://console.example']);
  const listed = await host.fetch('/api/v1/pods', from('https://console.example'));
  expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://console.example']);
  const other = await host.fetch('/api/v1/pods', { method: 'OPTIONS', ...from('https://other.example', { authorization: '' }) });
  expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([401, null]);
});

it('requests are audited into the log of the function, a line each', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const { status } = await host.fetch(path, json('POST', { metadata: { name: 'a' }, data: { word: 'hunter2' } }));
  expect(status).toBe(201);
  await host.fetch(path);
  const events = host
    .logs()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      stage: 'ResponseComplete',
      verb: 'create',
      objectRef: { resource: 'configmaps', name: 'a' },
      sourceIPs: ['203.0.113.7'],
    },
  ]);
  expect(host.logs()).not.toContain(TOKEN);
  expect(host.logs()).not.toContain('hunter2');
});
