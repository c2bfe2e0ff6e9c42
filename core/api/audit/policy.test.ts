import { expect, it } from 'vitest';
import { type AuditedRequest, configFor, type PolicyRule } from './policy.ts';

const alice = { username: 'alice', groups: ['dev', 'system:authenticated'] };
const pods: AuditedRequest = { user: alice, verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: 'a' };
const log: AuditedRequest = { ...pods, verb: 'get', name: 'x', subresource: 'log' };
const node: AuditedRequest = { user: alice, verb: 'get', group: '', version: 'v1', resource: 'nodes', name: 'n' };
const health: AuditedRequest = { user: undefined, verb: 'get', path: '/healthz/ping' };

it.each<[string, Partial<PolicyRule>, AuditedRequest, boolean]>([
  ['everything', {}, pods, true],
  ['a user', { users: ['alice'] }, pods, true],
  ['another user', { users: ['bob'] }, pods, false],
  ['a user where nobody authenticated', { users: ['alice'] }, health, false],
  ['a group', { userGroups: ['ops', 'dev'] }, pods, true],
  ['another group', { userGroups: ['ops'] }, pods, false],
  ['a verb', { verbs: ['get', 'list'] }, pods, true],
  ['another verb', { verbs: ['get'] }, pods, false],
  ['a namespace', { namespaces: ['a'] }, pods, true],
  ['another namespace', { namespaces: ['b'] }, pods, false],
  ['no namespace', { namespaces: [''] }, node, true],
  ['a namespace, of a path', { namespaces: [''] }, health, false],
  ['a group of resources', { resources: [{ group: '' }] }, pods, true],
  ['another group of resources', { resources: [{ group: 'apps' }] }, pods, false],
  ['every group', { resources: [{ group: '*' }] }, pods, true],
  ['a resource, but not what is below it', { resources: [{ resources: ['pods'] }] }, log, false],
  ['a subresource', { resources: [{ resources: ['pods/log'] }] }, log, true],
  ['all of a resource', { resources: [{ resources: ['pods/*'] }] }, log, true],
  ['all of a resource, with itself', { resources: [{ resources: ['pods/*'] }] }, pods, true],
  ['a subresource of all', { resources: [{ resources: ['*/log'] }] }, log, true],
  ['every resource and what is below', { resources: [{ resources: ['*'] }] }, log, true],
  ['a name', { resources: [{ resources: ['nodes'], resourceNames: ['n'] }] }, node, true],
  ['another name', { resources: [{ resources: ['nodes'], resourceNames: ['m'] }] }, node, false],
  ['no name', { resources: [{ resources: ['pods'], resourceNames: [''] }] }, pods, true],
  ['a path', { nonResourceURLs: ['/healthz/ping'] }, health, true],
  ['what begins with a path', { nonResourceURLs: ['/healthz*'] }, health, true],
  ['a path above', { nonResourceURLs: ['/healthz'] }, health, false],
  ['a path, of a resource', { nonResourceURLs: ['*'] }, pods, false],
])('a rule for %s', (_name, rule, request, isMatched) => {
  expect(configFor({ rules: [{ level: 'Metadata', ...rule }] }, request).level).toBe(isMatched ? 'Metadata' : 'None');
});

it('is the first one that matches, with the stages that the whole policy leaves out', () => {
  const rules: PolicyRule[] = [
    { level: 'None', verbs: ['watch'] },
    { level: 'Request', verbs: ['list'], omitStages: ['Panic'], omitManagedFields: false },
    { level: 'Metadata' },
  ];
  const policy = { rules, omitStages: ['RequestReceived'] as const, omitManagedFields: true };
  expect(configFor(policy, pods)).toEqual({ level: 'Request', omitStages: new Set(['RequestReceived', 'Panic']), omitManagedFields: false });
  expect(configFor(policy, node)).toEqual({ level: 'Metadata', omitStages: new Set(['RequestReceived']), omitManagedFields: true });
  expect(configFor({ ...policy, rules: rules.slice(0, 1) }, pods).level).toBe('None');
});
