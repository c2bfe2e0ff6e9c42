import { mkdtempSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../core/admission/default-plugins.ts';
import type { AdmissionPlugin } from '../core/admission/plugin.ts';
import { auditPolicyFrom } from '../core/api/audit/policy-file.ts';
import { systemEnv } from '../core/env.ts';
import { forbidden } from '../core/kube/status.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { AuditFile } from './audit-file.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

/** A run with secrets that are known, through all kinds of failures: then they are looked for in everything that the host has written or told, but the Secret itself. */

const PASSWORD = 'correct-horse-battery-staple-4711';
const ENCODED = Buffer.from(PASSWORD).toString('base64');
const SECRETS = '/api/v1/namespaces/default/secrets';

/** Fails as a bug would, and as a careless plugin: with all that it knows. */
const careless: AdmissionPlugin = {
  name: 'Careless',
  validate({ resource, object, name }) {
    if (resource.groupResource !== 'secrets') return;
    if (name === 'bug') throw new Error('a bug in a plugin');
    if (object?.metadata.labels?.['refuse']) throw forbidden(resource, name, 'it is not wanted');
  },
};

let host: Host;
let auditLog: AuditFile;
const kept = secrets(undefined);
const told: string[] = [];
/** Tokens of accounts. */
const issued: string[] = [];
const answers: string[] = [];
const file = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-kept-')), 'audit.log');
beforeAll(async () => {
  auditLog = new AuditFile({ file, maxBytes: 1e9, maxBackups: 0, maxAgeDays: 0, problem: (message) => told.push(message) });
  // As CIS 3.2.2 wants it: of Secrets and tokens the metadata alone, of all else everything.
  const policy = auditPolicyFrom(`
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
  resources: [{group: "", resources: [secrets]}]
- level: RequestResponse`);
  host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: kept,
    port: 0,
    nodes: 1,
    cluster: 'default',
    admissionPlugins: [...defaultAdmissionPlugins, careless],
    audit: { policy, sink: auditLog },
    problem: (message, error) => told.push(message, error instanceof Error ? String(error.stack) : String(error)),
  });
});
afterAll(() => host.close());

interface Sending {
  readonly body?: string;
  readonly type?: string;
  readonly token?: string;
}

function send(method: string, target: string, { body, type = 'application/json', token = host.token }: Sending = {}): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) };
    const sent = request(new URL(target, host.url), { method, ca: host.ca, headers }, (answer) => {
      let text = JSON.stringify(answer.headers);
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ code: answer.statusCode!, text }));
    });
    sent.on('error', reject).end(body);
  });
}

const secret = (name: string, rest: object = {}, metadata: object = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, ...metadata }, data: { password: ENCODED }, ...rest });

const merge = 'application/merge-patch+json';

it.each<[string, string, string, Sending, number]>([
  ['that exists', 'POST', SECRETS, { body: secret('s') }, 409],
  ['that a plugin refuses', 'POST', SECRETS, { body: secret('r', {}, { labels: { refuse: 'yes' } }) }, 403],
  ['on which a plugin breaks', 'POST', SECRETS, { body: secret('bug') }, 500],
  ['with a wrong name', 'POST', SECRETS, { body: secret('No Name') }, 422],
  ['with a wrong key', 'POST', SECRETS, { body: secret('k', { data: { 'a b': ENCODED } }) }, 422],
  ['with a value that is no base64', 'POST', SECRETS, { body: secret('k', { data: { password: `${PASSWORD}!` } }) }, 400],
  ['with a value of another type', 'POST', SECRETS, { body: secret('k', { data: { password: { value: PASSWORD } } }) }, 400],
  ['with a list of values', 'POST', SECRETS, { body: secret('k', { stringData: [PASSWORD] }) }, 400],
  ['of a type that wants other keys', 'POST', SECRETS, { body: secret('k', { type: 'kubernetes.io/tls' }) }, 422],
  [
    'of docker that is no JSON',
    'POST',
    SECRETS,
    { body: secret('k', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': ENCODED } }) },
    422,
  ],
  ['that is immutable', 'PATCH', `${SECRETS}/fixed`, { body: JSON.stringify({ stringData: { password: `${PASSWORD}-changed` } }), type: merge }, 422],
  ['with fields that there are not', 'POST', `${SECRETS}?fieldValidation=Strict`, { body: secret('k', { stringDatas: { password: PASSWORD } }) }, 400],
  ['at another version', 'PUT', `${SECRETS}/s`, { body: secret('s', {}, { resourceVersion: '1' }) }, 409],
  ['that is not there', 'PATCH', `${SECRETS}/none`, { body: JSON.stringify({ stringData: { password: PASSWORD } }), type: merge }, 404],
  [
    'whose test fails',
    'PATCH',
    `${SECRETS}/s`,
    { body: JSON.stringify([{ op: 'test', path: '/data/password', value: PASSWORD }]), type: 'application/json-patch+json' },
    422,
  ],
  [
    'that another manager applies',
    'PATCH',
    `${SECRETS}/s?fieldManager=other`,
    { body: secret('s', { data: { password: 'b3RoZXI=' } }), type: 'application/apply-patch+yaml' },
    409,
  ],
  ['in a form that is not taken', 'POST', SECRETS, { body: secret('k'), type: 'text/plain' }, 415],
  ['in another namespace', 'POST', '/api/v1/namespaces/nowhere/secrets', { body: secret('k', {}, { namespace: 'nowhere' }) }, 404],
  ['of a user without rights', 'POST', SECRETS, { body: secret('k'), token: PASSWORD }, 401],
  ['for which a token is asked about', 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: '{"spec":{}}' }, 400],
])('a Secret %s: %s %s', async (name, method, target, sending, code) => {
  await send('POST', SECRETS, { body: secret('s') });
  await send('POST', SECRETS, { body: secret('fixed', { immutable: true }) });
  const answer = await send(method, target, sending);
  expect(answer.code).toBe(code);
  answers.push(`${name}: ${answer.text}`);
});

it('a pod that uses it, events, metrics and a token that is asked about', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'password' } } }] }] },
  };
  expect((await send('POST', '/api/v1/namespaces/default/pods', { body: JSON.stringify(pod) })).code).toBe(201);
  for (const target of ['/api/v1/events', '/metrics', '/api/v1/namespaces/default/pods/p', '/api/v1/namespaces/default/pods/p/log', '/openapi/v2'])
    answers.push((await send('GET', target)).text);
  // Its answer has the token in it, for the client that showed it.
  await send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: JSON.stringify({ spec: { token: host.token } }) });
  const { text } = await send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { body: '{}' });
  const token = /"token":"([^"]+)"/.exec(text)?.[1];
  if (token) {
    await send('GET', '/api/v1/pods', { token });
    await send('GET', `/api/v1/pods?labelSelector=${token}`);
    issued.push(token);
  }
});

it('none of them is in what was told or written', async () => {
  await auditLog.close();
  const audit = readFileSync(file, 'utf8');
  const outputs = { answers: answers.filter((text) => !text.includes('"kind":"Secret"')).join('\n'), told: told.join('\n'), audit };
  const signingKey = Buffer.from(kept.signingKey);
  const values = {
    PASSWORD,
    ENCODED,
    token: host.token,
    key: signingKey.toString('base64'),
    keyUrl: signingKey.toString('base64url'),
    ...Object.fromEntries(issued.map((token, i) => [`issued ${i}`, token])),
  };
  const found = Object.entries(outputs).flatMap(([where, text]) =>
    Object.entries(values).flatMap(([what, value]) => (text.includes(value) ? [`${what} in ${where}`] : [])),
  );
  expect(found).toEqual([]);
  // They were there to be found: all of it was written about.
  expect(answers.length).toBeGreaterThan(20);
  expect(audit.trim().split('\n').length).toBeGreaterThan(2 * answers.length);
  expect(told.join('\n')).toContain('a bug in a plugin');
  expect(audit).toContain('<removed>');
});
