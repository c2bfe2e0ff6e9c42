import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Attributes, refusal } from '../auth/authorizer.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import { staticTokens } from '../auth/static-tokens.ts';
import type { KubeObject } from '../kube/object.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import type { AuditEvent } from './audit/event.ts';

/**
 * A user who may read the ConfigMaps of one namespace, and nothing else, asks for everything by every trick of paths, methods and headers: what is authorized and audited is what is
 * served.
 */

const HIDDEN = 'bXktc2VjcmV0LXZhbHVl';
const asked: Attributes[] = [];

/** What the user may do, as the cluster says it. */
const reading = ['Role', 'RoleBinding'].map((kind) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name: 'reading', namespace: 'open' },
  ...(kind === 'Role'
    ? { rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['configmaps'] }] }
    : {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reading' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' }],
      }),
})) as KubeObject[];

let server: TestServer;
let audited: AuditEvent[] = [];
beforeAll(async () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'open' }, data: { password: HIDDEN } };
  const { authorize } = clusterAuthorizer;
  vi.spyOn(clusterAuthorizer, 'authorize').mockImplementation((attributes, state) => {
    if (attributes.user.username === 'reader') asked.push(attributes);
    return authorize(attributes, state);
  });
  server = await testServer({
    authenticator: staticTokens({ admin: { username: 'admin', groups: ['system:masters'] }, reader: { username: 'reader', groups: [] } }),
    objects: [
      namespace('open'),
      namespace('closed'),
      configMap('a', { namespace: 'open', data: { a: 'seen' } }),
      configMap('a', { namespace: 'closed', data: { a: HIDDEN } }),
      secret,
      ...reading,
    ],
    audit: {
      policy: { rules: [{ level: 'Metadata', users: ['reader'] }], omitStages: ['RequestReceived'] },
      sink: { write: (event) => void audited.push(event) },
    },
  });
});

afterAll(() => vi.restoreAllMocks());

const OPEN = '/api/v1/namespaces/open/configmaps';

const targets = [
  `${OPEN}/a`,
  `${OPEN}/a/`,
  OPEN,
  `${OPEN}/../secrets/s`,
  `${OPEN}/%2e%2e/secrets/s`,
  `${OPEN}/..%2fsecrets/s`,
  `${OPEN}/..%5csecrets%5cs`,
  `${OPEN}/..;/secrets/s`,
  `${OPEN}/a/../../secrets/s`,
  `${OPEN}/a/../../../closed/configmaps/a`,
  `${OPEN}%2f..%2fsecrets`,
  `${OPEN}%00/../secrets`,
  `${OPEN}//a`,
  `//api/v1/namespaces/open/secrets/s`,
  `/api/v1//namespaces/open/secrets/s`,
  `/api/v1/namespaces//secrets`,
  `/api/v1/namespaces/open//secrets/s`,
  `/./api/v1/namespaces/open/secrets/s`,
  `/version/../api/v1/namespaces/open/secrets/s`,
  `/healthz/../api/v1/secrets`,
  `/api/v1/namespaces/open/secrets/s`,
  `/api/v1/namespaces/open%2fsecrets%2fs`,
  `/api/v1/namespaces/open/SECRETS/s`,
  `/API/v1/namespaces/open/secrets/s`,
  `/api/v1/secrets`,
  `/api/v1/secrets?namespace=open`,
  `/api/v1/watch/secrets`,
  `/api/v1/watch/namespaces/open/secrets/s`,
  `/api/v1/watch/namespaces/open/configmaps/a`,
  `/api/v1/configmaps?fieldSelector=metadata.namespace%3Dopen`,
  `/api/v1/configmaps`,
  `/api/v1/namespaces/closed/configmaps/a`,
  `/api/v1/namespaces/open/configmaps/a?namespace=closed`,
  `/api/v1/namespaces/closed%2f..%2fopen/configmaps/a`,
  `/api/v1/namespaces/closed/configmaps/a?x=/api/v1/namespaces/open/configmaps/a`,
  `/api/v1/namespaces/closed/configmaps/a#/api/v1/namespaces/open/configmaps/a`,
  `/api/v1/namespaces/closed/configmaps/a?watch=1`,
  `https://other.example/api/v1/namespaces/open/secrets/s`,
  `https://other.example${OPEN}/a`,
  `/clusters/main/api/v1/namespaces/open/secrets/s`,
  `/clusters/main@9/api/v1/namespaces/open/secrets/s`,
  `/clusters/main@9${OPEN}/../secrets/s`,
  `/clusters/main/../../api/v1/secrets`,
  `/clusters/main%2f..%2f..%2fapi/v1/secrets`,
  `/api/v1/proxy/namespaces/open/secrets/s`,
  `/api/v1/namespaces/open/pods/../secrets/s/log`,
  `/api/v1/namespaces/open/configmaps/a/status`,
  `/api/v1/namespaces/open/configmaps/a/proxy/../../secrets/s`,
  '*',
  '',
];

/** What some server in front, or some framework, takes for another request than the one that was sent. */
const smuggled: Record<string, string>[] = [
  {},
  {
    'x-original-url': '/api/v1/namespaces/open/secrets/s',
    'x-rewrite-url': '/api/v1/namespaces/open/secrets/s',
    'x-forwarded-uri': '/api/v1/namespaces/open/secrets/s',
  },
  { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' },
  { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters', 'x-forwarded-user': 'admin', 'x-forwarded-for': '127.0.0.1' },
  { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' },
];

const isRead = (line: string) => line.startsWith('GET') || line.startsWith('HEAD');

describe.each(smuggled)('with the headers %j', (headers) => {
  it.each(targets)('%j shows and changes nothing but what its user may', async (target) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      asked.length = 0;
      audited = [];
      const before = server.replica.state.offset;
      const stop = new AbortController();
      const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? { body: configMap('a', { namespace: 'open', data: { a: 'changed' } }) } : {};
      const answer = await server.response(`${method} ${target}`, { token: 'reader', headers, signal: stop.signal, ...body });
      const isWatch = 'over' in answer;
      const text = isWatch ? '' : await answer.text();
      stop.abort();
      expect(server.replica.state.offset).toBe(before);
      expect(text).not.toContain(HIDDEN);
      const served = answer.status < 300;
      if (!served) continue;
      // All that was decided was decided of this, by the user's own name, and is what the audit log says.
      expect(isRead(`${method} ${target}`)).toBe(true);
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({ user: { username: 'reader' }, resource: 'configmaps', namespace: 'open' });
      expect(audited[0]).toMatchObject({ verb: asked[0]!.verb, objectRef: { resource: 'configmaps', namespace: 'open' }, user: { username: 'reader' } });
      if (text) expect(text).toContain('"namespace":"open"');
    }
  });
});

it('says in what it refuses what was refused', async () => {
  const { json } = await server.request('GET /api/v1/namespaces/open/secrets/s', { token: 'reader' });
  expect(json.message).toBe(`secrets "s" is forbidden: ${refusal(asked.at(-1)!, undefined)}`);
});
