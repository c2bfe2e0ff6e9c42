import { expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../admission/default-plugins.ts';
import type { AdmissionPlugin } from '../../admission/plugin.ts';
import { objectOf } from '../../kube/fields.ts';
import { namespace, pod } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const PODS = '/api/v1/namespaces/default/pods';
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const rbac = 'rbac.authorization.k8s.io';

it('a user who may create evictions, and nothing else, evicts; the budget is counted by the API server', async () => {
  const seen: string[] = [];
  const watcher: AdmissionPlugin = {
    name: 'Watcher',
    validate: ({ resource, subresource, operation, user, dryRun }) =>
      void seen.push([user.username, operation, resource.groupResource, subresource, dryRun && 'dry'].filter(Boolean).join(' ')),
  };
  const server = await testServer({
    admissionPlugins: [...defaultAdmissionPlugins, watcher],
    objects: [
      namespace('default'),
      objectOf({
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: 'evicts', namespace: 'default' },
        rules: [{ apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] }],
      }),
      objectOf({
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'evicts', namespace: 'default' },
        roleRef: { apiGroup: rbac, kind: 'Role', name: 'evicts' },
        subjects: [{ apiGroup: rbac, kind: 'User', name: 'alice' }],
      }),
      objectOf({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'b', namespace: 'default' },
        spec: { minAvailable: 0, selector: { matchLabels: { app: 'p' } } },
      }),
      pod('p', { labels: { app: 'p' } }),
    ],
  });
  const merge = (body: object) => ({ type: 'application/merge-patch+json', body });
  await server.request(`PATCH ${PODS}/p/status`, merge({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }));
  const status = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 };
  await server.request(`PATCH ${BUDGETS}/b/status`, merge({ status }));
  seen.length = 0;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p', uid: 'another' } };
  expect((await server.request(`POST ${PODS}/p/eviction?dryRun=All`, { token: 'alice', body })).code).toBe(201);
  expect(seen).toEqual(['alice CREATE pods eviction dry']);
  seen.length = 0;
  expect((await server.request(`POST ${PODS}/p/eviction`, { token: 'alice', body })).code).toBe(201);
  expect(seen).toEqual(['alice CREATE pods eviction', 'system:apiserver UPDATE poddisruptionbudgets.policy status']);
  const changes = server.replica.recentChanges(server.replica.state.offset - 2, 10)!;
  expect(changes.map(({ key, actor }) => [key, actor.username])).toEqual([
    [expect.stringContaining('pods/default/p'), 'alice'],
    ['poddisruptionbudgets.policy/default/b', 'system:apiserver'],
  ]);
});
