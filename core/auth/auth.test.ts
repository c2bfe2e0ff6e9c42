import { describe, expect, it } from 'vitest';
import { realInstant } from '../instant.ts';
import type { User } from '../kube/user.ts';
import { stateOf } from '../testing/state.ts';
import { type AuthenticationContext, anyOf, bearerToken } from './authenticator.ts';
import { internalAuthorizer, refusal, withPrivilegedGroup } from './authorizer.ts';
import { staticTokens } from './static-tokens.ts';

const EMPTY = stateOf([]);
const context: AuthenticationContext = { cluster: 'main', now: realInstant(0) };

it.each([
  { header: 'Bearer abc', want: 'abc' },
  { header: 'bearer  abc', want: 'abc' },
  { header: 'Bearer ', want: undefined },
  { header: 'Basic abc', want: undefined },
  { header: '', want: undefined },
  { header: null, want: undefined },
])('the token of "$header"', ({ header, want }) => {
  expect(bearerToken(header)).toBe(want);
});

it('knows the bearers of its tokens, and of no others', async () => {
  const authenticator = anyOf([staticTokens({ one: { username: 'a', groups: [] } }), staticTokens({ two: { username: 'b', groups: [] } })]);
  const bearer = async (token: string) => (await authenticator.authenticate(token, context))?.user.username;
  expect(await Promise.all(['one', 'two', 'on', 'onee', ''].map(bearer))).toEqual(['a', 'b', undefined, undefined, undefined]);
});

describe('the internal authorizer', () => {
  const user = (...groups: string[]): User => ({ username: 'u', groups });
  const whoami = { verb: 'create', group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' };
  const secrets = { verb: 'get', group: '', version: 'v1', resource: 'secrets', namespace: 'default' };
  it.each([
    { name: 'administrators', attributes: { user: user('system:masters'), ...secrets }, want: true },
    { name: 'nodes', attributes: { user: user('system:nodes', 'system:authenticated'), ...secrets }, want: false },
    { name: 'service accounts', attributes: { user: user('system:serviceaccounts', 'system:authenticated'), ...secrets }, want: false },
    { name: 'any other user', attributes: { user: user('system:authenticated'), ...secrets }, want: false },
    { name: 'discovery', attributes: { user: user('system:authenticated'), verb: 'get', path: '/apis/apps' }, want: true },
    { name: 'discovery without a token', attributes: { user: user('system:unauthenticated'), verb: 'get', path: '/apis/apps' }, want: false },
    { name: 'the version without a token', attributes: { user: user('system:unauthenticated'), verb: 'get', path: '/version' }, want: true },
    { name: 'what only begins like discovery', attributes: { user: user('system:authenticated'), verb: 'get', path: '/apisx' }, want: false },
    { name: 'metrics', attributes: { user: user('system:authenticated'), verb: 'get', path: '/metrics' }, want: false },
    { name: 'a write to a path', attributes: { user: user('system:authenticated'), verb: 'post', path: '/apis' }, want: false },
    { name: 'asking about oneself', attributes: { user: user('system:authenticated'), ...whoami }, want: true },
    { name: 'a resource of that name in another group', attributes: { user: user('system:authenticated'), ...whoami, group: 'example.com' }, want: false },
    { name: 'asking about others', attributes: { user: user('system:authenticated'), ...whoami, resource: 'tokenreviews' }, want: false },
    { name: 'acting as others', attributes: { user: user('system:authenticated'), ...secrets, verb: 'impersonate', resource: 'users' }, want: false },
  ])('$name: $want', ({ attributes, want }) => {
    expect(withPrivilegedGroup(internalAuthorizer).authorize(attributes, EMPTY).allowed).toBe(want);
  });

  it('lets no authorizer stand in the way of administrators', () => {
    const nothing = withPrivilegedGroup({
      authorize: () => ({ allowed: false, reason: 'never' }),
      rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
    });
    expect(nothing.authorize({ user: user('system:masters'), ...secrets }, EMPTY)).toEqual({ allowed: true });
    expect(nothing.authorize({ user: user('system:nodes'), ...secrets }, EMPTY)).toEqual({ allowed: false, reason: 'never' });
    expect(nothing.rulesFor(user('system:masters'), 'default', EMPTY).resourceRules).toEqual([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    expect(nothing.rulesFor(user('system:nodes'), 'default', EMPTY).resourceRules).toEqual([]);
  });

  it('says why in the words of Kubernetes', () => {
    const asked = { user: user(), verb: 'patch', group: 'apps', version: 'v1', resource: 'deployments', subresource: 'scale', namespace: 'default' };
    expect(refusal(asked, undefined)).toBe('User "u" cannot patch resource "deployments/scale" in API group "apps" in the namespace "default"');
    expect(refusal({ user: user(), verb: 'get', path: '/x' }, 'no role')).toBe('User "u" cannot get path "/x": no role');
  });
});
