import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { FlowSchema, PolicyRulesWithSubjects } from '../../schema/generated/kinds.ts';
import { namespace } from '../../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../../testing/server.ts';

const FLOWCONTROL = 'flowcontrol.apiserver.k8s.io/v1';

const level = (name: string): KubeObject =>
  ({
    apiVersion: FLOWCONTROL,
    kind: 'PriorityLevelConfiguration',
    metadata: { name },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
  }) as KubeObject;

const schema = (name: string, matchingPrecedence: number, rules: PolicyRulesWithSubjects[], to = 'all'): FlowSchema => ({
  apiVersion: FLOWCONTROL,
  kind: 'FlowSchema',
  metadata: { name },
  spec: { matchingPrecedence, priorityLevelConfiguration: { name: to }, rules },
});

const user = (name: string) => ({ kind: 'User', user: { name } });
const group = (name: string) => ({ kind: 'Group', group: { name } });
const account = (name: string) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'ns', name } });
const anything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};
const pods = { resourceRules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/status'], namespaces: ['a'] }] };

async function withFlows(...schemas: FlowSchema[]): Promise<TestServer> {
  const server = await testServer({ objects: [namespace('default'), level('all')] });
  for (const one of schemas) {
    const { code, text } = await server.request(`POST /apis/${FLOWCONTROL}/flowschemas`, { body: one });
    if (code !== 201) throw new Error(text);
  }
  return server;
}

/** The names of what a request was matched by. */
async function flow(server: TestServer, line: string, options: RequestOptions = {}): Promise<string | undefined> {
  const { headers } = await server.request(line, options);
  const nameOf = (resource: string, uid: string | null) => {
    const found = server.replica.state.list(`${resource}.flowcontrol.apiserver.k8s.io` as 'flowschemas.flowcontrol.apiserver.k8s.io');
    return uid === null ? undefined : found.find(({ metadata }) => metadata.uid === uid)!.metadata.name;
  };
  const of = nameOf('flowschemas', headers.get('x-kubernetes-pf-flowschema-uid'));
  return of && `${of} ${nameOf('prioritylevelconfigurations', headers.get('x-kubernetes-pf-prioritylevel-uid'))}`;
}

const as = (username: string, ...groups: string[]): RequestOptions => ({
  headers: { 'impersonate-user': username, ...(groups.length > 0 && { 'impersonate-group': groups.join(',') }) },
});

describe('the FlowSchema of a request', () => {
  it.each<[string, PolicyRulesWithSubjects, string, RequestOptions | undefined, boolean]>([
    ['every user', { subjects: [user('*')], ...anything }, 'GET /api/v1/pods', undefined, true],
    ['a user', { subjects: [user('alice')], ...anything }, 'GET /api/v1/pods', as('alice'), true],
    ['another user', { subjects: [user('bob')], ...anything }, 'GET /api/v1/pods', as('alice'), false],
    ['a group', { subjects: [user('bob'), group('system:masters')], ...anything }, 'GET /api/v1/pods', undefined, true],
    ['a service account', { subjects: [account('x')], ...anything }, 'GET /api', as('system:serviceaccount:ns:x'), true],
    ['all service accounts of a namespace', { subjects: [account('*')], ...anything }, 'GET /api', as('system:serviceaccount:ns:y'), true],
    ['those of another namespace', { subjects: [account('*')], ...anything }, 'GET /api', as('system:serviceaccount:nsx:y'), false],
    ['a resource in a namespace', { subjects: [user('*')], ...pods }, 'GET /api/v1/namespaces/a/pods', undefined, true],
    ['a subresource', { subjects: [user('*')], ...pods }, 'GET /api/v1/namespaces/a/pods/x/status', undefined, true],
    ['another subresource', { subjects: [user('*')], ...pods }, 'GET /api/v1/namespaces/a/pods/x/resize', undefined, false],
    ['another namespace', { subjects: [user('*')], ...pods }, 'GET /api/v1/namespaces/b/pods', undefined, false],
    ['all namespaces', { subjects: [user('*')], ...pods }, 'GET /api/v1/pods', undefined, false],
    ['another verb', { subjects: [user('*')], ...pods }, 'DELETE /api/v1/namespaces/a/pods/x', undefined, false],
    ['another group', { subjects: [user('*')], ...pods }, 'GET /apis/apps/v1/namespaces/a/deployments', undefined, false],
    [
      'a namespace, which is in itself',
      { subjects: [user('*')], resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['namespaces'], namespaces: ['default'] }] },
      'GET /api/v1/namespaces/default',
      undefined,
      true,
    ],
    ['a path', { subjects: [user('*')], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/apis/apps'] }] }, 'GET /apis/apps', undefined, true],
    ['a path below', { subjects: [user('*')], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/apis/*'] }] }, 'GET /apis/apps/v1', undefined, true],
    ['a path beside', { subjects: [user('*')], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }] }, 'GET /apis', undefined, false],
    ['what lasts', { subjects: [user('*')], ...anything }, 'GET /api/v1/namespaces/a/pods/x/log', undefined, false],
  ])('matches %s', async (_name, rule, line, options, isMatched) => {
    expect(await flow(await withFlows(schema('one', 500, [rule])), line, options)).toBe(isMatched ? 'one all' : undefined);
  });

  it('is the one of the lowest precedence, then of the first name, whose level there is', async () => {
    const rules = [{ subjects: [user('*')], ...anything }];
    const server = await withFlows(schema('b', 500, rules), schema('a', 500, rules), schema('late', 501, rules), schema('dangling', 2, rules, 'none'));
    expect(await flow(server, 'GET /api')).toBe('a all');
    await server.create(level('none'));
    expect(await flow(server, 'GET /api')).toBe('dangling none');
    await server.request(`DELETE /apis/${FLOWCONTROL}/flowschemas/dangling`);
    expect(await flow(server, 'GET /api')).toBe('a all');
  });

  it('is told also with a failure, and a watch', async () => {
    const server = await withFlows(schema('one', 500, [{ subjects: [user('*')], ...anything }]));
    expect(await flow(server, 'GET /api/v1/namespaces/a/pods/none')).toBe('one all');
    expect(await flow(server, 'GET /api/v1/pods', as('alice'))).toBe('one all');
    const stop = new AbortController();
    const { headers } = await server.response('GET /api/v1/pods?watch=1', { signal: stop.signal });
    stop.abort();
    expect(headers.get('x-kubernetes-pf-flowschema-uid')).not.toBeNull();
    expect(await flow(server, 'GET /api/v1/pods', { token: 'nobody' })).toBeUndefined();
  });
});
