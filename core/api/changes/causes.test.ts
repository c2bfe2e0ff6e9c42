import { beforeAll, describe, expect, it } from 'vitest';
import type { Cause, ChangeObject } from '../../apis/logplane/change.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { deployment } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';

const CHANGES = '/apis/logplane.dev/v1/namespaces/default/changes';

describe('why a pod is there', () => {
  let cluster: Cluster;
  let server: TestServer;
  beforeAll(async () => {
    cluster = await wholeCluster();
    server = await testServer({ replicaOf: async () => cluster.replica, env: cluster.env, objects: [] });
    await server.create(deployment({ replicas: 2 }));
    await cluster.settle();
  });

  const changesOf = async (selector: string): Promise<ChangeObject[]> =>
    (await server.request(`GET ${CHANGES}?fieldSelector=${encodeURIComponent(`${selector},order=oldest`)}`)).json.items;
  const inFull = async ({ offset }: ChangeObject): Promise<ChangeObject> => (await server.request(`GET ${CHANGES}/${offset}`)).json;
  const inShort = ({ type, object, actor, what }: Cause) => `${type} ${object!.replace(/-\w+/, '')} by ${actor}${what && `: ${what}`}`;

  it('is told down to the request that began it', async () => {
    const [created] = await changesOf('resource=pods,type=ADDED');
    const { causes = [], cause } = await inFull(created!);
    expect(causes.map(inShort)).toEqual([
      'ADDED replicaset.apps/web by system:serviceaccount:kube-system:deployment-controller',
      'ADDED deployment.apps/web by admin',
    ]);
    expect(causes[0]).toMatchObject({ offset: cause, namespace: 'default', time: expect.any(String) });
    expect((await inFull({ offset: causes[0]!.offset } as ChangeObject)).cause).toBe(causes[1]!.offset);
    expect((await inFull({ offset: causes[1]!.offset } as ChangeObject)).cause).toBeUndefined();
  });

  it('there, of all nodes, is told of its binding', async () => {
    const [bound] = await changesOf('resource=pods,actor=system:kube-scheduler');
    const { placement, what, differences } = await inFull(bound!);
    expect(what).toContain('spec.nodeName');
    const { to } = differences!.find(({ path }) => path === '.spec.nodeName')!;
    expect(placement!.best![0]!.node).toBe(to);
    expect(placement!.best!.length).toBeGreaterThan(1);
  });

  it('is told of what is selected by its cause', async () => {
    const [created] = await changesOf('resource=replicasets.apps,type=ADDED');
    const items = await changesOf(`cause=${created!.offset},resource=pods`);
    expect(items.map(({ type, object }) => `${type} ${object.kind}`)).toEqual(['ADDED Pod', 'ADDED Pod']);
  });
});
