import { expect, it } from 'vitest';
import { testServer } from '../../testing/server.ts';

const idOf = async (line: string, headers: Record<string, string> = {}) => (await (await testServer()).response(line, { headers })).headers.get('audit-id');

it.each(['GET /api/v1/pods', 'GET /version', 'GET /api/v1/nowhere', 'GET /api/v1/pods?limit=x', 'POST /api/v1/pods', 'GET /nothing'])(
  'names what is asked: %s',
  async (line) => {
    expect(await idOf(line)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  },
);

it('takes the name that the client has for it, at a sane length', async () => {
  expect(await idOf('GET /api/v1/pods', { 'audit-id': 'mine' })).toBe('mine');
  expect(await idOf('GET /api/v1/pods', { 'audit-id': 'x'.repeat(100) })).toBe('x'.repeat(64));
});
