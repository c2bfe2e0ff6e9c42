import { expect, it } from 'vitest';
import { userNamed } from '../kube/user.ts';
import { State } from '../state/state.ts';
import type { Attributes, Authorizer } from './authorizer.ts';
import { pastReaders } from './past-readers.ts';

/** Permits what is named `verb resource[/name]`. */
const permitting = (permitted: string): Authorizer => ({
  authorize: (attributes) => ({
    allowed:
      attributes.path === undefined &&
      `${attributes.verb} ${attributes.resource}${attributes.subresource ? `.${attributes.subresource}` : ''}${attributes.name ? `/${attributes.name}` : ''} in ${attributes.namespace ?? 'all'}` ===
        permitted,
  }),
  rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] }),
});

const of = (rest: object): Attributes => ({ user: userNamed('alice'), version: 'v1', ...rest }) as Attributes;
const LOGPLANE = { group: 'logplane.dev' };
const changes = { ...LOGPLANE, resource: 'changes', namespace: 'a' };
const history = { verb: 'get', group: 'apps', resource: 'deployments', namespace: 'a', name: 'web', subresource: 'history' };

it.each([
  { asked: { ...changes, verb: 'list' }, permitted: 'list events in a', allowed: true },
  { asked: { ...changes, verb: 'watch' }, permitted: 'list events in a', allowed: false },
  { asked: { ...changes, verb: 'get', name: '12' }, permitted: 'get events in a', allowed: true },
  { asked: { ...LOGPLANE, resource: 'changes', verb: 'list' }, permitted: 'list events in a', allowed: false },
  { asked: { ...LOGPLANE, resource: 'export', verb: 'list' }, permitted: 'list events in all', allowed: true },
  { asked: { ...LOGPLANE, resource: 'bookmarks', verb: 'list' }, permitted: 'list events in all', allowed: false },
  { asked: { ...changes, group: 'example.org', verb: 'list' }, permitted: 'list events in a', allowed: false },
  { asked: { ...changes, verb: 'delete' }, permitted: 'delete events in a', allowed: false },
  { asked: history, permitted: 'get deployments/web in a', allowed: true },
  { asked: { ...history, subresource: 'blame' }, permitted: 'get deployments/web in a', allowed: true },
  { asked: { ...history, subresource: 'scale' }, permitted: 'get deployments/web in a', allowed: false },
  { asked: { ...history, name: 'api' }, permitted: 'get deployments/web in a', allowed: false },
  { asked: { ...LOGPLANE, resource: 'restores', namespace: 'a', verb: 'create' }, permitted: 'create secrets in a', allowed: true },
  { asked: { ...LOGPLANE, resource: 'undos', namespace: 'a', verb: 'list' }, permitted: 'list secrets in a', allowed: true },
  { asked: { ...LOGPLANE, resource: 'transactions', namespace: 'a', verb: 'create' }, permitted: 'create configmaps in a', allowed: false },
  { asked: { ...LOGPLANE, resource: 'restores', namespace: 'a', name: 'x', verb: 'get' }, permitted: 'get secrets/x in a', allowed: false },
  { asked: { ...LOGPLANE, resource: 'clusterrestores', verb: 'create' }, permitted: 'create secrets in all', allowed: false },
  { asked: { verb: 'get', path: '/healthz' }, permitted: 'get events in all', allowed: false },
])('$permitted: $asked', ({ asked, permitted, allowed }) => {
  expect(pastReaders(permitting(permitted)).authorize(of(asked), State.empty)).toEqual({ allowed });
});
