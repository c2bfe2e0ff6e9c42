import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemEnv } from '../core/env.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { auditingBy } from './auditing.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

const files = { auditLogMaxsize: 1, auditLogMaxbackup: 0, auditLogMaxage: 0 };
const directory = () => mkdtempSync(path.join(tmpdir(), 'logplane-auditing-'));
const example = path.resolve(import.meta.dirname, '../docs/examples/audit-policy.yaml');
const problem = (message: string, error?: unknown) => {
  throw new Error(message, { cause: error });
};

it('a host writes down who asked for what, over the network', async () => {
  const file = path.join(directory(), 'audit.log');
  const auditing = auditingBy({ ...files, auditPolicyFile: example, auditLogPath: file }, problem)!;
  const host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: secrets(undefined),
    port: 0,
    nodes: 0,
    cluster: 'default',
    audit: auditing.audit,
    problem,
  });
  const send = (target: string, token: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': '192.0.2.1' };
      request(new URL(target, host.url), { ca: host.ca, headers }, (answer) => resolve(answer.resume().statusCode!))
        .on('error', reject)
        .end();
    });
  expect([await send('/api/v1/nodes', host.token), await send('/healthz', host.token), await send('/api/v1/nodes', 'guess')]).toEqual([200, 200, 401]);
  await host.close();
  await auditing.close();
  const text = readFileSync(file, 'utf8');
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const read = { requestURI: '/api/v1/nodes', verb: 'list', objectRef: { resource: 'nodes' }, sourceIPs: ['192.0.2.1', '127.0.0.1'] };
  expect(events).toMatchObject([
    { ...read, stage: 'ResponseComplete', user: { username: 'logplane-admin' }, responseStatus: { code: 200 } },
    { ...read, stage: 'ResponseStarted', user: {}, responseStatus: { code: 401 } },
  ]);
  expect(text).not.toContain(host.token);
});

describe('is not started', () => {
  const wrong = () => {
    const file = path.join(directory(), 'policy.yaml');
    writeFileSync(file, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]');
    return file;
  };
  it.each([
    ['with nowhere to write to', { auditPolicyFile: example }, '--audit-policy-file needs --audit-log-path'],
    ['without a policy', { auditLogPath: '-' }, '--audit-log-path needs --audit-policy-file'],
    ['with a policy that is not there', { auditPolicyFile: '/nowhere', auditLogPath: '-' }, 'failed to read file path "/nowhere": ENOENT'],
    ['with a policy that is none', { auditPolicyFile: wrong(), auditLogPath: '-' }, 'rules[0].level: Unsupported value: "All"'],
  ])('%s', (_name, options, why) => expect(() => auditingBy({ ...files, ...options }, problem)).toThrow(why));

  it('and audits nothing unless told', () => expect(auditingBy(files, problem)).toBeUndefined());
});
