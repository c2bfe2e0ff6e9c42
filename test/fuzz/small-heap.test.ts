import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../golden/cluster.ts';
import { inputs } from './every-input.ts';

/** A host with little memory lives through what quotes the most, one after the other: what an error says is bounded while it is made. */

const HOSTILE = [
  'owners that all control it',
  'owners that are empty',
  'labels that are wrong',
  'finalizers',
  'containers that repeat',
  'pod affinity: terms',
  'JSON: the same key below a long one',
  'JSON: unknown fields, strict',
  'definition: unknown fields below a long one',
  'strategic patch: of a wrong type',
  'webhooks',
];

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ args: ['--nodes', '0'], node: ['--max-old-space-size=192'] });
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } });
  await cluster.fetch('/api/v1/namespaces/default/configmaps', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
});
afterAll(() => cluster[Symbol.asyncDispose]());

it.each(HOSTILE)('%s', async (name) => {
  const input = inputs.find((candidate) => candidate.name === name)!;
  if (!('request' in input)) throw new Error(`${name} is not a request`);
  const { line, options = {} } = input.request(input.short ?? input.size);
  const [method, target] = line.split(' ') as [string, string];
  const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
  const { status, text } = await cluster.fetch(target, { method, headers: { 'content-type': options.type ?? 'application/json' }, body });
  expect(status).toBe(input.code);
  expect(text.length).toBeLessThan(512 * 1024);
  expect((await cluster.fetch('/readyz')).text).toBe('ok');
  expect(cluster.host.process.exitCode).toBeNull();
});
