import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namespace } from '../../core/testing/objects.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';

/** What a real Kubernetes 1.36.3 answered to objects that it refuses, to the letter: `validation.jsonl` was recorded of one. */
interface Case {
  readonly id: string;
  readonly path: string;
  readonly body: object;
  readonly status: object;
}

const cases = readFileSync(path.join(import.meta.dirname, 'validation.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line.replaceAll('$NS', 'truth')) as Case);

describe('an object that Kubernetes refuses', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
    await server.create(namespace('truth'));
  });
  afterAll(() => expect(server.problems).toEqual([]));

  it.each(cases)('$id', async ({ path, body, status }) => {
    const answer = await server.request(`POST ${path}`, { body });
    expect(answer.json).toEqual(status);
  });
});
