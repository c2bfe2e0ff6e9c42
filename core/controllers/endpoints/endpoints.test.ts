import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../admission/default-plugins.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Endpoints, Pod, Service } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { NOW, seededEnv } from '../../testing/env.ts';
import { node, pod } from '../../testing/objects.ts';
import { stateOf } from '../../testing/state.ts';
import { controllersReconciler } from '../registry.ts';
import { endpointsController } from './endpoints.ts';

const service = (spec: object = {}, metadata: object = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});
const endpoints: Endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', namespace: 'default' } };

let next = 0;
/** A pod with an address, `10.0.0.1` and so on. */
const running = (
  name: string,
  { ready = true, ip = `10.0.0.${++next % 250}`, ...more }: { ready?: boolean; ip?: string; spec?: object; labels?: Record<string, string> } = {},
) => ({
  given: pod(name, { nodeName: 'node-1', ...(more.labels && { labels: more.labels }), ...more.spec }),
  status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

async function setUp(of: Service, ...pods: ReturnType<typeof running>[]): Promise<Cluster> {
  const cluster = await controlled(node('node-1', { labels: { 'topology.kubernetes.io/zone': 'z' } }), of);
  for (const { given, status } of pods) await run(cluster, given, status);
  await cluster.settle();
  return cluster;
}

async function run(cluster: Cluster, given: Pod, status: object): Promise<void> {
  await cluster.create(given);
  await cluster.edit(
    given,
    (copy) => {
      copy.status = { ...copy.status, ...status };
    },
    'status',
  );
}

const setReady = (cluster: Cluster, name: string, ready: boolean) =>
  cluster.edit(
    pod(name),
    (copy) => {
      copy.status!.conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    },
    'status',
  );

/** Without those of the API server, which are in every cluster. */
const slices = (cluster: Cluster) => cluster.list('endpointslices.discovery.k8s.io').filter(isOfATest);
const allEndpoints = (cluster: Cluster) => cluster.list('endpoints').filter(isOfATest);
const isOfATest = ({ metadata }: KubeObject) => metadata.name !== 'kubernetes';

/** `8080: 10.0.0.1 ready` */
const inSlices = (cluster: Cluster) =>
  slices(cluster)
    .flatMap(({ ports, endpoints: held }) =>
      (held ?? []).map(({ addresses, conditions }) =>
        [
          `${(ports ?? []).map(({ port }) => port).join()}:`,
          addresses[0],
          ...(['ready', 'serving', 'terminating'] as const).filter((name) => conditions?.[name]),
        ].join(' '),
      ),
    )
    .sort();

/** `8080: 10.0.0.1 not 10.0.0.2` */
const inEndpoints = (cluster: Cluster) =>
  (cluster.get(endpoints).subsets ?? []).map(({ ports = [], addresses = [], notReadyAddresses = [] }) =>
    [
      `${ports.map(({ port }) => port).join()}:`,
      ...addresses.map(({ ip }) => ip),
      ...(notReadyAddresses.length > 0 ? ['not', ...notReadyAddresses.map(({ ip }) => ip)] : []),
    ].join(' '),
  );

describe('a Service', () => {
  it('without pods has an empty slice, and Endpoints without any', async () => {
    const cluster = await setUp(service());
    expect(slices(cluster)).toMatchObject([{ addressType: 'IPv4', ports: [], endpoints: [], metadata: { generateName: 'web-' } }]);
    expect(cluster.get(endpoints).subsets).toBeUndefined();
  });

  it('has slices that are its own, and say whose they are', async () => {
    const cluster = await setUp(service({}, { labels: { team: 'x' } }), running('p', { ip: '10.0.0.1', spec: { hostname: 'h', subdomain: 'web' } }));
    const { uid } = cluster.get(service()).metadata;
    expect(slices(cluster)).toMatchObject([
      {
        metadata: {
          labels: { team: 'x', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid, controller: true, blockOwnerDeletion: true }],
        },
        ports: [{ name: '', port: 8080, protocol: 'TCP' }],
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            hostname: 'h',
            nodeName: 'node-1',
            zone: 'z',
            targetRef: { kind: 'Pod', namespace: 'default', name: 'p' },
          },
        ],
      },
    ]);
    expect(cluster.get(endpoints)).toMatchObject({
      metadata: { labels: { team: 'x', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } },
      subsets: [
        { addresses: [{ ip: '10.0.0.1', hostname: 'h', nodeName: 'node-1', targetRef: { kind: 'Pod', name: 'p' } }], ports: [{ port: 8080, protocol: 'TCP' }] },
      ],
    });
  });

  it.each([
    {
      name: 'has the pods that it selects',
      of: service(),
      pods: [running('p', { ip: '1.1.1.1' }), running('q', { ip: '1.1.1.2', labels: { app: 'other' } })],
      slices: ['8080: 1.1.1.1 ready serving'],
      endpoints: ['8080: 1.1.1.1'],
    },
    {
      name: 'has pods that are not ready, as such',
      of: service(),
      pods: [running('p', { ip: '1.1.1.1' }), running('q', { ip: '1.1.1.2', ready: false })],
      slices: ['8080: 1.1.1.1 ready serving', '8080: 1.1.1.2'],
      endpoints: ['8080: 1.1.1.1 not 1.1.1.2'],
    },
    {
      name: 'may have them as ready ones',
      of: service({ publishNotReadyAddresses: true }),
      pods: [running('q', { ip: '1.1.1.2', ready: false })],
      slices: ['8080: 1.1.1.2 ready'],
      endpoints: ['8080: 1.1.1.2'],
    },
    {
      name: 'finds a port by its name, which may differ between pods, or be missing',
      of: service({ ports: [{ port: 80, targetPort: 'http' }] }),
      pods: [
        running('p', { ip: '1.1.1.1', spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8001 }] }] } }),
        running('q', { ip: '1.1.1.2', spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8002 }] }] } }),
        running('r', { ip: '1.1.1.3' }),
      ],
      slices: ['8001: 1.1.1.1 ready serving', '8002: 1.1.1.2 ready serving', ': 1.1.1.3 ready serving'],
      endpoints: ['8001: 1.1.1.1', '8002: 1.1.1.2'],
    },
    {
      name: 'finds the port of a sidecar, of its own protocol',
      of: service({ ports: [{ port: 53, targetPort: 'dns', protocol: 'UDP' }] }),
      pods: [
        running('p', {
          ip: '1.1.1.1',
          spec: {
            containers: [{ name: 'c', image: 'i', ports: [{ name: 'dns', containerPort: 5301, protocol: 'TCP' }] }],
            initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always', ports: [{ name: 'dns', containerPort: 5302, protocol: 'UDP' }] }],
          },
        }),
      ],
      slices: ['5302: 1.1.1.1 ready serving'],
      endpoints: ['5302: 1.1.1.1'],
    },
    {
      name: 'has several ports',
      of: service({ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 443, targetPort: 8443 }] }), // biome-ignore format: short
      pods: [running('p', { ip: '1.1.1.1' })],
      slices: ['80,8443: 1.1.1.1 ready serving'],
      endpoints: ['80,8443: 1.1.1.1'],
    },
    {
      name: 'that is headless needs no port',
      of: service({ clusterIP: 'None', ports: [] }),
      pods: [running('p', { ip: '1.1.1.1' })],
      slices: [': 1.1.1.1 ready serving'],
      endpoints: [': 1.1.1.1'],
    },
  ])('$name', async ({ of, pods, slices: wantSlices, endpoints: wantEndpoints }) => {
    const cluster = await setUp(of, ...pods);
    expect(inSlices(cluster)).toEqual([...wantSlices].sort());
    expect(inEndpoints(cluster)).toEqual(wantEndpoints);
  });

  it('says when it is headless', async () => {
    const cluster = await setUp(service({ clusterIP: 'None' }), running('p'));
    expect(slices(cluster)[0]!.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
    expect(cluster.get(endpoints).metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
  });

  it.each([
    { name: 'without a selector', of: service({ selector: undefined }) },
    { name: 'that is a name elsewhere', of: service({ type: 'ExternalName', externalName: 'example.com' }) },
  ])('$name is left to its user', async ({ of }) => {
    const cluster = await setUp(of, running('p'));
    expect(slices(cluster)).toEqual([]);
    expect(allEndpoints(cluster)).toEqual([]);
    const own = await cluster.create({ ...endpoints, subsets: [{ addresses: [{ ip: '1.2.3.4' }], ports: [{ port: 1 }] }] });
    await cluster.settle();
    expect(cluster.get(own)).toEqual(own);
  });
});

describe('the endpoints of a Service follow', () => {
  const two = () => setUp(service(), running('p', { ip: '1.1.1.1' }), running('q', { ip: '1.1.1.2' }));

  it.each<{ name: string; change: (cluster: Cluster) => Promise<unknown>; slices: string[]; endpoints: string[] }>([
    {
      name: 'a pod that is not ready any more',
      change: (cluster) => setReady(cluster, 'p', false),
      slices: ['8080: 1.1.1.1', '8080: 1.1.1.2 ready serving'],
      endpoints: ['8080: 1.1.1.2 not 1.1.1.1'],
    },
    {
      name: 'a pod on its way out',
      change: (cluster) => cluster.delete(pod('p')),
      slices: ['8080: 1.1.1.1 serving terminating', '8080: 1.1.1.2 ready serving'],
      endpoints: ['8080: 1.1.1.2'],
    },
    {
      name: 'a pod that is gone',
      change: (cluster) => cluster.delete(pod('p'), { gracePeriodSeconds: 0 }),
      slices: ['8080: 1.1.1.2 ready serving'],
      endpoints: ['8080: 1.1.1.2'],
    },
    {
      name: 'a pod that loses the label',
      change: (cluster) =>
        cluster.edit(pod('p'), ({ metadata }) => {
          metadata.labels = { app: 'other' };
        }),
      slices: ['8080: 1.1.1.2 ready serving'],
      endpoints: ['8080: 1.1.1.2'],
    },
    {
      name: 'the last pods',
      change: async (cluster) => {
        for (const name of ['p', 'q']) await cluster.delete(pod(name), { gracePeriodSeconds: 0 });
      },
      slices: [],
      endpoints: [],
    },
    {
      name: 'another target port',
      change: (cluster) =>
        cluster.edit(service(), ({ spec }) => {
          spec!.ports![0]!.targetPort = 9090;
        }),
      slices: ['9090: 1.1.1.1 ready serving', '9090: 1.1.1.2 ready serving'],
      endpoints: ['9090: 1.1.1.1 1.1.1.2'],
    },
    {
      name: 'another selector',
      change: (cluster) =>
        cluster.edit(service(), ({ spec }) => {
          spec!.selector = { app: 'none' };
        }),
      slices: [],
      endpoints: [],
    },
  ])('$name, in the slice that is there', async ({ change, slices: wantSlices, endpoints: wantEndpoints }) => {
    const cluster = await two();
    const before = slices(cluster).map(({ metadata }) => metadata.uid);
    await change(cluster);
    await cluster.settle();
    expect(inSlices(cluster)).toEqual(wantSlices);
    expect(inEndpoints(cluster)).toEqual(wantEndpoints);
    expect(slices(cluster).map(({ metadata }) => metadata.uid)).toEqual(before);
  });

  it('its labels', async () => {
    const cluster = await two();
    await cluster.edit(service(), ({ metadata }) => {
      metadata.labels = { team: 'y' };
    });
    await cluster.settle();
    expect(slices(cluster)[0]!.metadata.labels).toMatchObject({ team: 'y' });
    expect(cluster.get(endpoints).metadata.labels).toMatchObject({ team: 'y' });
  });

  it('the zone of a node', async () => {
    const cluster = await two();
    await cluster.edit(node('node-1'), ({ metadata }) => {
      metadata.labels = { 'topology.kubernetes.io/zone': 'y' };
    });
    await cluster.settle();
    expect(slices(cluster)[0]!.endpoints!.map(({ zone }) => zone)).toEqual(['y', 'y']);
  });

  it('what a client does to them', async () => {
    const cluster = await two();
    await cluster.edit(slices(cluster)[0]!, (copy) => {
      copy.endpoints = [];
    });
    await cluster.delete(endpoints);
    await cluster.settle();
    expect(inSlices(cluster)).toEqual(['8080: 1.1.1.1 ready serving', '8080: 1.1.1.2 ready serving']);
    expect(inEndpoints(cluster)).toEqual(['8080: 1.1.1.1 1.1.1.2']);
    await cluster.delete(slices(cluster)[0]!);
    await cluster.settle();
    expect(inSlices(cluster)).toHaveLength(2);
  });

  it('nothing else: what does not matter to them is not written', async () => {
    const cluster = await two();
    const offset = () => [...slices(cluster), cluster.get(endpoints)].map(({ metadata }) => metadata.resourceVersion);
    const before = offset();
    await cluster.edit(pod('p'), ({ metadata }) => {
      metadata.annotations = { a: 'b' };
    });
    await cluster.edit(
      pod('q'),
      (copy) => {
        copy.status!.conditions!.push({ type: 'Other', status: 'True' });
      },
      'status',
    );
    await cluster.settle();
    expect(offset()).toEqual(before);
  });

  it('its end', async () => {
    const cluster = await two();
    await cluster.delete(service());
    await cluster.settle();
    expect(slices(cluster)).toEqual([]);
    expect(allEndpoints(cluster)).toEqual([]);
  });
});

it('Endpoints whose Service went while no controller ran go after it; those of a user stay', () => {
  const left = { ...endpoints, metadata: { ...endpoints.metadata, uid: 'uid-web', labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } } };
  const own = { ...endpoints, metadata: { ...endpoints.metadata, name: 'own', uid: 'uid-own' } };
  const state = stateOf([left, own]);
  const { mutations } = controllersReconciler([endpointsController]).reconcile({
    state,
    changes: undefined,
    due: [],
    failures: [],
    waiting: new Set(),
    plugins: defaultAdmissionPlugins,
    now: NOW,
    env: seededEnv(),
  });
  expect(mutations).toMatchObject([{ type: 'delete', resource: 'endpoints', name: 'web', preconditions: { uid: 'uid-web' } }]);
});

describe('a Service with many pods', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => running(`p${String(i).padStart(4, '0')}`, { ip: `10.1.${i >> 8}.${i & 255}`, ready: i % 2 === 0 }));

  it('has a hundred in each slice, and changes no other for one of them', async () => {
    const cluster = await setUp(service(), ...many(250));
    expect(
      slices(cluster)
        .map(({ endpoints: held }) => held!.length)
        .sort(),
    ).toEqual([100, 100, 50]);
    const versions = () => new Map(slices(cluster).map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    const before = versions();
    await cluster.delete(pod('p0042'), { gracePeriodSeconds: 0 });
    await cluster.settle();
    const after = versions();
    expect([...after].filter(([name, version]) => before.get(name) !== version)).toHaveLength(1);
    expect(inSlices(cluster)).toHaveLength(249);
  });

  it('has a thousand in its Endpoints, ready ones first, and says that there are more', async () => {
    const cluster = await setUp(service(), ...many(1_100));
    const { subsets, metadata } = cluster.get(endpoints);
    expect([subsets![0]!.addresses!.length, subsets![0]!.notReadyAddresses!.length]).toEqual([550, 450]);
    expect(metadata.annotations).toMatchObject({ 'endpoints.kubernetes.io/over-capacity': 'truncated' });
  });
});
