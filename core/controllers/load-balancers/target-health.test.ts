import { describe, expect, it } from 'vitest';
import { TARGET_GROUP_BINDINGS } from '../../apis/elbv2/target-group-binding.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { CustomResourceDefinition, Service } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { namespace, pod } from '../../testing/objects.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';

const GATE = 'target-health.elbv2.k8s.aws/web';

/** As much as matters here of the definition that the controller's chart brings. */
const definition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: TARGET_GROUP_BINDINGS },
  spec: {
    group: 'elbv2.k8s.aws',
    names: { kind: 'TargetGroupBinding', listKind: 'TargetGroupBindingList', plural: 'targetgroupbindings', singular: 'targetgroupbinding' },
    scope: 'Namespaced',
    versions: [
      { name: 'v1beta1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as never } },
    ],
  },
};
const shop = namespace('shop', { metadata: { labels: { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } } });
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};
const binding = (spec: object = {}, namespace = 'shop') => ({
  type: 'create' as const,
  resource: TARGET_GROUP_BINDINGS,
  object: {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name: 'web', namespace },
    spec: { serviceRef: { name: 'web', port: 80 }, targetType: 'ip', targetGroupARN: 'arn', ...spec },
  } as KubeObject,
});
const target = (options: Parameters<typeof pod>[1] = {}) => pod('web', { labels: { app: 'web' }, metadata: { namespace: 'shop' }, ...options });

/** With a binding of its own in the namespace of the pod, and the pod. */
async function bound({ web = target(), spec = {} }: { web?: ReturnType<typeof pod>; spec?: object } = {}): Promise<Cluster> {
  const cluster = await wholeCluster([definition, shop, service]);
  await cluster.mutate(binding(spec));
  await cluster.settle();
  await cluster.create(web);
  await cluster.settle();
  return cluster;
}

const gates = (cluster: Cluster) => cluster.get(target()).spec!.readinessGates;
const condition = (cluster: Cluster, type = GATE) => {
  const found = cluster.get(target()).status?.conditions?.find((each) => each.type === type);
  return found && [found.status, found.reason, found.message].filter(Boolean).join(' ');
};
const bindings = (cluster: Cluster) => cluster.list(TARGET_GROUP_BINDINGS) as readonly KubeObject[];

describe('a pod gets a readiness gate', () => {
  it('for each binding whose Service selects it', async () => {
    expect(gates(await bound())).toEqual([{ conditionType: GATE }]);
  });

  it('once, in place of one of the controller before', async () => {
    const web = target({ readinessGates: [{ conditionType: GATE }, { conditionType: 'target-health.alb.ingress.k8s.aws/web_80' }, { conditionType: 'a/b' }] });
    expect(gates(await bound({ web }))).toEqual([{ conditionType: GATE }, { conditionType: 'a/b' }]);
  });

  it.each([
    { name: 'another Service’s', given: { web: target({ labels: { app: 'api' } }) } },
    { name: 'of nodes', given: { spec: { targetType: 'instance' } } },
    { name: 'to a Service that is not there', given: { spec: { serviceRef: { name: 'none', port: 80 } } } },
    { name: 'of the controller itself', given: { web: target({ labels: { app: 'web', 'app.kubernetes.io/name': 'aws-load-balancer-controller' } }) } },
  ])('and none for a binding $name', async ({ given }) => {
    expect(gates(await bound(given))).toBeUndefined();
  });

  it('and none in a namespace without the label', async () => {
    const cluster = await wholeCluster([definition, { ...service, metadata: { name: 'web', namespace: 'default' } }]);
    await cluster.mutate(binding({}, 'default'));
    const made = await cluster.create(pod('web', { labels: { app: 'web' } }));
    expect(made.spec!.readinessGates).toBeUndefined();
  });
});

describe('a target', () => {
  it('is registered when its containers are ready, and healthy at the next look', async () => {
    const cluster = await bound();
    expect(condition(cluster, 'ContainersReady')).toBe('True');
    expect(condition(cluster)).toBe('False Elb.RegistrationInProgress Target registration is in progress');
    expect(condition(cluster, 'Ready')).toBe(`False ReadinessGatesNotReady the status of pod readiness gate "${GATE}" is not "True", but False`);
    await cluster.runUntil(cluster.now + 16_000);
    expect([condition(cluster), condition(cluster, 'Ready')]).toEqual(['True', 'True']);
    const { offset } = cluster.state;
    await cluster.pass(3_600);
    expect(cluster.state.offset).toBe(offset);
  });

  it('is not, as long as its containers are not ready', async () => {
    const probe = { exec: { command: ['false'] }, periodSeconds: 1 };
    const cluster = await bound({ web: target({ container: { readinessProbe: probe } }) });
    await cluster.runUntil(cluster.now + 60_000);
    expect(condition(cluster)).toBeUndefined();
  });

  it('is registered anew when its container has been away', async () => {
    const script = 'trap "exit 0" TERM; sleep 60; exit 1';
    const cluster = await bound({ web: target({ restartPolicy: 'Always', container: { command: ['sh', '-c', script] } }) });
    const told = () => cluster.changes.filter(({ actor }) => actor.username.endsWith('aws-load-balancer-controller')).length;
    await cluster.runUntil(cluster.now + 30_000);
    expect(condition(cluster)).toBe('True');
    const before = told();
    // The second time, it waits for ten seconds.
    await cluster.runUntil(cluster.now + 105_000);
    expect(condition(cluster)).toBe('False Elb.RegistrationInProgress Target registration is in progress');
    await cluster.runUntil(cluster.now + 20_000);
    expect([condition(cluster), told() - before]).toEqual(['True', 2]);
  });

  it.each([
    { name: 'its binding is deleted', act: (cluster: Cluster) => cluster.delete(bindings(cluster)[0]!) },
    { name: 'its Service is deleted', act: (cluster: Cluster) => cluster.delete(service) },
  ])('does not keep its pod from being ready when $name', async ({ act }) => {
    const cluster = await bound();
    expect(bindings(cluster)[0]!.metadata.finalizers).toEqual(['elbv2.k8s.aws/resources']);
    await act(cluster);
    await cluster.settle();
    expect([condition(cluster), condition(cluster, 'Ready')]).toEqual(['True Target Group Binding is deleted', 'True']);
  });

  it('lets its binding go', async () => {
    const cluster = await bound();
    expect(cluster.messages(bindings(cluster)[0]!)).toEqual(['SuccessfullyReconciled: Successfully reconciled']);
    await cluster.delete(bindings(cluster)[0]!);
    await cluster.settle();
    expect(bindings(cluster)).toEqual([]);
  });

  it('is missed where its Service is not there', async () => {
    const cluster = await bound({ spec: { serviceRef: { name: 'none', port: 80 } } });
    expect(cluster.messages(bindings(cluster)[0]!)).toEqual(['BackendNotFound: backend not found: Service "none" not found']);
    const { offset } = cluster.state;
    cluster.restart();
    await cluster.pass(3_600);
    expect(cluster.state.offset).toBe(offset);
  });
});
