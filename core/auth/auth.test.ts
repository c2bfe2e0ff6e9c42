import { expect, it } from 'vitest';
import { realInstant } from '../instant.ts';
import { type AuthenticationContext, anyOf, bearerToken } from './authenticator.ts';
import { refusal } from './authorizer.ts';
import { staticTokens } from './static-tokens.ts';

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

it('says why in the words of Kubernetes', () => {
  const user = { username: 'u', groups: [] };
  const asked = { user, verb: 'patch', group: 'apps', version: 'v1', resource: 'deployments', subresource: 'scale', namespace: 'default' };
  expect(refusal(asked, undefined)).toBe('User "u" cannot patch resource "deployments/scale" in API group "apps" in the namespace "default"');
  expect(refusal({ user, verb: 'get', path: '/x' }, 'no role')).toBe('User "u" cannot get path "/x": no role');
});
