import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../golden/cluster.ts';
import { authorization } from './exchanges/authorization.ts';
import { given } from './exchanges/given.ts';
import { grants } from './exchanges/grants.ts';
import { impersonation } from './exchanges/impersonation.ts';
import { reviews } from './exchanges/reviews.ts';
import { type Identity, identities, objects } from './identities.ts';
import { requests } from './requests.ts';

let cluster: Cluster;
/** Of service accounts of the namespace a, by their names. */
const tokens = new Map<string, string>();
beforeAll(async () => {
  cluster = await startCluster({ args: ['--nodes', '1'] });
  for (const object of [...objects, ...given]) await create(object as Created);
  for (const account of ['app', 'actor', 'constrained']) {
    const { text } = await cluster.fetch(`/api/v1/namespaces/a/serviceaccounts/${account}/token`, { method: 'POST', headers: JSON_TYPE, body: '{}' });
    tokens.set(account, JSON.parse(text).status.token);
  }
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
  const { status, text } = await cluster.fetch(path, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(object) });
  if (status !== 201) throw new Error(text);
}

const JSON_TYPE = { 'content-type': 'application/json' };

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

describe('It is answered', () => {
  it.each([...authorization, ...impersonation, ...grants, ...reviews])(
    '$name',
    async ({ as, account, token, headers, request, type = 'application/json', body, code, message, status }) => {
      const [method, path] = request.split(' ') as [string, string];
      const shown = token ?? (account === undefined ? undefined : tokens.get(account));
      const answer = await cluster.fetch(path, {
        method,
        headers: {
          ...(shown && { authorization: `Bearer ${shown}` }),
          ...(as && { 'impersonate-user': as }),
          ...(body && { 'content-type': type }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const json = answer.json() as { message?: string; status?: object };
      expect({ code: answer.status, message: code < 300 ? undefined : json.message }).toEqual({ code, message });
      if (status) expect(json.status).toEqual(status);
    },
  );
});

/** `V+` when they are let in, `V-` when they are refused in Kubernetes' words, or else what they were told. */
async function judged(identity: Identity, { method, path, question }: { method: string; path: string; question: string }): Promise<string> {
  const isWrite = method !== 'GET' && method !== 'HEAD';
  const hasBody = isWrite && method !== 'DELETE';
  const target = isWrite ? `${path}${path.includes('?') ? '&' : '?'}dryRun=All` : path;
  const headers = { ...credentials(identity), ...(hasBody && { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }) };
  const { status, text } = await cluster.fetch(target, { method, headers, ...(hasBody && { body: '{}' }) });
  if (status !== 401 && status !== 403) return `${identity.column}+`;
  if (method === 'HEAD') return `${identity.column}-`;
  const { message } = JSON.parse(text) as { message: string };
  return message === refusal(identity, path, question) ? `${identity.column}-` : `${identity.column} ${status}: ${message}`;
}

function credentials({ user, groups = [], token: own, account, anonymous }: Identity): Record<string, string> {
  if (own) return {};
  if (anonymous) return { authorization: '' };
  if (account) return { authorization: `Bearer ${tokens.get('app')}` };
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
