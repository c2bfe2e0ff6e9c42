import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aggregatedRules } from '../../apis/rbac/aggregated-rules.ts';
import { uncovered } from '../../apis/rbac/rule-coverage.ts';
import type { KubeObject } from '../../kube/object.ts';
import type {
  APIService,
  ClusterRole,
  ClusterRoleBinding,
  EndpointSlice,
  Endpoints,
  FlowSchema,
  PriorityLevelConfiguration,
} from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import { kubernetesService } from './kubernetes-service.ts';

const named = <T extends KubeObject>(apiVersion: string, kind: string, name: string, namespace?: string): T =>
  ({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }) as T;

const endpoints = named<Endpoints>('v1', 'Endpoints', 'kubernetes', 'default');
const slice = named<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', 'kubernetes', 'default');
const apps = named<APIService>('apiregistration.k8s.io/v1', 'APIService', 'v1.apps');

describe('the Service kubernetes', () => {
  it('leads to the API server', async () => {
    const cluster = await controlled();
    await cluster.settle();
    expect(cluster.get(kubernetesService)).toMatchObject({ spec: { clusterIP: '10.96.0.1', ports: [{ port: 443, targetPort: 6443 }] } });
    const [subset] = cluster.get(endpoints).subsets!;
    const { endpoints: inSlice, ports, addressType } = cluster.get(slice);
    expect({ addressType, addresses: inSlice![0]!.addresses, port: ports![0]!.port }).toEqual({
      addressType: 'IPv4',
      addresses: [subset!.addresses![0]!.ip],
      port: subset!.ports![0]!.port,
    });
  });

  it.each([kubernetesService, endpoints, slice])('comes back when a client deletes it: $kind', async (object) => {
    const cluster = await controlled();
    await cluster.settle();
    const { uid } = cluster.get(object).metadata;
    await cluster.delete(object);
    await cluster.settle();
    expect(cluster.get(object).metadata.uid).not.toBe(uid);
  });

  it('has its endpoints put right', async () => {
    const cluster = await controlled();
    await cluster.settle();
    const before = cluster.get(endpoints).subsets;
    await cluster.edit(endpoints, (copy) => {
      copy.subsets = [];
    });
    await cluster.settle();
    expect(cluster.get(endpoints).subsets).toEqual(before);
  });
});

it('A system namespace that is deleted comes back, another one does not', async () => {
  const lease = named('v1', 'Namespace', 'kube-node-lease');
  const other = named('v1', 'Namespace', 'other');
  const cluster = await controlled(lease, other);
  await cluster.delete(lease);
  await cluster.delete(other);
  await cluster.settle();
  expect(cluster.list('namespaces').map(({ metadata }) => metadata.name)).toEqual(['default', 'kube-node-lease']);
});

it('The roles and bindings are those of Kubernetes 1.36', () => {
  // Of the 133 objects of plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata (default feature gates), each with its keys in order, by kind, namespace and name.
  const own = bootstrapPolicy().filter(({ apiVersion }) => apiVersion === 'rbac.authorization.k8s.io/v1');
  const texts = own
    .map((object) => JSON.stringify(inOrder('aggregationRule' in object && object.aggregationRule ? { ...object, rules: undefined } : object)))
    .sort();
  expect({ count: own.length, digest: createHash('sha256').update(texts.join('\n')).digest('hex') }).toEqual({
    count: 133,
    digest: '095ad36ae72371140d0c8ff8c1e707d2c7cb724522ffde5a660d9b8f35d59bed',
  });
});

/** Without what is null, and with keys in order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, inOrder(field)]));
}

describe('the roles of a new cluster', () => {
  const kubeSystem = named('v1', 'Namespace', 'kube-system');
  const kubePublic = named('v1', 'Namespace', 'kube-public');
  const started = async () => {
    const cluster = await controlled(kubeSystem, kubePublic);
    await cluster.settle();
    return cluster;
  };
  const view = named<ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole', 'view');
  const discovery = named<ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole', 'system:discovery');

  const basicUsers = named<ClusterRoleBinding>('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'system:basic-user');
  type Labelled = ClusterRole | ClusterRoleBinding;

  const there = (cluster: Cluster, { metadata: { name } }: KubeObject) =>
    cluster.state.get('clusterroles.rbac.authorization.k8s.io', undefined, name) !== undefined;

  it('collect the rules of others from the first, and are bound to roles that are there', async () => {
    const cluster = await started();
    const roles = cluster.list('clusterroles.rbac.authorization.k8s.io');
    for (const role of roles.filter(({ aggregationRule }) => aggregationRule)) expect(role.rules).toEqual(aggregatedRules(role, roles));
    expect(cluster.get(view).rules!.length).toBeGreaterThan(5);
    const names = roles.map(({ metadata }) => metadata.name);
    for (const { roleRef } of cluster.list('clusterrolebindings.rbac.authorization.k8s.io')) expect(names).toContain(roleRef.name);
  });

  it('come back when the controllers start, and get the rules that they lost', async () => {
    const cluster = await started();
    await cluster.delete(view);
    const { rules } = cluster.get(discovery);
    await cluster.edit(discovery, (copy) => {
      copy.rules = [{ nonResourceURLs: ['/api'], verbs: ['get'] }];
    });
    await cluster.settle();
    expect(there(cluster, view)).toBe(false);
    cluster.restart();
    await cluster.settle();
    expect(there(cluster, view)).toBe(true);
    expect(uncovered(rules!, cluster.get(discovery).rules!)).toEqual([]);
  });

  it.each<{ name: string; object: Labelled; lose: (copy: Labelled) => void; of: (object: Labelled) => unknown }>([
    { name: 'labels', object: discovery, lose: ({ metadata }) => delete metadata.labels, of: ({ metadata }) => metadata.labels },
    { name: 'annotations', object: discovery, lose: ({ metadata }) => delete metadata.annotations, of: ({ metadata }) => metadata.annotations },
    { name: 'subjects', object: basicUsers, lose: (copy) => Object.assign(copy, { subjects: [] }), of: (binding) => (binding as ClusterRoleBinding).subjects },
  ])('get the $name again that they lost', async ({ object, lose, of }) => {
    const cluster = await started();
    const before = of(cluster.get(object));
    await cluster.edit(object, lose);
    cluster.restart();
    await cluster.settle();
    expect(before).toBeDefined();
    expect(of(cluster.get(object))).toEqual(before);
  });

  it('collect what they collected, besides what else they are told to', async () => {
    const cluster = await started();
    const before = cluster.get(view).aggregationRule!.clusterRoleSelectors!;
    const mine = { matchLabels: { mine: 'yes' } };
    await cluster.edit(view, (copy) => {
      copy.aggregationRule = { clusterRoleSelectors: [mine] };
    });
    cluster.restart();
    await cluster.settle();
    expect(cluster.get(view).aggregationRule).toEqual({ clusterRoleSelectors: [mine, ...before] });
  });

  it('are bound anew where a binding leads to another role', async () => {
    const cluster = await started();
    await cluster.delete(basicUsers);
    await cluster.create({
      ...basicUsers,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    } as ClusterRoleBinding);
    cluster.restart();
    await cluster.settle();
    expect(cluster.get(basicUsers).roleRef.name).toBe('system:basic-user');
  });

  it('are left alone where they say so', async () => {
    const cluster = await started();
    await cluster.edit(discovery, (copy) => {
      copy.metadata.annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
      copy.rules = [];
    });
    cluster.restart();
    await cluster.settle();
    expect(cluster.get(discovery).rules ?? []).toEqual([]);
  });
});

describe('APIServices', () => {
  it('are there for what is served, in the order of its groups, and available', async () => {
    const cluster = await controlled();
    await cluster.settle();
    expect(cluster.get(apps)).toMatchObject({
      metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
      status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' }] },
    });
    const names = cluster.list('apiservices.apiregistration.k8s.io').map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(['v1.', 'v1.batch', 'v2.autoscaling']));
    expect(names).not.toContain('v1.apiregistration.k8s.io');
  });

  it('that say what is not served are left to those who made them', async () => {
    const foreign = {
      ...named<APIService>('apiregistration.k8s.io/v1', 'APIService', 'v1.example.com'),
      spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
    };
    const cluster = await controlled(foreign);
    await cluster.settle();
    expect(cluster.get(foreign).spec).toEqual(foreign.spec);
  });
});

it('A FlowSchema says whether its priority level is there', async () => {
  const schema = { ...named<FlowSchema>('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'x'), spec: { priorityLevelConfiguration: { name: 'p' } } };
  const level = { ...named<PriorityLevelConfiguration>('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'p'), spec: { type: 'Limited' } };
  const cluster = await controlled(schema);
  await cluster.settle();
  const dangling = () => cluster.get(schema).status!.conditions!.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
  expect(dangling()).toEqual(['Dangling True NotFound']);
  await cluster.create({ ...level, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } } as KubeObject);
  await cluster.settle();
  expect(dangling()).toEqual(['Dangling False Found']);
});
