import { expect, it } from 'vitest';
import { LOST_SINCE } from '../apis/core/node-agent.ts';
import { nodeLease, nodeObjects } from '../nodes/node-objects.ts';
import { START } from '../testing/env.ts';
import { namespace } from '../testing/objects.ts';
import { testServer } from '../testing/server.ts';

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1';

async function setUp({ annotations = {}, providerID = 'logplane:///a/node-1' } = {}) {
  const server = await testServer({ objects: [namespace('kube-node-lease'), namespace('default')] });
  const [node] = nodeObjects(1, START);
  await server.create({ ...node!, metadata: { ...node!.metadata, annotations }, spec: { ...node!.spec, providerID } } as typeof node & object);
  const { json } = await server.request('GET /api/v1/nodes/node-1');
  await server.create(nodeLease(json, START));
  const ready = (read: typeof json) => read.status.conditions.find(({ type }: { type: string }) => type === 'Ready').lastHeartbeatTime;
  return {
    ...server,
    lease: async () => (await server.request(`GET ${LEASE}`)).json,
    node: async () => (await server.request('GET /api/v1/nodes/node-1')).json,
    heard: async () => [ready((await server.request('GET /api/v1/nodes/node-1')).json), (await server.request(`GET ${LEASE}`)).json.spec.renewTime],
    listed: async () => [
      ready((await server.request('GET /api/v1/nodes')).json.items[0]),
      (await server.request('GET /apis/coordination.k8s.io/v1/leases')).json.items[0].spec.renewTime,
    ],
  };
}

const BORN = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000Z'];

it('A node that is well is heard of whenever it is read, and nothing is written for it', async () => {
  const { clock, replica, heard, listed, node, lease } = await setUp();
  expect(await heard()).toEqual(BORN);
  const versions = [(await node()).metadata.resourceVersion, (await lease()).metadata.resourceVersion];
  clock.advance(3_725_000);
  const later = ['2026-01-01T01:00:00Z', '2026-01-01T01:02:00.000000Z'];
  expect([await heard(), await listed()]).toEqual([later, later]);
  clock.advance(300_000);
  const last = ['2026-01-01T01:05:00Z', '2026-01-01T01:07:00.000000Z'];
  expect([await heard(), await listed()]).toEqual([last, last]);
  expect([(await node()).metadata.resourceVersion, (await lease()).metadata.resourceVersion]).toEqual(versions);
  expect(String(replica.state.offset)).toBe(versions[1]);
});

it('A condition that another one than the kubelet posts is as that one posted it', async () => {
  const { clock, request } = await setUp();
  const given = { type: 'KernelDeadlock', status: 'False', lastHeartbeatTime: '2026-01-01T00:00:01Z' };
  await request('PATCH /api/v1/nodes/node-1/status', { body: { status: { conditions: [given] } }, type: 'application/strategic-merge-patch+json' });
  clock.advance(3_600_000);
  const { json } = await request('GET /api/v1/nodes/node-1');
  expect(json.status.conditions).toContainEqual(expect.objectContaining(given));
});

it('Who owns the fields of a node is told of what is derived too', async () => {
  const { clock, request } = await setUp();
  clock.advance(3_600_000);
  const { json } = await request('GET /api/v1/nodes/node-1');
  expect(json.metadata.managedFields.map(({ operation }: { operation: string }) => operation)).toEqual(['Update']);
});

it.each([
  { name: 'has been lost', of: { annotations: { [LOST_SINCE]: '2026-01-01T00:10:00Z' } }, want: ['2026-01-01T00:10:00Z', '2026-01-01T00:10:00.000000Z'] },
  { name: 'has another kubelet', of: { providerID: 'other://node-1' }, want: BORN },
])('A node that $name was heard of when it was', async ({ of, want }) => {
  const { clock, heard } = await setUp(of);
  clock.advance(3_600_000);
  expect(await heard()).toEqual(want);
});
