import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemEnv } from '../core/env.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { PATIENCE_MS } from '../test/support/patience.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

/** What stands in the headers of a host's answers, as they come over the network. */

let host: Host;
beforeAll(async () => {
  host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: secrets(undefined),
    port: 0,
    nodes: 0,
    cluster: 'default',
    corsOrigins: ['^https://console\\.example$'],
    problem: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
});
afterAll(() => host.close());

function send(method: string, path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(new URL(path, host.url), { method, ca: host.ca, headers }, (answer) => resolve(answer.resume()))
      .on('error', reject)
      .end();
  });
}

it('a browser asks before it sends a token', async () => {
  const asked = await send('OPTIONS', '/api/v1/pods', { origin: 'https://console.example', 'access-control-request-method': 'GET' });
  expect(asked.statusCode).toBe(204);
  expect(asked.headers).toMatchObject({ 'access-control-allow-origin': 'https://console.example', 'access-control-allow-credentials': 'true' });
  const other = await send('OPTIONS', '/api/v1/pods', { origin: 'https://console.example.evil', 'access-control-request-method': 'GET' });
  expect(other.headers['access-control-allow-origin']).toBeUndefined();
});

it('a request says by which of the FlowSchemas that every cluster has it was matched', async () => {
  const token = { authorization: `Bearer ${host.token}` };
  const uid = (resource: string, name: string) =>
    host
      .replica('default')
      .then(
        (replica) =>
          replica!.state.get(`${resource}.flowcontrol.apiserver.k8s.io` as 'flowschemas.flowcontrol.apiserver.k8s.io', undefined, name)?.metadata.uid,
      );
  await vi.waitUntil(async () => (await uid('flowschemas', 'exempt')) && (await uid('prioritylevelconfigurations', 'exempt')), { timeout: PATIENCE_MS });
  const { headers } = await send('GET', '/api/v1/namespaces/default/pods/none', token);
  expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await uid('flowschemas', 'exempt'));
  expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(await uid('prioritylevelconfigurations', 'exempt'));
});
