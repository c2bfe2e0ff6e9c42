import { describe, expect, it } from 'vitest';
import type { PlanChange } from '../apis/logplane/plan.ts';
import { setRate } from '../clusters/clock.ts';
import type { Fields } from '../kube/fields.ts';
import { AUTHENTICATED } from '../kube/user.ts';
import { namespace } from '../testing/objects.ts';
import { deploymentManifest, manifest, planned } from '../testing/plans.ts';
import { wholeCluster } from '../testing/whole-cluster.ts';

const budget = (name: string, minAvailable: number) =>
  manifest('policy/v1', 'PodDisruptionBudget', name, { metadata: { namespace: 'default' }, spec: { minAvailable, selector: { matchLabels: { app: name } } } });
const cronJob = (name: string, schedule: string, command: readonly string[]) => {
  const container = { name: 'job', image: 'busybox:1', command };
  const jobTemplate = { spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } } };
  return manifest('batch/v1', 'CronJob', name, { metadata: { namespace: 'default' }, spec: { schedule, jobTemplate } });
};
const kinds = (changes: readonly { readonly kind: string; readonly count: number }[]) => changes.map(({ kind, count }) => `${count} ${kind}`);

describe('a plan of what goes well', () => {
  it('tells what is created, by whom, and writes nothing', async () => {
    const cluster = await wholeCluster();
    const { state } = cluster;
    const status = await planned(cluster, [deploymentManifest('web', { replicas: 3 })]);
    expect(status).toMatchObject({ result: 'Succeeds', ended: 'Settled', resourceVersion: String(state.offset), stuck: [], unscheduled: [], refusals: [] });
    expect(status.applied).toEqual({
      created: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' }],
      changed: [],
      deleted: [],
      unchanged: [],
      refused: [],
    });
    expect(kinds(status.controllers.created)).toEqual(['3 Pod', '1 ReplicaSet']);
    expect(status.controllers).toMatchObject({ changed: [], deleted: [] });
    expect(cluster.state).toBe(state);
    await cluster.settle();
    expect(cluster.state).toBe(state);
  });

  it('comes to the same for the same state, plan and seed, and draws other names for another seed', async () => {
    const cluster = await wholeCluster([deploymentManifest('old', { replicas: 4 })]);
    const manifests = [deploymentManifest('web', { replicas: 20, cpu: '600m' }), cronJob('tick', '*/5 * * * *', ['sleep', '20'])];
    const spec = { until: '30m', changes: [{ type: 'Fail', nodes: ['node-1'], after: '3m' }] as const };
    const [one, same, other] = [
      await planned(cluster, manifests, spec),
      await planned(cluster, manifests, spec),
      await planned(cluster, manifests, { ...spec, seed: 2 }),
    ];
    expect(same).toEqual(one);
    expect(other.controllers.created.map(({ names }) => names)).not.toEqual(one.controllers.created.map(({ names }) => names));
    expect(kinds(other.controllers.created)).toEqual(kinds(one.controllers.created));
  });

  it('tells what is changed field by field, and what is so already', async () => {
    const cluster = await wholeCluster();
    const web = deploymentManifest('web', { replicas: 2 });
    const quiet = manifest('v1', 'ConfigMap', 'quiet', { metadata: { namespace: 'default' }, data: { a: '1' } });
    const secret = (value: string) =>
      manifest('v1', 'Secret', 's', { metadata: { namespace: 'default' }, data: { key: Buffer.from(value).toString('base64') } });
    for (const object of [web, quiet, secret('old')]) {
      const { kind, metadata } = object;
      const resource = { Deployment: 'deployments.apps', ConfigMap: 'configmaps', Secret: 'secrets' }[kind]!;
      await cluster.mutate({
        type: 'apply',
        resource,
        namespace: 'default',
        name: metadata.name,
        config: object as unknown as Fields,
        manager: { name: 'kubectl', operation: 'Apply' },
        force: false,
      });
    }
    await cluster.settle();
    const status = await planned(cluster, [deploymentManifest('web', { replicas: 3, image: 'nginx:1.30' }), quiet, secret('new')]);
    expect(status.applied.unchanged).toMatchObject([{ name: 'quiet' }]);
    expect(status.applied.changed.map(({ name, fields }) => [name, ...fields])).toEqual([
      [
        'web',
        { path: '.spec.replicas', before: '2', after: '3' },
        { path: '.spec.template.spec.containers[name="web"].image', before: '"nginx:1.29"', after: '"nginx:1.30"' },
      ],
      ['s', { path: '.data.key', before: '"***"', after: '"***"' }],
    ]);
    expect(kinds(status.controllers.created)).toEqual(['3 Pod', '1 ReplicaSet']);
    expect(kinds(status.controllers.deleted)).toEqual(['2 Pod']);
    expect(kinds(status.controllers.changed)).toEqual(['1 ReplicaSet']);
  });

  it('takes away what a manifest that was applied by the client has no more', async () => {
    const cluster = await wholeCluster();
    const before = manifest('v1', 'ConfigMap', 'c', { metadata: { namespace: 'default' }, data: { a: '1', b: '1' } });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(before) };
    const sent = { ...before, metadata: { ...before.metadata, annotations } };
    await cluster.mutate({ type: 'create', resource: 'configmaps', object: sent, manager: { name: 'kubectl-client-side-apply' } });
    const { applied } = await planned(cluster, [manifest('v1', 'ConfigMap', 'c', { metadata: { namespace: 'default' }, data: { a: '2' } })]);
    expect(applied.refused).toEqual([]);
    const [{ fields }] = applied.changed as [(typeof applied.changed)[number]];
    expect(fields.filter(({ path }) => path.startsWith('.data'))).toEqual([
      { path: '.data.a', before: '"1"', after: '"2"' },
      { path: '.data.b', before: '"1"' },
    ]);
  });

  it('has definitions, namespaces and service accounts come about before what needs them', async () => {
    const cluster = await wholeCluster();
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const crd = manifest('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'things.example.com', {
      spec: {
        group: 'example.com',
        names: { plural: 'things', kind: 'Thing' },
        scope: 'Cluster',
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const pod = manifest('v1', 'Pod', 'p', { metadata: { namespace: 'shop' }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } });
    const { applied, result } = await planned(cluster, [manifest('example.com/v1', 'Thing', 'one'), pod, crd, manifest('v1', 'Namespace', 'shop')]);
    expect({ result, created: applied.created.map(({ name }) => name), refused: applied.refused }).toEqual({
      result: 'Succeeds',
      created: ['things.example.com', 'shop', 'one', 'p'],
      refused: [],
    });
  });

  it('goes through the hours of a cluster whose own clock stands still', async () => {
    const cluster = await wholeCluster([cronJob('tick', '0 * * * *', ['sleep', '20'])]);
    await setRate(cluster.replica, 0);
    const status = await planned(cluster, [], { until: '150m' });
    expect(status).toMatchObject({ result: 'Succeeds', ended: 'Horizon', duration: '2h30m0s' });
    expect(kinds(status.controllers.created)).toEqual(['2 Job', '2 Pod'].sort());
    const day = await planned(cluster, [], { until: '23h30m' });
    // Of those that have succeeded, a CronJob keeps three.
    expect([kinds(day.controllers.created), kinds(day.controllers.cameAndWent).sort()]).toEqual([
      ['3 Job', '3 Pod'],
      ['20 Job', '20 Pod'],
    ]);
  });

  it('can be asked for again by what it tells, when time has gone on', async () => {
    const cluster = await wholeCluster([cronJob('tick', '0 * * * *', ['sleep', '20'])]);
    cluster.clock.advance(1_234);
    const first = await planned(cluster, [deploymentManifest('web')], { until: '2h' });
    cluster.clock.advance(7_000);
    expect(await planned(cluster, [deploymentManifest('web')], { until: '2h', startTime: first.startTime })).toEqual(first);
  });

  it('puts what names no namespace into that of the plan', async () => {
    const named = { ...deploymentManifest('web'), metadata: { name: 'web' } };
    const status = await planned(await wholeCluster(), [manifest('v1', 'Namespace', 'shop'), named], { namespace: 'shop' });
    expect(status).toMatchObject({ result: 'Succeeds', applied: { created: [{ name: 'shop' }, { namespace: 'shop', name: 'web' }] } });
  });

  it('begins when it is told to', async () => {
    const cluster = await wholeCluster([cronJob('tick', '0 * * * *', ['sleep', '20'])]);
    const status = await planned(cluster, [], { until: '10m', startTime: '2026-01-01T05:55:00Z' });
    expect(status.startTime).toBe('2026-01-01T05:55:00Z');
    // What was due when nothing ran is not made up for but once.
    expect(status.controllers.created.find(({ kind }) => kind === 'Job')!.count).toBeGreaterThan(0);
  });
});

describe('a plan of what does not', () => {
  it('names the pods that find no node, and what the scheduler says of each node', async () => {
    const cluster = await wholeCluster();
    const status = await planned(cluster, [deploymentManifest('big', { replicas: 2, cpu: '64' })]);
    expect(status).toMatchObject({ result: 'Fails', duration: '10m0s', message: '1 object does not become ready; 2 pods find no node' });
    expect(status.unscheduled).toMatchObject([
      {
        owner: expect.stringMatching(/^ReplicaSet\/big-/),
        count: 2,
        message: expect.stringContaining('0/3 nodes are available: 3 Insufficient cpu.'),
        nodes: ['node-1', 'node-2', 'node-3'].map((node) => ({ node, reasons: ['Insufficient cpu'] })),
      },
    ]);
    expect(status.stuck).toMatchObject([
      { name: 'big', ready: 0, wanted: 2, reasons: [{ reason: 'ProgressDeadlineExceeded' }, { reason: 'Unschedulable', pods: 2 }] },
    ]);
  });

  it.each([
    { name: 'an image that is not there', container: { image: 'registry.invalid/web:1' }, reason: 'ImagePullBackOff', message: 'no such host' },
    {
      name: 'a ConfigMap that is not there',
      container: { envFrom: [{ configMapRef: { name: 'none' } }] },
      reason: 'CreateContainerConfigError',
      message: 'configmap "none" not found',
    },
    {
      name: 'a volume that is not there',
      container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      pod: { volumes: [{ name: 'v', secret: { secretName: 'none' } }] },
      reason: 'FailedMount',
      message: 'secret "none" not found',
    },
    { name: 'a command that ends', container: { command: ['false'] }, reason: 'CrashLoopBackOff', message: 'back-off' },
  ])('says what keeps a rollout: $name', async ({ container, pod, reason, message }) => {
    const cluster = await wholeCluster();
    const status = await planned(cluster, [deploymentManifest('web', { replicas: 2, ...(container && { container }), ...(pod && { pod }) })]);
    expect(status).toMatchObject({ result: 'Fails', stuck: [{ kind: 'Deployment', name: 'web', ready: 0, wanted: 2 }] });
    expect(status.stuck[0]!.reasons).toContainEqual({ reason, message: expect.stringContaining(message), pods: 2, pod: expect.stringMatching(/^web-/) });
  });

  it('names what is refused, and goes on with the rest', async () => {
    const cluster = await wholeCluster();
    const quota = manifest('v1', 'ResourceQuota', 'small', { metadata: { namespace: 'default' }, spec: { hard: { pods: '2', configmaps: '2' } } });
    const config = (name: string) => manifest('v1', 'ConfigMap', name, { metadata: { namespace: 'default' } });
    const bad = manifest('v1', 'Service', 'bad_name', { metadata: { namespace: 'default' }, spec: { ports: [{ port: 80 }] } });
    const status = await planned(cluster, [
      quota,
      config('a'),
      config('b'),
      bad,
      manifest('x.example/v1', 'Y', 'z'),
      deploymentManifest('web', { replicas: 3 }),
    ]);
    expect(status.applied.created.map(({ name }) => name)).toEqual(['small', 'a', 'web']);
    expect(status.applied.refused.map(({ name, code, reason, message }) => [name, code, reason, message.slice(0, 60)])).toEqual([
      ['b', 403, 'Forbidden', 'configmaps "b" is forbidden: exceeded quota: small, requeste'],
      ['bad_name', 422, 'Invalid', 'Service "bad_name" is invalid: metadata.name: Invalid value:'],
      ['z', 404, 'NotFound', 'no matches for kind "Y" in version "x.example/v1"'],
    ]);
    expect(status.refusals).toMatchObject([{ owner: expect.stringMatching(/^ReplicaSet\/web-/), message: expect.stringContaining('exceeded quota: small') }]);
    expect(status.stuck).toMatchObject([
      { name: 'web', ready: 2, wanted: 3, reasons: expect.arrayContaining([expect.objectContaining({ reason: 'FailedCreate' })]) },
    ]);
  });

  it('lets a user do what the user may, in the state that the plan has come to', async () => {
    const cluster = await wholeCluster();
    const alice = { username: 'alice', groups: [AUTHENTICATED] };
    const denied = await planned(cluster, [configManifest], {}, { user: alice });
    expect(denied.applied.refused).toMatchObject([
      { code: 403, message: 'configmaps "c" is forbidden: User "alice" cannot patch resource "configmaps" in API group "" in the namespace "default"' },
    ]);
    const role = manifest('rbac.authorization.k8s.io/v1', 'Role', 'r', {
      metadata: { namespace: 'default' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }],
    });
    const binding = manifest('rbac.authorization.k8s.io/v1', 'RoleBinding', 'b', {
      metadata: { namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    });
    await cluster.put(role, binding);
    const half = await planned(cluster, [configManifest], {}, { user: alice });
    expect(half.applied.refused).toMatchObject([{ code: 403, message: expect.stringContaining('cannot create resource "configmaps"') }]);
    const drained = await planned(cluster, [], { changes: [{ type: 'Cordon', nodes: ['node-1'] }] }, { user: alice });
    expect(drained.applied.refused).toMatchObject([{ kind: 'Node', code: 403 }]);
  });

  it('tells what was not ready before from what is not because of the plan', async () => {
    const cluster = await wholeCluster([deploymentManifest('big', { cpu: '64' })]);
    await cluster.pass(700);
    const status = await planned(cluster, [deploymentManifest('web')]);
    expect(status).toMatchObject({ result: 'Succeeds', stuck: [{ name: 'big', before: true }], unscheduled: [{ before: true }] });
  });

  it('tells of a Job that fails in the hours to come', async () => {
    const cluster = await wholeCluster();
    const status = await planned(cluster, [cronJob('tick', '*/10 * * * *', ['false'])], { until: '15m' });
    expect(status).toMatchObject({
      result: 'Fails',
      stuck: [{ kind: 'Job', reasons: expect.arrayContaining([expect.objectContaining({ reason: 'BackoffLimitExceeded' })]) }],
    });
  });
});

describe('a plan of what comes to pass', () => {
  const changes = (...list: readonly PlanChange[]) => ({ changes: list });

  it('drains a node as far as budgets allow it', async () => {
    const cluster = await wholeCluster([deploymentManifest('web', { replicas: 3 }), budget('web', 2)]);
    const going = await planned(cluster, [], changes({ type: 'Drain', nodes: ['node-1'] }));
    expect(going).toMatchObject({ result: 'Succeeds', evictions: [{ reason: 'EvictionByEvictionAPI', count: 1 }], disruptionBudgets: [] });
    await cluster.create(budget('web-too', 3));
    await cluster.settle();
    const other = await wholeCluster([deploymentManifest('web', { replicas: 3 }), budget('web', 3)]);
    const kept = await planned(other, [], changes({ type: 'Drain', nodes: ['node-1'] }));
    expect(kept).toMatchObject({
      result: 'Fails',
      ended: 'AtRest',
      evictions: [],
      disruptionBudgets: [
        { name: 'web', message: 'The disruption budget web needs 3 healthy pods and has 3 currently', pods: [expect.stringMatching(/^web-/)] },
      ],
    });
  });

  it('loses a zone, and has its pods come up elsewhere, or not', async () => {
    const cluster = await wholeCluster([deploymentManifest('web', { replicas: 3 })]);
    const moved = await planned(cluster, [], changes({ type: 'Fail', zone: 'eu-west-1a' }));
    expect(moved).toMatchObject({
      result: 'Succeeds',
      nodes: { lost: ['node-1'], added: [], removed: [] },
      evictions: [{ reason: 'DeletionByTaintManager', count: 1 }],
    });
    const full = await wholeCluster([deploymentManifest('web', { replicas: 3, cpu: '1500m' })]);
    const stuck = await planned(full, [], changes({ type: 'Fail', zone: 'eu-west-1a' }));
    expect(stuck).toMatchObject({ result: 'Fails', stuck: [{ name: 'web', ready: 2, wanted: 3 }], unscheduled: [{ count: 1 }] });
  });

  it('removes nodes, and cordons them, at their times', async () => {
    const cluster = await wholeCluster([deploymentManifest('web', { replicas: 3 })]);
    const list = [
      { type: 'Remove', nodes: ['node-1'], after: '10m' },
      { type: 'Cordon', nodes: ['node-2', 'node-3'], after: '5m' },
    ] as const;
    const status = await planned(cluster, [], changes(...list));
    expect(status.applied.changed.map(({ name }) => name)).toEqual(['node-2', 'node-3']);
    expect(status.applied.deleted).toEqual([{ apiVersion: 'v1', kind: 'Node', name: 'node-1' }]);
    expect(status).toMatchObject({
      result: 'Fails',
      nodes: { removed: ['node-1'] },
      unscheduled: [{ count: 1, message: expect.stringContaining('2 node(s) were unschedulable') }],
    });
  });

  it('misses a pod that nothing makes again', async () => {
    const pod = manifest('v1', 'Pod', 'alone', {
      metadata: { namespace: 'default' },
      spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1.29' }] },
    });
    const cluster = await wholeCluster([pod]);
    const status = await planned(cluster, [], changes({ type: 'Drain', nodes: ['node-1'] }));
    expect(status).toMatchObject({ result: 'Fails', stuck: [{ kind: 'Pod', name: 'alone', reasons: [{ reason: 'Gone' }] }] });
  });

  it('has load rise, and an autoscaler follow', async () => {
    const autoscaler = manifest('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      metadata: { namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
      },
    });
    const metrics = manifest('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'metrics-server', namespace: 'kube-system' },
      },
    });
    const cluster = await wholeCluster([namespace('kube-system'), metrics, deploymentManifest('web'), autoscaler].slice(1));
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    const status = await planned(cluster, [], { until: '20m', ...changes({ type: 'Usage', target, usage: { cpu: '150m' }, after: '5m' }) });
    expect(status.applied.changed).toMatchObject([{ name: 'web', fields: [{ path: expect.stringContaining('load.logplane.dev/cpu') }] }]);
    expect(kinds(status.controllers.created)).toEqual(['2 Pod']);
  });

  it('sets how much memory a workload uses: of what has a limit its containers are killed', async () => {
    const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } };
    const cluster = await wholeCluster([deploymentManifest('web', { replicas: 2, container: { resources } })]);
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    const status = await planned(cluster, [], { until: '20m', ...changes({ type: 'Usage', target, usage: { memory: '300Mi' }, after: '10m' }) });
    expect(status.outOfMemory).toMatchObject([{ namespace: 'default', owner: expect.stringMatching(/^ReplicaSet\/web-/), container: 'web', after: '10m0s' }]);
    const [killed] = status.outOfMemory;
    expect([killed!.pods.length, killed!.count > 2]).toEqual([2, true]);
    expect(status.result).toBe('Fails');
    expect(status.message).toContain('2 containers are killed for their memory');
    expect(status.stuck[0]!.reasons.map(({ message }) => message).join()).toContain('container web uses more memory than its limit (OOMKilled)');
    expect((await planned(cluster, [], { until: '20m', ...changes({ type: 'Usage', target, usage: { memory: '100Mi' } }) })).outOfMemory).toEqual([]);
  });

  it('sets how much memory a workload uses over time: nodes get short of it, and evict', async () => {
    const cluster = await wholeCluster([deploymentManifest('web', { replicas: 3 })]);
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    const memory = '0s=100Mi, 30m=100Mi, 40m=40Gi';
    const early = await planned(cluster, [], { until: '20m', ...changes({ type: 'Usage', target, usage: { memory } }) });
    expect(early.evictions).toEqual([]);
    const status = await planned(cluster, [], { until: '45m', events: 'Warning', ...changes({ type: 'Usage', target, usage: { memory } }) });
    expect(status.evictions).toMatchObject([{ reason: 'TerminationByKubelet', message: expect.stringContaining('The node was low on resource: memory') }]);
    expect(status.events!.map(({ reason }) => reason)).toContain('EvictionThresholdMet');
  });

  it.each<{ change: PlanChange; want: string }>([
    { change: { type: 'Drain', nodes: ['none'] }, want: 'nodes "none" not found' },
    { change: { type: 'Fail', zone: 'eu-west-9z' }, want: 'nodes with the label topology.kubernetes.io/zone=eu-west-9z not found' },
    {
      change: { type: 'Usage', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' }, usage: { cpu: '1' } },
      want: 'deployments.apps "none" not found',
    },
  ])('refuses what cannot be: $want', async ({ change, want }) => {
    const status = await planned(await wholeCluster(), [], changes(change));
    expect(status).toMatchObject({ result: 'Fails', applied: { refused: [{ code: 404, message: want }] } });
  });
});

describe('what a plan cannot know', () => {
  it('is what webhooks would say of what controllers make', async () => {
    const cluster = await wholeCluster();
    const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
    const hook = {
      name: 'inject.example.com',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
    };
    await cluster.put(manifest('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'inject', { webhooks: [hook] }));
    const status = await planned(cluster, [deploymentManifest('web', { replicas: 3 })]);
    expect(status).toMatchObject({ result: 'Succeeds', stuck: [] });
    expect(about(status)['Webhooks']).toContain('inject.example.com of inject');
  });

  const about = (status: Awaited<ReturnType<typeof planned>>) => Object.fromEntries(status.unknowns.map(({ about, message }) => [about, message]));

  it('is told', async () => {
    const { Images, NodeAutoscaling } = about(await planned(await wholeCluster(), [deploymentManifest('web', { image: 'example.com/own/app:1' })]));
    expect(Images).toContain('example.com/own/app:1');
    expect(NodeAutoscaling).toContain('no autoscaler of nodes');
  });

  it.each([
    { webhooks: 'Never', sideEffects: 'None', asked: 0 },
    { webhooks: 'IfSafe', sideEffects: 'None', asked: 1 },
    { webhooks: 'IfSafe', sideEffects: 'NoneOnDryRun', asked: 1 },
    { webhooks: 'IfSafe', sideEffects: 'Some', asked: 0 },
  ] as const)('is what webhooks say, of which $asked are asked: $webhooks, $sideEffects', async ({ webhooks, sideEffects, asked }) => {
    const cluster = await wholeCluster();
    const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
    const hook = {
      name: 'check.example.com',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules,
      sideEffects,
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
    };
    await cluster.put(manifest('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'check', { webhooks: [hook] }));
    const questions: unknown[] = [];
    const status = await planned(
      cluster,
      [configManifest],
      { webhooks },
      {
        ask: async ({ question }) => {
          questions.push(question);
          const { request } = question as { request: { uid: string } };
          return { type: 'answered', value: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } } };
        },
      },
    );
    expect(status.applied.created).toHaveLength(1);
    expect(questions).toHaveLength(asked);
    for (const question of questions) expect(question).toMatchObject({ request: { dryRun: true } });
    expect(about(status)['Webhooks']).toBe(asked ? undefined : 'these webhooks were not asked, and are taken to admit everything: check.example.com of check');
  });
});

describe('Events of a plan', () => {
  const told = async (events?: 'None' | 'Warning' | 'All') => {
    const manifests = [deploymentManifest('web', { replicas: 2 }), deploymentManifest('big', { cpu: '64' })];
    return planned(await wholeCluster(), manifests, { until: '10m', ...(events && { events }) });
  };

  it('are told where they are asked for, warnings or all of them, and change nothing else', async () => {
    const [none, warnings, all] = [await told(), await told('Warning'), await told('All')];
    expect(none).not.toHaveProperty('events');
    expect(warnings.events).toEqual([
      {
        first: '0s',
        last: expect.any(String),
        count: expect.any(Number),
        type: 'Warning',
        reason: 'FailedScheduling',
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'default',
        name: expect.stringMatching(/^big-/),
        message: expect.stringContaining('Insufficient cpu'),
        by: 'default-scheduler',
      },
    ]);
    const reasons = Map.groupBy(all.events!, ({ reason }) => reason);
    expect(reasons.get('ScalingReplicaSet')).toMatchObject([{ type: 'Normal', kind: 'Deployment' }, { kind: 'Deployment' }]);
    expect([reasons.get('Started')!.length, reasons.get('FailedScheduling')!.length]).toEqual([2, 1]);
    const { events: _, ...others } = all;
    expect([others.result, others.message, others.stuck.length]).toEqual([none.result, none.message, none.stuck.length]);
  });
});

it('a plan lets its process serve others between any two of its entries', async () => {
  const cluster = await wholeCluster();
  let turns = 0;
  const { now, elapsed, sleep, turn } = cluster.clock;
  const counted = async () => {
    turns++;
    await turn();
  };
  const clock = { now, elapsed, sleep, turn: counted };
  const status = await planned(cluster, [deploymentManifest('web', { replicas: 200, cpu: '10m' })], {}, { env: { ...cluster.env, clock } });
  expect(status.result).toBe('Succeeds');
  expect(turns).toBeGreaterThan(5);
});

describe('a plan that runs away', () => {
  it.each([
    { name: 'changes', limits: { events: 20, passes: 1_000, ms: 60_000 }, want: 'after 20 changes' },
    { name: 'passes', limits: { events: 10_000, passes: 2, ms: 60_000 }, want: 'after 2 passes' },
    { name: 'time', limits: { events: 10_000, passes: 1_000, ms: -1 }, want: 'seconds to compute' },
  ])('ends by its $name, and tells what it has seen', async ({ limits, want }) => {
    const status = await planned(await wholeCluster(), [deploymentManifest('web', { replicas: 5 })], {}, { limits });
    expect(status).toMatchObject({ result: 'Unfinished', ended: 'RanAway', message: expect.stringContaining(want), applied: { created: [{ name: 'web' }] } });
  });

  it('ends when nobody waits for it', async () => {
    const status = await planned(await wholeCluster(), [deploymentManifest('web')], {}, { signal: AbortSignal.abort() });
    expect(status).toMatchObject({ result: 'Unfinished', message: 'the client has gone away; 1 object does not become ready' });
  });
});

const configManifest = manifest('v1', 'ConfigMap', 'c', { metadata: { namespace: 'default' }, data: { a: '1' } });
