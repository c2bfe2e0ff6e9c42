import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { testServer } from '../../core/testing/server.ts';

/** What docs/security.md says of the CIS Kubernetes Benchmark, and the rows of it that have no other test. */

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/security.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d\.\d+(?:\.\d+)?) \| (.*?) \| (.*?) \| (.*?) ?\|$/gm)].map(([, row, , here, tests]) => ({
  row: row!,
  here: here!,
  tests: [...tests!.matchAll(/`([^`]+)`/g)].map(([, file]) => file!),
}));

/** How many rows each section of the benchmark has. */
const SECTIONS = [
  ['1.1', 21],
  ['1.2', 30],
  ['1.3', 7],
  ['1.4', 2],
  ['2', 7],
  ['3.1', 3],
  ['3.2', 2],
  ['5.1', 13],
  ['5.2', 12],
  ['5.3', 2],
  ['5.4', 2],
  ['5.5', 1],
  ['5.6', 4],
] as const;

it('every row of the benchmark is answered, in its order', () => {
  const ids = SECTIONS.flatMap(([section, count]) => Array.from({ length: count }, (_, i) => `${section}.${i + 1}`));
  expect(rows.map(({ row }) => row)).toEqual(ids);
  for (const { row, here } of rows) expect({ row, says: here.length > 0 }).toEqual({ row, says: true });
});

const named = [...new Set(rows.flatMap(({ tests }) => tests))];

it.each(named)('%s, which it names, is there', (file) => expect(existsSync(path.join(root, file))).toBe(true));

describe('what is not there', () => {
  it.each(['/debug/pprof/', '/debug/pprof/profile', '/debug/flags/v', '/debug/api_priority_and_fairness/dump_requests', '/logs/', '/configz'])(
    '1.2.15: %s is no page, not even an administrator’s',
    async (target) => {
      const { code, text } = await (await testServer()).request(`GET ${target}`);
      expect([code, text]).toEqual([404, '404 page not found\n']);
    },
  );

  it('3.1.3: a bootstrap token is none that is taken', async () => {
    const server = await testServer();
    await server.request('POST /api/v1/namespaces', { body: { metadata: { name: 'kube-system' } } });
    const data = { 'token-id': 'MDdhYmNk', 'token-secret': 'ZjM5NWFjY2QyNDZhZTUyZA==', 'usage-bootstrap-authentication': 'dHJ1ZQ==' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bootstrap-token-07abcd' }, type: 'bootstrap.kubernetes.io/token', data };
    expect((await server.request('POST /api/v1/namespaces/kube-system/secrets', { body: secret })).code).toBe(201);
    expect((await server.request('GET /api', { token: '07abcd.f395accd246ae52d' })).code).toBe(401);
  });
});
