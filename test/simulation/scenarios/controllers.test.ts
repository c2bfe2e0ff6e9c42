import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

/** What runs of the simulation found in the controllers, each in its smallest form. */

const labels = { app: 'web' };
const spec = (image = 'registry.example/web:1') => ({
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }],
});
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels }, spec: spec() };
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } };

const deployment = (image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: spec(image) } },
});

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'web' },
  spec: {
    template: { spec: { ...spec(), restartPolicy: 'Never', containers: [{ name: 'main', image: 'registry.example/task:1', command: ['sleep', '10'] }] } },
  },
};

const core = '/api/v1/namespaces/default';
const apps = '/apis/apps/v1/namespaces/default';
const batch = '/apis/batch/v1/namespaces/default';

describe('an object that is deleted, and created again under its name before the controllers look', () => {
  it('has its dependents collected: a Deployment', async () => {
    const stage = await staged();
    await stage.create(`${apps}/deployments`, deployment('registry.example/web:1'));
    await stage.reconcile();
    const [old] = stage.state.list('replicasets.apps');
    await stage.send('DELETE', `${apps}/deployments/web`);
    await stage.create(`${apps}/deployments`, deployment('registry.example/web:2'));
    await stage.reconcile({ seconds: 5 });
    const sets = stage.state.list('replicasets.apps');
    expect(sets.map(({ metadata }) => metadata.name)).not.toContain(old!.metadata.name);
    expect(sets).toHaveLength(1);
  });

  it('has its pods let go: a Job', async () => {
    const stage = await staged();
    await stage.create(`${batch}/jobs`, job);
    await stage.reconcile();
    const [old] = stage.state.list('pods');
    await stage.send('DELETE', `${batch}/jobs/web?propagationPolicy=Background`);
    await stage.create(`${batch}/jobs`, job);
    await stage.reconcile({ seconds: 20 });
    const pods = stage.state.list('pods');
    expect(pods.map(({ metadata }) => metadata.uid)).not.toContain(old!.metadata.uid);
    expect(pods).toHaveLength(1);
  });
});

describe('controllers that start when an object is gone', () => {
  it('let go of the pods of a Job', async () => {
    const stage = await staged();
    await stage.create(`${batch}/jobs`, job);
    await stage.reconcile();
    stage.end('controllers');
    // It ends without them, so that nothing happens to it any more that they would see.
    await stage.reconcile({ only: 'nodes', seconds: 12 });
    const [held] = stage.state.list('pods');
    await stage.send('DELETE', `${core}/pods/${held!.metadata.name}?gracePeriodSeconds=0`);
    await stage.send('DELETE', `${batch}/jobs/web?propagationPolicy=Background`);
    await stage.reconcile({ seconds: 20 });
    expect(stage.state.list('pods')).toEqual([]);
  });

  it('take away the endpoints of a Service', async () => {
    const stage = await staged();
    await stage.create(`${core}/services`, service);
    await stage.create(`${core}/pods`, pod);
    await stage.reconcile();
    expect(stage.state.get('endpoints/default/web')).toBeDefined();
    stage.end('controllers');
    await stage.send('DELETE', `${core}/services/web`);
    await stage.reconcile();
    expect(stage.state.get('endpoints/default/web')).toBeUndefined();
    expect(addressesOf(stage)).toEqual([]);
  });
});

describe('a pod that is deleted without grace', () => {
  it('is no endpoint any more', async () => {
    const stage = await staged();
    await stage.create(`${core}/services`, service);
    await stage.create(`${core}/pods`, pod);
    await stage.reconcile();
    expect(addressesOf(stage)).toHaveLength(1);
    await stage.send('DELETE', `${core}/pods/web?gracePeriodSeconds=0`);
    await stage.reconcile();
    expect(addressesOf(stage)).toEqual([]);
  });

  it('does not hold its claims any more', async () => {
    const stage = await staged();
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'disk' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await stage.create(`${core}/persistentvolumeclaims`, claim);
    const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }];
    await stage.create(`${core}/pods`, { ...pod, spec: { ...pod.spec, volumes } });
    await stage.reconcile();
    await stage.send('DELETE', `${core}/persistentvolumeclaims/disk`);
    await stage.reconcile();
    expect(stage.state.list('persistentvolumeclaims')).toHaveLength(1);
    await stage.send('DELETE', `${core}/pods/web?gracePeriodSeconds=0`);
    await stage.reconcile();
    expect(stage.state.list('persistentvolumeclaims')).toEqual([]);
  });
});

describe('a Service that is deleted without its dependents, and created again', () => {
  it('does not show the endpoints of then', async () => {
    const stage = await staged();
    await stage.create(`${core}/services`, service);
    await stage.create(`${core}/pods`, pod);
    await stage.reconcile();
    await stage.send('DELETE', `${core}/services/web?propagationPolicy=Orphan`);
    await stage.send('DELETE', `${core}/pods/web?gracePeriodSeconds=0`);
    await stage.reconcile();
    await stage.create(`${core}/services`, service);
    await stage.reconcile();
    expect(addressesOf(stage)).toEqual([]);
  });
});

describe('a StatefulSet that is deleted in the foreground', () => {
  it('gets no new revision while it waits for its pods', async () => {
    const stage = await staged();
    const template = { metadata: { labels }, spec: { ...spec(), terminationGracePeriodSeconds: 30 } };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'web' },
      spec: { replicas: 1, serviceName: 'web', selector: { matchLabels: labels }, template },
    };
    await stage.create('/apis/apps/v1/namespaces/default/statefulsets', set);
    await stage.reconcile({ seconds: 5 });
    await stage.send('DELETE', '/apis/apps/v1/namespaces/default/statefulsets/web?propagationPolicy=Foreground');
    await stage.reconcile({ seconds: 5 });
    const revisions = stage.state.versions.filter(({ key, type }) => key.startsWith('controllerrevisions.apps/') && type === 'ADDED');
    expect(revisions).toHaveLength(1);
    await stage.reconcile({ seconds: 60 });
    expect(stage.state.list('statefulsets.apps')).toEqual([]);
  });
});

/** A cluster that has come to rest. */
async function staged(): Promise<Stage> {
  const stage = new Stage();
  await stage.reconcile();
  return stage;
}

/** What clients take for the addresses of the Service `web`. */
const addressesOf = ({ state }: Stage): string[] =>
  state
    .list('endpointslices.discovery.k8s.io', { namespace: 'default' })
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')
    .flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses));
