import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { namespace, node, pod } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import type { Table } from '../printers/table.ts';

const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } };
const role = (resource: string): KubeObject[] => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r', namespace: 'default' },
    rules: [{ apiGroups: [''], resources: [resource], verbs: ['create'] }],
  } as KubeObject,
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'r', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
  } as KubeObject,
];

let server: TestServer;
beforeEach(async () => {
  const nodes = [node('a'), node('b', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), node('c')];
  server = await testServer({ roles: true, objects: [namespace('default'), account, ...nodes] });
  // They are ready: the controllers take off the taint that they were created with.
  for (const ready of nodes) await server.request(`PUT /api/v1/nodes/${ready.metadata.name}`, { body: ready });
  await server.create(pod('busy', { nodeName: 'c', requests: { cpu: '2' } }), pod('p', { requests: { cpu: '1' } }));
});

const PODS = '/api/v1/namespaces/default/pods';
const rows = ({ rows }: Table) => rows.map(({ cells: [name, feasible, reasons] }) => [name, feasible, reasons]);

describe('pods/scheduling', () => {
  it('tells of every node whether the pod can run there, and what it scores, best first', async () => {
    const { offset } = server.replica.state;
    const { code, json } = await server.request(`POST ${PODS}/p/scheduling?dryRun=All`);
    const table = json as unknown as Table;
    expect(code).toBe(200);
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: String(offset) } });
    expect(table.columnDefinitions!.slice(0, 4).map(({ name }) => name)).toEqual(['Node', 'Feasible', 'Reasons', 'Score']);
    expect(table.columnDefinitions!.map(({ name }) => name)).toContain('NodeResourcesFit');
    expect(rows(table)).toEqual([
      ['a', true, ''],
      ['c', true, ''],
      ['b', false, 'node(s) had untolerated taint(s)'],
    ]);
    for (const { cells } of table.rows.slice(0, 2)) {
      const own = cells.slice(4) as number[];
      expect(cells[3]).toBeCloseTo(
        own.reduce((a, b) => a + b, 0),
        1,
      );
    }
    expect(server.replica.state.offset).toBe(offset);
  });

  it('tells of a pod that has its node as if it had none', async () => {
    const { json } = await server.request(`POST ${PODS}/busy/scheduling?dryRun=All`);
    const scores = new Map((json as unknown as Table).rows.map(({ cells: [name, , , score] }) => [name, score]));
    expect(scores.get('c')).toBe(scores.get('a'));
  });

  it('takes a pod that is not there, as it would be created', async () => {
    const { code, json, headers } = await server.request(`POST ${PODS}/new/scheduling?dryRun=All`, {
      body: { spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '64' } } }] } },
    });
    expect(code).toBe(200);
    expect(rows(json as unknown as Table)).toEqual([
      ['a', false, 'Insufficient cpu'],
      ['b', false, 'node(s) had untolerated taint(s)'],
      ['c', false, 'Insufficient cpu'],
    ]);
    expect(headers.get('warning')).toContain('0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.');
    expect(server.replica.state.get('pods', 'default', 'new')).toBeUndefined();
  });

  it.each([
    { name: 'without dryRun', call: `POST ${PODS}/p/scheduling`, code: 400 },
    { name: 'of a pod that is not there', call: `POST ${PODS}/none/scheduling?dryRun=All`, code: 404 },
    { name: 'with another verb', call: `GET ${PODS}/p/scheduling`, code: 405 },
    { name: 'of another resource', call: 'POST /api/v1/namespaces/default/configmaps/p/scheduling?dryRun=All', code: 404 },
  ])('is refused $name', async ({ call, code }) => {
    expect((await server.request(call)).code).toBe(code);
  });

  it('is refused a pod that would be refused', async () => {
    const { code, json } = await server.request(`POST ${PODS}/new/scheduling?dryRun=All`, { body: { spec: { containers: [] } } });
    expect([code, json.message]).toEqual([422, expect.stringContaining('spec.containers: Required value')]);
  });

  it.each([
    { resource: 'pods/scheduling', code: 200 },
    { resource: 'pods', code: 403 },
  ])('is permitted by itself: create of $resource', async ({ resource, code }) => {
    await server.create(...role(resource));
    expect((await server.request(`POST ${PODS}/p/scheduling?dryRun=All`, { token: 'alice' })).code).toBe(code);
  });

  it('is not in discovery', async () => {
    const { json } = await server.request('GET /api/v1');
    const names = (json as unknown as { resources: { name: string }[] }).resources.map(({ name }) => name);
    expect(names).toContain('pods/binding');
    expect(names).not.toContain('pods/scheduling');
  });
});
