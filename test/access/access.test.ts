import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../golden/cluster.ts';
import { type Identity, identities, objects } from './identities.ts';
import { requests } from './requests.ts';

let cluster: Cluster;
let token: string;
beforeAll(async () => {
  cluster = await startCluster({ args: ['--nodes', '1'] });
  for (const object of objects) await create(object as Created);
  const path = '/api/v1/namespaces/a/serviceaccounts/app/token';
  const issued = await cluster.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  token = (issued.json() as { status: { token: string } }).status.token;
});
afterAll(() => cluster[Symbol.asyncDispose]());

interface Created {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
}

async function create(object: Created): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const path = `${group}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${kind.toLowerCase()}s`;
  const { status, text } = await cluster.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) });
  if (status !== 201) throw new Error(text);
}

const rows = requests
  .trim()
  .split('\n')
  .map((line) => {
    const [request, question, marks] = line.split('|').map((part) => part.trim()) as [string, string, string];
    const [method, path] = request.split(' ') as [string, string];
    return { request, method, path, question, marks: marks.replaceAll(' ', '') };
  });

describe('Who may do what', () => {
  it.each(rows)('$request', async ({ method, path, question, marks }) => {
    expect(marks).toHaveLength(identities.length);
    const got = await Promise.all(identities.map((identity) => judged(identity, { method, path, question })));
    expect(got.join('\n')).toBe(identities.map(({ column }, i) => `${column}${marks[i]}`).join('\n'));
  });

  it('asks for three hundred at least', () => {
    expect(rows.length * identities.length).toBeGreaterThan(300);
  });
});

/** `V+` when they are let in, `V-` when they are refused in Kubernetes' words, or else what they were told. */
async function judged(identity: Identity, { method, path, question }: { method: string; path: string; question: string }): Promise<string> {
  const isWrite = method !== 'GET' && method !== 'HEAD';
  const target = isWrite ? `${path}${path.includes('?') ? '&' : '?'}dryRun=All` : path;
  const headers = { ...credentials(identity), ...(isWrite && { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }) };
  const { status, text } = await cluster.fetch(target, { method, headers, ...(isWrite && { body: '{}' }) });
  if (status !== 401 && status !== 403) return `${identity.column}+`;
  if (method === 'HEAD') return `${identity.column}-`;
  const { message } = JSON.parse(text) as { message: string };
  return message === refusal(identity, path, question) ? `${identity.column}-` : `${identity.column} ${status}: ${message}`;
}

function credentials({ user, groups = [], token: own, account, anonymous }: Identity): Record<string, string> {
  if (own) return {};
  if (anonymous) return { authorization: '' };
  if (account) return { authorization: `Bearer ${token}` };
  return { 'impersonate-user': user!, ...(groups.length > 0 && { 'impersonate-group': groups.join(',') }) };
}

function refusal({ user }: Identity, path: string, question: string): string {
  const [verb, of, ...rest] = question.split(' ') as [string, string | undefined];
  if (of === undefined) return `forbidden: User "${user}" cannot ${verb} path "${path}"`;
  const name = (rest as string[]).find((word) => word.startsWith('='))?.slice(1);
  const namespace = (rest as string[]).find((word) => !word.startsWith('='));
  const [resource = '', ...group] = of.split('.');
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  const qualified = [resource.split('/')[0], ...group].join('.');
  return `${qualified} ${name === undefined ? '' : `"${name}" `}is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group.join('.')}" ${where}`;
}
