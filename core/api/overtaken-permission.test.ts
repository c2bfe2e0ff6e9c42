import { describe, expect, it } from 'vitest';
import { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { type Fields, objectOf } from '../kube/fields.ts';
import { keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { overtakenLog } from '../testing/overtaken-log.ts';
import { type RequestOptions, type TestServer, testServer } from '../testing/server.ts';

/** What a user may do, or what a token is bound to, is changed by another writer after a write was let in and before it is in the log. */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const GROUP = 'rbac.authorization.k8s.io';
const BOB = 'system:serviceaccount:default:bob';
const rules = (...verbs: string[]) => [
  { apiGroups: [''], resources: ['configmaps'], verbs },
  { apiGroups: [''], resources: ['users'], verbs: ['impersonate'] },
];
const bound = (username: string) =>
  objectOf({
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: username.split(':').at(-1)! },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'writer' },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: username }],
  });
const objects = [
  namespace('default'),
  objectOf({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } }),
  objectOf({ apiVersion: `${GROUP}/v1`, kind: 'ClusterRole', metadata: { name: 'writer' }, rules: rules('create') }),
  ...[...['alice', 'carol'], BOB].map(bound),
];

const actor = userNamed('another');
const gone = (resource: string, name: string, of?: string): LogEvent => ({ type: 'DELETED', key: keyOf(resource, of, name), actor });
const changed = (resource: string, name: string, patch: Fields): LogEvent => ({ type: 'MODIFIED', key: keyOf(resource, '', name), patch, actor });
const [ROLES, BINDINGS] = [`clusterroles.${GROUP}`, `clusterrolebindings.${GROUP}`];

const start = async () => {
  const log = overtakenLog();
  const serviceAccountTokens = new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) });
  return { log, server: await testServer({ objects, log, serviceAccountTokens }) };
};

const tokenOf = async (server: TestServer): Promise<string> =>
  (await server.request('POST /api/v1/namespaces/default/serviceaccounts/bob/token', { body: {} })).json.status.token;

const asAlice = async (): Promise<RequestOptions> => ({ token: 'alice' });
const asCarol = async (): Promise<RequestOptions> => ({ token: 'alice', headers: { 'impersonate-user': 'carol' } });
const asBob = async (server: TestServer): Promise<RequestOptions> => ({ token: await tokenOf(server) });

interface Case {
  readonly name: string;
  readonly event: LogEvent;
  readonly as?: (server: TestServer) => Promise<RequestOptions>;
  /** In whose name it is written. */
  readonly actor?: string;
  readonly code: number;
}

describe('A write that comes behind', () => {
  it.each<Case>([
    { name: 'the end of a binding', event: gone(BINDINGS, 'alice'), code: 403 },
    { name: 'the end of a role', event: gone(ROLES, 'writer'), code: 403 },
    { name: 'other rules of a role', event: changed(ROLES, 'writer', { rules: rules('get') }), code: 403 },
    { name: 'other subjects of a binding', event: changed(BINDINGS, 'alice', { subjects: [] }), code: 403 },
    { name: 'more rules of a role', event: changed(ROLES, 'writer', { rules: rules('create', 'get') }), code: 201 },
    { name: 'the end of the binding of another user', event: gone(BINDINGS, 'carol'), code: 201 },
    { name: 'the end of the permission to impersonate', event: gone(BINDINGS, 'alice'), as: asCarol, actor: 'carol', code: 403 },
    { name: 'the end of the binding of the impersonated user', event: gone(BINDINGS, 'carol'), as: asCarol, actor: 'carol', code: 403 },
    { name: 'the end of the account of its token', event: gone('serviceaccounts', 'bob', 'default'), as: asBob, actor: BOB, code: 401 },
  ])('$name is answered $code', async ({ event, as = asAlice, actor: writer = 'alice', code }) => {
    const { log, server } = await start();
    const options = await as(server);
    log.overtake(writer, () => [event]);
    const answer = await server.request(`POST ${CONFIGMAPS}`, { ...options, body: configMap('a') });
    expect({ code: answer.code, stored: (await server.request(`GET ${CONFIGMAPS}/a`)).code, problems: server.problems }).toEqual({
      code,
      stored: code === 201 ? 200 : 404,
      problems: [],
    });
  });
});

it('A write whose body is long in coming is held against the roles of its end, in the words of every refusal', async () => {
  const { server } = await start();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const answer = server.request(`POST ${CONFIGMAPS}`, { token: 'alice', body: readable });
  const body = writable.getWriter();
  await body.write(Buffer.from(JSON.stringify(configMap('a')).slice(0, 20)));
  await server.request(`DELETE /apis/${GROUP}/v1/clusterrolebindings/alice`);
  await body.write(Buffer.from(JSON.stringify(configMap('a')).slice(20)));
  await body.close();
  const message = 'configmaps is forbidden: User "alice" cannot create resource "configmaps" in API group "" in the namespace "default"';
  expect(await answer).toMatchObject({ code: 403, json: { reason: 'Forbidden', message } });
});
