import { KubeConfig } from '@kubernetes/client-node';
import { startCluster, type TestCluster } from 'logplane/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startOperator, type Website } from './operator.ts';

const website = (name: string, spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Website', metadata: { name }, spec: { image: 'nginx:1.29', ...spec } });

describe('the website operator', () => {
  // What all cases begin with is prepared once.
  let base: TestCluster;
  beforeAll(async () => {
    base = await startCluster({ nodes: 3 });
    await base.apply(new URL('crd.yaml', import.meta.url));
  });
  afterAll(() => base.stop());

  // Each case has a cluster of its own: a fork, in some milliseconds.
  let cluster: TestCluster;
  let stopOperator: () => Promise<void>;
  beforeEach(async () => {
    cluster = await base.fork();
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(await cluster.kubeconfig);
    stopOperator = await startOperator({ kubeConfig, now: () => cluster.clock.now(), resyncMs: 50 });
  });
  afterEach(async () => {
    await stopOperator();
    await cluster.stop();
  });

  it('gives a site a Deployment and a Service, and tells how many replicas are ready', async () => {
    await cluster.apply(website('shop', { replicas: 2 }));
    await cluster.until(async () => (await cluster.get<Website>('website', 'shop'))?.status?.ready === '2/2', { what: 'two replicas are ready' });
    expect(await cluster.get('deployment', 'shop')).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 2 } });
    expect(await cluster.get('service', 'shop')).toMatchObject({ spec: { selector: { website: 'shop' }, type: 'ClusterIP' } });
    expect(await cluster.list('pods', { labelSelector: 'website=shop' })).toHaveLength(2);
  });

  it('puts back what somebody else has deleted', async () => {
    await cluster.apply(website('shop', { replicas: 1 }));
    const first = await cluster.until(() => cluster.get('deployment', 'shop'));
    await cluster.delete('deployment', 'shop');
    await cluster.until(async () => {
      const second = await cluster.get('deployment', 'shop');
      return second !== undefined && second.metadata.uid !== first.metadata.uid;
    });
    // Who did what, and why, is in the log.
    const changes = await cluster.changes({ fieldSelector: 'resource=deployments.apps,name=shop' });
    expect(changes.map(({ type }) => type).filter((type) => type !== 'MODIFIED')).toEqual(['ADDED', 'DELETED', 'ADDED']);
  });

  it('deletes a site once its lifetime is over, and the cluster what belongs to it', async () => {
    await cluster.apply([website('short', { lifetimeSeconds: 3 * 3600 }), website('long', {})]);
    await cluster.until(async () => (await cluster.list('deployments')).length === 2);
    await cluster.clock.advance('2h');
    await cluster.settled();
    expect(await cluster.get('website', 'short')).toBeDefined();
    await cluster.clock.advance('1h');
    await cluster.until(async () => !(await cluster.get('deployment', 'short')), { what: 'the Deployment of the site is gone' });
    expect((await cluster.list('websites')).map(({ metadata }) => metadata.name)).toEqual(['long']);
  });

  it('refuses a site without an image', async () => {
    await expect(cluster.apply(website('none', { image: undefined }))).rejects.toThrow('spec.image: Required value');
  });
});
