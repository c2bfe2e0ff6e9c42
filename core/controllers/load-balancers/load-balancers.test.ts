import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { CustomResourceDefinition, Ingress, Service } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { node } from '../../testing/objects.ts';

const here = node('node-1', { labels: { 'topology.kubernetes.io/region': 'eu-central-1' } });
const service = (name: string, spec: object = {}, annotations: Record<string, string> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', annotations },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
});
const aws = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`service.beta.kubernetes.io/aws-load-balancer-${name}`, value]));
const hostOf = (cluster: Cluster, object: Service | Ingress) =>
  cluster
    .get(object)
    .status?.loadBalancer?.ingress?.map(({ hostname }) => hostname)
    .join();

async function settled(...objects: readonly KubeObject[]) {
  const cluster = await controlled(here, ...objects);
  await cluster.settle();
  return cluster;
}

/** As much as matters here of the definitions that charts bring. */
const definition = (group: string, kind: string, plural: string, scope: 'Namespaced' | 'Cluster'): CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    scope,
    versions: [
      { name: 'v1beta1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as never } },
    ],
  },
});
const bindingDefinition = definition('elbv2.k8s.aws', 'TargetGroupBinding', 'targetgroupbindings', 'Namespaced');
const bindings = (cluster: Cluster) => cluster.list('targetgroupbindings.elbv2.k8s.aws') as readonly (KubeObject & { spec: object })[];

describe('a Service of type LoadBalancer', () => {
  it.each([
    { name: 'has a classic one', annotations: {}, host: /^a[0-9a-f]{31}-\d+\.eu-central-1\.elb\.amazonaws\.com$/ },
    { name: 'has one for its own network', annotations: aws({ internal: 'true' }), host: /^internal-a[0-9a-f]{31}-\d+\.eu-central-1\.elb\.amazonaws\.com$/ },
    { name: 'has a network one', annotations: aws({ type: 'nlb' }), host: /^a[0-9a-f]{31}-[0-9a-f]{16}\.elb\.eu-central-1\.amazonaws\.com$/ },
  ])('$name of the cloud, which says so, and holds it', async ({ annotations, host }) => {
    const web = service('web', {}, annotations);
    const cluster = await settled(web);
    expect(hostOf(cluster, web)).toMatch(host);
    expect(cluster.get(web).metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    expect(cluster.get(web).spec!.ports![0]!.nodePort).toBeGreaterThanOrEqual(30000);
    expect(cluster.messages(web)).toEqual(['EnsuringLoadBalancer: Ensuring load balancer', 'EnsuredLoadBalancer: Ensured load balancer']);
    const { offset } = cluster.state;
    await cluster.pass(3_600);
    expect(cluster.state.offset).toBe(offset);
  });

  it('loses it when it is deleted', async () => {
    const web = service('web');
    const cluster = await settled(web);
    await cluster.delete(web);
    await cluster.settle();
    expect(cluster.find(web)).toBeUndefined();
    const told = cluster.list('events').map(({ reason, message }) => `${reason}: ${message}`);
    expect(told).toEqual(expect.arrayContaining(['DeletingLoadBalancer: Deleting load balancer', 'DeletedLoadBalancer: Deleted load balancer']));
  });

  it('loses it when it is of another type', async () => {
    const web = service('web');
    const cluster = await settled(web);
    await cluster.edit(web, ({ spec }) => {
      spec!.type = 'ClusterIP';
    });
    await cluster.settle();
    expect(cluster.get(web)).toMatchObject({ status: { loadBalancer: {} } });
    expect(cluster.get(web).metadata.finalizers).toBeUndefined();
  });

  it.each([
    {
      name: 'with a protocol that a classic one does not know',
      spec: { ports: [{ port: 53, protocol: 'UDP' }] },
      why: 'Protocol UDP not supported by LoadBalancer',
    },
    { name: 'with affinity', spec: { sessionAffinity: 'ClientIP' }, why: 'unsupported load balancer affinity: ClientIP' },
  ])('has none $name', async ({ spec, why }) => {
    const web = service('web', spec);
    const cluster = await settled(web);
    expect(hostOf(cluster, web)).toBeUndefined();
    expect(cluster.messages(web)).toContain(`SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: ${why}`);
  });

  it('is left alone when it names a class that nobody knows', async () => {
    const web = service('web', { loadBalancerClass: 'example.com/other' });
    const cluster = await settled(web);
    expect(cluster.get(web)).toMatchObject({ status: { loadBalancer: {} } });
    expect(cluster.get(web).metadata.finalizers).toBeUndefined();
    expect(cluster.messages(web)).toEqual([]);
  });

  it.each([
    {
      name: 'by its class',
      web: service('web-front', { loadBalancerClass: 'service.k8s.aws/nlb' }),
      finalizers: ['service.k8s.aws/resources'],
      messages: ['SuccessfullyReconciled: Successfully reconciled'],
    },
    {
      name: 'by its annotation, which the cloud sees too',
      web: service('web-front', {}, aws({ type: 'external', 'nlb-target-type': 'ip', scheme: 'internet-facing' })),
      finalizers: ['service.kubernetes.io/load-balancer-cleanup', 'service.k8s.aws/resources'],
      messages: ['EnsuringLoadBalancer: Ensuring load balancer', 'SuccessfullyReconciled: Successfully reconciled'],
    },
  ])('is served by the AWS Load Balancer Controller $name', async ({ web, finalizers, messages }) => {
    const cluster = await settled(web);
    expect(hostOf(cluster, web)).toMatch(/^k8s-default-webfront-[0-9a-f]{10}-[0-9a-f]{16}\.elb\.eu-central-1\.amazonaws\.com$/);
    expect(cluster.get(web).metadata.finalizers).toEqual(finalizers);
    expect(cluster.messages(web).sort()).toEqual(messages);
    await cluster.delete(web);
    await cluster.settle();
    expect(cluster.find(web)).toBeUndefined();
  });

  it.each([
    { annotations: { scheme: 'public' }, why: 'unknown scheme: public' },
    { annotations: { 'nlb-target-type': 'pod' }, why: 'unsupported target type "pod" for load balancer type "external"' },
    { annotations: { 'ip-address-type': 'ipv9' }, why: 'unknown IPAddressType: ipv9' },
    { annotations: { name: 'x'.repeat(33) }, why: 'load balancer name cannot be longer than 32 characters' },
    {
      annotations: { 'healthcheck-interval': 'often' },
      why: 'failed to parse int64 annotation, service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval: often: strconv.ParseInt: parsing "often": invalid syntax',
    },
    {
      annotations: { attributes: 'x' },
      why: 'failed to parse stringMap annotation, service.beta.kubernetes.io/aws-load-balancer-attributes: x',
    },
  ])('is refused by it: $why', async ({ annotations, why }) => {
    const web = service('web', {}, aws({ type: 'external', ...annotations } as unknown as Record<string, string>));
    const cluster = await settled(web);
    expect(hostOf(cluster, web)).toBeUndefined();
    expect(cluster.messages(web)).toContain(`FailedBuildModel: Failed build model due to ${why}`);
  });
});

describe('an Ingress of class alb', () => {
  const nodePort = service('api', { type: 'NodePort' });
  const clusterIP = service('api', { type: 'ClusterIP' });
  const ingress = (name: string, annotations: Record<string, string> = {}, spec: object = {}): Ingress => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'kubernetes.io/ingress.class': 'alb',
        ...Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value])),
      },
    },
    spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'api', port: { number: 80 } } } }] } }], ...spec },
  });

  it('has the address of its load balancer, is held, and says so', async () => {
    const web = ingress('web', { scheme: 'internet-facing' });
    const cluster = await settled(nodePort, web);
    expect(hostOf(cluster, web)).toMatch(/^k8s-default-web-[0-9a-f]{10}-\d+\.eu-central-1\.elb\.amazonaws\.com$/);
    expect(cluster.get(web).metadata.finalizers).toEqual(['ingress.k8s.aws/resources']);
    expect(cluster.messages(web)).toEqual(['SuccessfullyReconciled: Successfully reconciled']);
    await cluster.delete(web);
    await cluster.settle();
    expect(cluster.find(web)).toBeUndefined();
  });

  it('is one by its IngressClass, inside the network unless told, once that is there', async () => {
    const { annotations: _, ...metadata } = ingress('web').metadata;
    const web: Ingress = { ...ingress('web', {}, { ingressClassName: 'mine' }), metadata };
    const cluster = await settled(nodePort, web);
    expect(hostOf(cluster, web)).toBeUndefined();
    await cluster.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'mine' },
      spec: { controller: 'ingress.k8s.aws/alb' },
    } as KubeObject);
    await cluster.settle();
    expect(hostOf(cluster, web)).toMatch(/^internal-k8s-default-web-/);
  });

  it('has what the parameters of its class say', async () => {
    const { annotations: _, ...metadata } = ingress('web').metadata;
    const web: Ingress = { ...ingress('web', {}, { ingressClassName: 'auto' }), metadata };
    const parameters = { apiGroup: 'eks.amazonaws.com', kind: 'IngressClassParams', name: 'auto' };
    const spec = { controller: 'eks.amazonaws.com/alb', parameters };
    const cluster = await settled(
      nodePort,
      definition('eks.amazonaws.com', 'IngressClassParams', 'ingressclassparams', 'Cluster'),
      { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'auto' }, spec } as KubeObject,
      web,
    );
    expect(hostOf(cluster, web)).toMatch(/^internal-k8s-default-web-/);
    const params = { apiVersion: 'eks.amazonaws.com/v1beta1', kind: 'IngressClassParams', metadata: { name: 'auto' }, spec: { scheme: 'internet-facing' } };
    await cluster.mutate({ type: 'create', resource: 'ingressclassparams.eks.amazonaws.com', object: params as KubeObject });
    await cluster.settle();
    expect(hostOf(cluster, web)).toMatch(/^k8s-default-web-/);
  });

  it('is another controller’s with another class', async () => {
    const web = ingress('web');
    web.metadata.annotations = { 'kubernetes.io/ingress.class': 'nginx' };
    const cluster = await settled(nodePort, web);
    expect(cluster.get(web)).toMatchObject({ status: { loadBalancer: {} } });
    expect(cluster.messages(web)).toEqual([]);
  });

  it('shares the load balancer of its group', async () => {
    const [a, b] = [ingress('a', { 'group.name': 'shop' }), ingress('b', { 'group.name': 'shop', 'group.order': '-1' })];
    const cluster = await settled(nodePort, a, b);
    expect(hostOf(cluster, a)).toMatch(/^internal-k8s-shop-[0-9a-f]{10}-/);
    expect(hostOf(cluster, b)).toBe(hostOf(cluster, a));
    expect(cluster.get(a).metadata.finalizers).toEqual(['group.ingress.k8s.aws/shop']);
    await cluster.edit(b, ({ metadata }) => {
      metadata.annotations!['alb.ingress.kubernetes.io/scheme'] = 'internet-facing';
      metadata.annotations!['alb.ingress.kubernetes.io/group.name'] = 'other';
    });
    await cluster.settle();
    expect(cluster.get(b).metadata.finalizers).toEqual(['group.ingress.k8s.aws/other']);
    expect(hostOf(cluster, b)).not.toBe(hostOf(cluster, a));
  });

  it.each([
    { annotations: { scheme: 'public' }, why: 'unknown scheme: public' },
    { annotations: { 'target-type': 'pod' }, why: 'ingress: default/web: unknown targetType: pod' },
    { annotations: { 'backend-protocol': 'TCP' }, why: 'ingress: default/web: backend protocol must be within [HTTP, HTTPS]: TCP' },
    { annotations: { 'listen-ports': '[{"TCP": 80}]' }, why: 'ingress: default/web: listen protocol must be within [HTTP, HTTPS]: TCP' },
    { annotations: { 'listen-ports': '[{"HTTP": 0}]' }, why: 'ingress: default/web: listen port must be within [1, 65535]: 0' },
    { annotations: { 'listen-ports': '[]' }, why: 'ingress: default/web: empty listen-ports configuration: `[]`' },
    {
      annotations: { 'listen-ports': 'HTTP' },
      why: "ingress: default/web: failed to parse listen-ports configuration: `HTTP`: invalid character 'H' looking for beginning of value",
    },
    {
      annotations: { 'inbound-cidrs': '10.0.0.0' },
      why: 'ingress: default/web: invalid inbound-cidrs settings on Ingress: default/web: invalid CIDR address: 10.0.0.0',
    },
    { annotations: { 'load-balancer-name': 'x'.repeat(33) }, why: 'load balancer name cannot be longer than 32 characters' },
    {
      annotations: { 'group.name': 'g', 'group.order': '1001' },
      why: 'explicit Ingress group order must be within [-1000:1000], Ingress: default/web, order: 1001',
    },
    {
      annotations: { 'listen-ports': '[{"HTTPS": 443}]' },
      spec: { tls: [{ hosts: ['a.example.com'] }] },
      why: 'ingress: default/web: no certificate found for host: a.example.com',
    },
    {
      annotations: {},
      spec: { defaultBackend: { service: { name: 'api', port: { number: 81 } } } },
      why: 'ingress: default/web: unable to find port 81 on service default/api',
    },
  ])('is refused: $why', async ({ annotations, spec, why }) => {
    const web = ingress('web', annotations as unknown as Record<string, string>, spec);
    const cluster = await settled(nodePort, web);
    expect(hostOf(cluster, web)).toBeUndefined();
    expect(cluster.messages(web)).toContain(`FailedBuildModel: Failed build model due to ${why}`);
  });

  it('has the name that it asks for, where AWS gives such names', async () => {
    const [web, other] = [ingress('web', { 'load-balancer-name': 'MyShop' }), ingress('other', { 'load-balancer-name': 'my_shop' })];
    const cluster = await settled(nodePort, web, other);
    expect(hostOf(cluster, web)).toMatch(/^internal-myshop-/);
    expect(hostOf(cluster, other)).toBeUndefined();
    expect(cluster.messages(other).join()).toMatch(/^FailedDeployModel: Failed deploy model due to ValidationError: The load balancer name 'my_shop' can only/);
    const { offset } = cluster.state;
    await cluster.pass(3_600);
    expect(cluster.state.offset).toBe(offset);
  });

  it('needs node ports, or pods as targets', async () => {
    const web = ingress('web');
    const cluster = await settled(clusterIP, web);
    expect(cluster.messages(web).join()).toContain(
      "TargetGroup port is empty. When using Instance targets, your service must be of type 'NodePort' or 'LoadBalancer'",
    );
    await cluster.edit(web, ({ metadata }) => {
      metadata.annotations!['alb.ingress.kubernetes.io/target-type'] = 'ip';
    });
    await cluster.settle();
    expect(hostOf(cluster, web)).toMatch(/^internal-k8s-default-web-/);
  });

  it('of which another one of the group disagrees is refused with it', async () => {
    const [a, b] = [ingress('a', { 'group.name': 'shop', scheme: 'internal' }), ingress('b', { 'group.name': 'shop', scheme: 'internet-facing' })];
    const cluster = await settled(nodePort, a, b);
    for (const each of [a, b]) {
      expect(cluster.messages(each)).toContain('FailedBuildModel: Failed build model due to conflicting scheme: map[internal:{} internet-facing:{}]');
    }
  });

  it('has a name of its group that can be one', async () => {
    const web = ingress('web', { 'group.name': 'Shop' });
    const cluster = await settled(nodePort, web);
    expect(cluster.messages(web).join()).toContain(
      "FailedLoadGroupID: Failed load groupID due to invalid ingress group: groupName must consist of lower case alphanumeric characters, '-' or '.'",
    );
  });

  it('is answered for a Service that is not there', async () => {
    const web = ingress('web');
    expect(hostOf(await settled(web), web)).toMatch(/^internal-k8s-default-web-/);
  });

  it('has its target groups bound where their definition is there, until it is gone', async () => {
    const web = ingress('web', { 'target-type': 'ip' });
    const cluster = await settled(clusterIP, web, bindingDefinition);
    expect(bindings(cluster)).toMatchObject([
      {
        metadata: { name: expect.stringMatching(/^k8s-default-api-[0-9a-f]{10}$/), labels: { 'ingress.k8s.aws/stack-name': 'web' } },
        spec: { serviceRef: { name: 'api', port: 80 }, targetType: 'ip', targetGroupARN: expect.stringContaining('eu-central-1') },
      },
    ]);
    await cluster.delete(web);
    await cluster.settle();
    expect(bindings(cluster)).toEqual([]);
  });
});

it('What annotations name of AWS is not looked for', async () => {
  const arn = 'arn:aws:acm:eu-central-1:111122223333:certificate/none';
  const web = service('web', {}, aws({ type: 'external', subnets: 'subnet-none', 'security-groups': 'sg-none', 'ssl-cert': arn, 'ssl-ports': '80' }));
  const cluster = await settled(web);
  expect(hostOf(cluster, web)).toMatch(/^k8s-default-web-/);
  expect(cluster.messages(web)).toContain('SuccessfullyReconciled: Successfully reconciled');
});

it('A refused Service says so again with each look at it, and writes nothing while nobody looks', async () => {
  const web = service('web', {}, aws({ type: 'external', scheme: 'public' }));
  const cluster = await settled(web);
  const told = () =>
    cluster
      .list('events')
      .filter(({ reason }) => reason === 'FailedBuildModel')
      .reduce((sum, { count = 1 }) => sum + count, 0);
  const [before, { offset }] = [told(), cluster.state];
  await cluster.pass(3_600);
  expect([told(), cluster.state.offset]).toEqual([before, offset]);
  await cluster.edit(web, ({ metadata }) => {
    metadata.labels = { looked: 'at' };
  });
  await cluster.settle();
  expect(told()).toBe(before + 1);
});
