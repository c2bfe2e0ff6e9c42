import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { PolicyRule } from '../../schema/generated/kinds.ts';
import { assume } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';
import { keyOfObject, stateOf, stored } from '../../testing/state.ts';
import type { Attributes } from '../authorizer.ts';
import { clusterAuthorizer } from '../cluster-authorizer.ts';

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const apiGroup = 'rbac.authorization.k8s.io';
const rule = (verbs: string, of: string, resourceNames?: string[]): PolicyRule => {
  const [resources, apiGroup = ''] = of.split('@') as [string, string?];
  return { verbs: verbs.split(','), apiGroups: [apiGroup], resources: resources.split(','), ...(resourceNames && { resourceNames }) };
};
const urls = (verb: string, ...nonResourceURLs: string[]): PolicyRule => ({ verbs: [verb], nonResourceURLs });
const role = (namespace: string, name: string, ...rules: PolicyRule[]): KubeObject =>
  ({ ...rbac, kind: 'Role', metadata: { namespace, name }, rules }) as KubeObject;
const clusterRole = (name: string, ...rules: PolicyRule[]): KubeObject => ({ ...rbac, kind: 'ClusterRole', metadata: { name }, rules }) as KubeObject;
const user = (name: string) => ({ kind: 'User', apiGroup, name });
const group = (name: string) => ({ kind: 'Group', apiGroup, name });
const account = (name: string, namespace?: string) => ({ kind: 'ServiceAccount', name, ...(namespace && { namespace }) });
/** `of`: `Role/r` or `ClusterRole/r`; no namespace: of the cluster. */
function binding(namespace: string | undefined, name: string, of: string, ...subjects: object[]): KubeObject {
  const [kind, refName] = of.split('/');
  const metadata = { ...(namespace && { namespace }), name };
  return { ...rbac, kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding', metadata, roleRef: { apiGroup, kind, name: refName }, subjects } as KubeObject;
}

const state = stateOf(
  [
    clusterRole('reader', rule('get,list', 'pods,pods/log'), rule('*', 'deployments@apps'), urls('get', '/logs/*', '/metrics')),
    clusterRole('everything', rule('*', '*@*'), urls('*', '*')),
    clusterRole('scales', rule('get', '*/scale@apps')),
    role('a', 'named', rule('get,list,watch', 'configmaps', ['x']), rule('create', 'configmaps')),
    binding(undefined, 'carol-reads', 'ClusterRole/reader', user('carol')),
    binding(undefined, 'accounts', 'ClusterRole/reader', account('app', 'a'), account('nowhere')),
    binding(undefined, 'ops', 'ClusterRole/everything', group('ops')),
    binding('a', 'dave', 'ClusterRole/reader', user('dave'), user('dave')),
    binding('a', 'named', 'Role/named', user('dave'), account('local'), group('testers')),
    binding('a', 'scales', 'ClusterRole/scales', user('dave')),
    binding('a', 'lost', 'Role/gone', user('erin')),
    binding(undefined, 'lost', 'ClusterRole/gone', user('erin')),
    binding('b', 'other-named', 'Role/named', user('dave')),
  ].map((object) => stored(object)),
);

type Asked = Omit<Partial<Extract<Attributes, { path?: undefined }>>, 'user'>;
const ask = (who: Attributes['user'], asked: Asked | string, verb = 'get') =>
  clusterAuthorizer.authorize(
    typeof asked === 'string' ? { user: who, verb, path: asked } : { user: who, verb: 'get', group: '', version: 'v1', resource: 'pods', ...asked },
    state,
  );

const carol = userNamed('carol');
const dave = userNamed('dave');
const tester = { username: 'tom', groups: ['testers'] };

describe('a user may', () => {
  it.each<[string, Attributes['user'], Asked | string, string | undefined, string?]>([
    ['what a role of the cluster says', carol, { namespace: 'b' }, 'ClusterRoleBinding "carol-reads" of ClusterRole "reader" to User "carol"'],
    ['that in no namespace, too', carol, { verb: 'list' }, 'ClusterRoleBinding "carol-reads" of ClusterRole "reader" to User "carol"'],
    ['not by another verb', carol, { verb: 'delete' }, undefined],
    ['not in another group', carol, { group: 'example.com' }, undefined],
    ['a subresource that is named', carol, { subresource: 'log' }, 'ClusterRoleBinding "carol-reads" of ClusterRole "reader" to User "carol"'],
    ['not another subresource', carol, { subresource: 'exec' }, undefined],
    ['every verb', carol, { verb: 'fly', group: 'apps', resource: 'deployments' }, 'ClusterRoleBinding "carol-reads" of ClusterRole "reader" to User "carol"'],
    ['a URL', carol, '/metrics', 'ClusterRoleBinding "carol-reads" of ClusterRole "reader" to User "carol"'],
    ['what is below a URL', carol, '/logs/a/b', 'ClusterRoleBinding "carol-reads" of ClusterRole "reader" to User "carol"'],
    ['not the URL itself that only what is below it was given of', carol, '/logs', undefined],
    ['not what only begins like it', carol, '/metrics/slis', undefined],
    ['not to write to a URL', carol, '/metrics', undefined, 'post'],
    ['what its group may', { username: 'x', groups: ['ops'] }, '/x', 'ClusterRoleBinding "ops" of ClusterRole "everything" to Group "ops"'],
    [
      'what its group may, whatever it is',
      { username: 'x', groups: ['ops'] },
      { resource: 'any', subresource: 'thing' },
      'ClusterRoleBinding "ops" of ClusterRole "everything" to Group "ops"',
    ],
    ['nothing by the name of a group', userNamed('ops'), '/x', undefined],
    ['nothing by the name of a user as a group', { username: 'x', groups: ['carol'] }, {}, undefined],
    ['in a namespace what is bound there', dave, { namespace: 'a' }, 'RoleBinding "dave/a" of ClusterRole "reader" to User "dave"'],
    ['nothing of that in another one', dave, { namespace: 'c' }, undefined],
    ['nothing of that in the cluster', dave, {}, undefined],
    ['no URL by a binding of a namespace', dave, '/metrics', undefined],
    ['what has the right name', dave, { namespace: 'a', resource: 'configmaps', name: 'x' }, 'RoleBinding "named/a" of Role "named" to User "dave"'],
    ['not what has another one', dave, { namespace: 'a', resource: 'configmaps', name: 'y' }, undefined],
    ['not what has none', dave, { namespace: 'a', resource: 'configmaps', verb: 'list' }, undefined],
    ['create what has no name yet', dave, { namespace: 'a', resource: 'configmaps', verb: 'create' }, 'RoleBinding "named/a" of Role "named" to User "dave"'],
    [
      'a subresource of any resource',
      dave,
      { namespace: 'a', group: 'apps', resource: 'statefulsets', subresource: 'scale' },
      'RoleBinding "scales/a" of ClusterRole "scales" to User "dave"',
    ],
    ['not the resource itself', dave, { namespace: 'a', group: 'apps', resource: 'statefulsets' }, undefined],
    ['as one of a group', tester, { namespace: 'a', resource: 'configmaps', name: 'x' }, 'RoleBinding "named/a" of Role "named" to Group "testers"'],
    [
      'as a service account',
      userNamed('system:serviceaccount:a:app'),
      { namespace: 'b' },
      'ClusterRoleBinding "accounts" of ClusterRole "reader" to ServiceAccount "app/a"',
    ],
    ['not as one of its name in another namespace', userNamed('system:serviceaccount:b:app'), {}, undefined],
    [
      'as an account of the namespace of the binding',
      userNamed('system:serviceaccount:a:local'),
      { namespace: 'a', resource: 'configmaps', name: 'x' },
      'RoleBinding "named/a" of Role "named" to ServiceAccount "local/a"',
    ],
    ['nothing as an account that a binding of the cluster has no namespace for', userNamed('system:serviceaccount::nowhere'), {}, undefined],
  ])('%s', (_name, who, asked, want, verb) => {
    expect(ask(who, asked, verb)).toEqual(want === undefined ? { allowed: false } : { allowed: true, reason: `RBAC: allowed by ${want}` });
  });

  it('as an administrator do everything, without a role', () => {
    expect(ask({ username: 'root', groups: ['system:masters'] }, { verb: 'delete', resource: 'nodes' })).toEqual({ allowed: true });
  });
});

it('says which roles are not there that might have allowed it', () => {
  const erin = userNamed('erin');
  expect(ask(erin, {})).toEqual({ allowed: false, reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found' });
  expect(ask(erin, { namespace: 'a' })).toEqual({
    allowed: false,
    reason: 'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "gone" not found]',
  });
});

it('lists what a user may do in a namespace', () => {
  expect(clusterAuthorizer.rulesFor(dave, 'a', state)).toEqual({
    resourceRules: [
      rule('get,list', 'pods,pods/log'),
      rule('*', 'deployments@apps'),
      rule('get,list,watch', 'configmaps', ['x']),
      rule('create', 'configmaps'),
      rule('get', '*/scale@apps'),
    ],
    nonResourceRules: [urls('get', '/logs/*', '/metrics')],
    incomplete: false,
    errors: [],
  });
});

it('goes by the roles and bindings of each state', () => {
  const asked = { user: userNamed('carol'), verb: 'get', group: '', version: 'v1', resource: 'pods' };
  const may = (of: State) => clusterAuthorizer.authorize(asked, of).allowed;
  const change = (of: State, object: KubeObject, gone = false) => assume(of, keyOfObject(object), gone ? undefined : stored(object));
  const bound = binding(undefined, 'carol-reads', 'ClusterRole/reader', user('carol'));
  const unbound = change(state, bound, true);
  const other = change(state, clusterRole('reader', rule('list', 'pods')));
  const elsewhere = change(state, binding(undefined, 'carol-reads', 'ClusterRole/reader', user('dan')));
  expect([state, unbound, change(unbound, bound), other, elsewhere, change(state, clusterRole('reader'), true), state].map(may)).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
    true,
  ]);
});
