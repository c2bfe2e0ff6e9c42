import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type {
  ConfigMap,
  Endpoints,
  EventObject,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicationController,
  ResourceQuota,
  Secret,
} from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, problems, texts, updateProblems } from '../../testing/strategies.ts';
import { strategy as configMaps } from './configmap.ts';
import { strategy as endpoints } from './endpoints.ts';
import { strategy as events } from './event.ts';
import { strategy as limitRanges } from './limitrange.ts';
import { strategy as namespaces } from './namespace.ts';
import { strategy as nodes } from './node.ts';
import { strategy as volumes } from './persistentvolume.ts';
import { strategy as claims } from './persistentvolumeclaim.ts';
import { strategy as controllers } from './replicationcontroller.ts';
import { strategy as quotas } from './resourcequota.ts';
import { strategy as secrets } from './secret.ts';

const NOW = Date.parse('2024-01-01T01:00:00Z');
const object = <T extends KubeObject>(kind: string, rest: object = {}): T =>
  ({ apiVersion: 'v1', kind, metadata: { name: 'a', namespace: 'default', creationTimestamp: '2024-01-01T00:55:00Z' }, ...rest }) as unknown as T;
const row = <T extends KubeObject>(strategy: Parameters<typeof cell<T>>[0], given: T) => strategy.table!.cells(given, NOW);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('namespaces', () => {
  it('are labelled with their name, active, and held back until they are empty', () => {
    const namespace = defaulted(namespaces, object<Namespace>('Namespace'));
    namespaces.prepareForCreate!(namespace, context(stateOf([])));
    expect(namespace).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(namespaces.pendingDeletion!(namespace)).toBe(true);
    expect(namespaces.pendingDeletion!({ ...namespace, spec: {} })).toBe(false);
    expect(row(namespaces, namespace)).toEqual(['a', 'Active', '5m']);
  });

  it('keep their finalizers until they are finalized', () => {
    const previous = object<Namespace>('Namespace', { spec: { finalizers: ['kubernetes'] } });
    const update = object<Namespace>('Namespace');
    namespaces.prepareForUpdate!(update, previous, context(stateOf([])));
    expect(update.spec).toEqual({ finalizers: ['kubernetes'] });
    const finalized = { ...previous, spec: { finalizers: [] } };
    namespaces.prepareForUpdate!(finalized, previous, context(stateOf([])), 'finalize');
    expect(namespaces.pendingDeletion!(finalized)).toBe(false);
  });
});

describe('nodes', () => {
  it.each([
    { given: { podCIDR: '10.0.0.0/24' }, want: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } },
    { given: { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, want: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] } },
    { given: { podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.0.0/24'] }, want: { podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.1.0/24'] } },
  ])('of $given say both', ({ given, want }) => {
    expect(defaulted(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: given }).spec).toEqual(want);
  });

  it('have networks that are none, and one of each family', () => {
    const given = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { podCIDRs: ['10.0.0.0/24', 'x'] } };
    expect(problems(nodes, given)).toEqual([
      expect.stringMatching(/^spec.podCIDRs\[1\]: Invalid value: "x": must be a valid CIDR value/),
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family',
    ]);
  });

  const node = (rest: object) => object<Node>('Node', rest);
  it.each([
    { given: node({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }), want: 'Ready' },
    { given: node({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }), want: 'NotReady' },
    { given: node({ spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }), want: 'Ready,SchedulingDisabled' },
    { given: node({}), want: 'Unknown' },
  ])('are $want', ({ given, want }) => expect(cell(nodes, given, 'Status')).toBe(want));

  it('show their roles', () => {
    const labels = { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'worker' };
    expect(cell(nodes, { ...node({}), metadata: { name: 'a', labels } }, 'Roles')).toBe('control-plane,worker');
    expect(cell(nodes, node({}), 'Roles')).toBe('<none>');
  });

  it('have each taint once', () => {
    const taint = { key: 'a', effect: 'NoSchedule' };
    expect(problems(nodes, node({ spec: { taints: [taint, taint, { key: 'b', effect: 'Never' }] } }))).toEqual([
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
      'metadata.taints[2].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ]);
  });
});

describe('config maps', () => {
  const map = (rest: object) => object<ConfigMap>('ConfigMap', rest);
  it.each([
    { name: 'fine', given: map({ data: { 'a.b': 'x' }, binaryData: { c: base64('x') } }), want: [] },
    { name: 'a bad key', given: map({ data: { '..': 'x' } }), want: ['data[..]: Invalid value: "..": must not be \'..\''] },
    {
      name: 'one key in both',
      given: map({ data: { a: 'x' }, binaryData: { a: '' } }),
      want: ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    },
    { name: 'too large', given: map({ data: { a: 'x'.repeat(1024 * 1024 + 1) } }), want: ['[]: Too long: may not be more than 1048576 bytes'] },
  ])('$name', ({ given, want }) => expect(problems(configMaps, given)).toEqual(want));

  it('stay as they are once they are immutable', () => {
    const fixed = map({ immutable: true, data: { a: 'b' } });
    expect(updateProblems(configMaps, map({ data: { a: 'c' } }), fixed)).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    expect(updateProblems(configMaps, { ...fixed, metadata: { ...fixed.metadata, labels: { x: 'y' } } }, fixed)).toEqual([]);
  });
});

describe('secrets', () => {
  const secret = (rest: object) => object<Secret>('Secret', rest);
  it('keep text as data', () => {
    const given = defaulted(secrets, secret({ data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new' } }));
    expect(given).toMatchObject({ type: 'Opaque', data: { a: base64('new'), b: base64('b') } });
    expect(given.stringData).toBeUndefined();
    expect(row(secrets, given)).toEqual(['a', 'Opaque', 2, '5m']);
  });

  it.each([
    { type: 'kubernetes.io/tls', data: { 'tls.crt': '' }, want: ['data[tls.key]: Required value'] },
    { type: 'kubernetes.io/ssh-auth', data: {}, want: ['data[ssh-privatekey]: Required value'] },
    { type: 'kubernetes.io/basic-auth', data: { username: base64('u') }, want: [] },
    { type: 'kubernetes.io/basic-auth', data: {}, want: ['data[username]: Required value', 'data[password]: Required value'] },
    { type: 'kubernetes.io/dockerconfigjson', data: {}, want: ['data[.dockerconfigjson]: Required value'] },
    {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '' },
      want: ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
    },
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{}') }, want: [] },
    { type: 'kubernetes.io/service-account-token', data: {}, want: ['metadata.annotations[kubernetes.io/service-account.name]: Required value'] },
    { type: 'example.com/own', data: {}, want: [] },
  ])('of type $type: $want', ({ type, data, want }) => expect(problems(secrets, secret({ type, data }))).toEqual(want));

  it('keep their type', () => {
    expect(updateProblems(secrets, secret({ type: 'a' }), secret({}))).toEqual(['type: Invalid value: "a": field is immutable']);
  });
});

describe('claims', () => {
  const claim = (spec: object, rest: object = {}) =>
    object<PersistentVolumeClaim>('PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
      ...rest,
    });

  it.each([
    { name: 'fine', given: claim({}), want: [] },
    { name: 'no mode', given: claim({ accessModes: [] }), want: ['spec.accessModes: Required value: at least 1 access mode is required'] },
    { name: 'no size', given: claim({ resources: {} }), want: ['spec.resources[storage]: Required value'] },
    {
      name: 'no room',
      given: claim({ resources: { requests: { storage: '0' } } }),
      want: ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    },
    {
      name: 'unknown mode',
      given: claim({ accessModes: ['ReadAlways'] }),
      want: ['spec.accessModes: Unsupported value: "ReadAlways": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'],
    },
  ])('$name', ({ given, want }) => expect(problems(claims, given)).toEqual(want));

  it('may be bound, and grow while they are', () => {
    const bound = { status: { phase: 'Bound', capacity: { storage: '1Gi' } } };
    const larger = { resources: { requests: { storage: '2Gi' } } };
    expect(updateProblems(claims, claim({ volumeName: 'v' }), claim({}))).toEqual([]);
    expect(updateProblems(claims, claim({ volumeName: 'w' }), claim({ volumeName: 'v' }))).toEqual([
      expect.stringContaining('spec: Forbidden: spec is immutable after creation'),
    ]);
    expect(updateProblems(claims, claim(larger, bound), claim({}, bound))).toEqual([]);
    expect(updateProblems(claims, claim(larger), claim({}))).toHaveLength(1);
    expect(updateProblems(claims, claim({}, bound), claim(larger, bound))).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
  });

  it('show their volume once they have one', () => {
    expect(row(claims, claim({}, { status: { phase: 'Pending' } }))).toEqual(['a', 'Pending', '', '', '', '', '<unset>', '5m', '<unset>']);
    const bound = claim(
      { volumeName: 'v', storageClassName: 'fast', volumeMode: 'Filesystem' },
      { status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] } },
    );
    expect(row(claims, bound)).toEqual(['a', 'Bound', 'v', '1Gi', 'RWO,RWX', 'fast', '<unset>', '5m', 'Filesystem']);
  });
});

describe('volumes', () => {
  const volume = (spec: object) =>
    object<PersistentVolume>('PersistentVolume', { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...spec } });
  it.each([
    { name: 'fine', given: volume({ hostPath: { path: '/x' } }), want: [] },
    { name: 'nothing behind it', given: volume({}), want: ['spec: Required value: must specify a volume type'] },
    {
      name: 'two things behind it',
      given: volume({ hostPath: { path: '/x' }, nfs: { server: 's', path: '/' } }),
      want: ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
    },
    { name: 'local to no node', given: volume({ local: { path: '/x' } }), want: ['spec.nodeAffinity: Required value: Local volume requires node affinity'] },
    {
      name: 'without a size',
      given: volume({ hostPath: { path: '/x' }, capacity: {} }),
      want: ['spec.capacity: Required value', 'spec.capacity: Unsupported value: null: supported values: "storage"'],
    },
  ])('$name', ({ given, want }) => expect(problems(volumes, given)).toEqual(want));

  it('stay where they are', () => {
    expect(updateProblems(volumes, volume({ hostPath: { path: '/y' } }), volume({ hostPath: { path: '/x' } }))).toEqual([
      expect.stringMatching(
        /^spec\.persistentvolumesource: Forbidden: spec\.persistentvolumesource is immutable after creation\n@@ [\s\S]*- {2}"Path": "\/x"[\s\S]*\+ {2}"Path": "\/y"/,
      ),
    ]);
  });
});

describe('limit ranges', () => {
  const range = (item: object) => object<LimitRange>('LimitRange', { spec: { limits: [{ type: 'Container', ...item }] } });
  it('say what they leave out', () => {
    expect(defaulted(limitRanges, range({ max: { cpu: '2' }, min: { cpu: '100m', memory: '1Mi' } })).spec!.limits[0]).toEqual({
      type: 'Container',
      max: { cpu: '2' },
      min: { cpu: '100m', memory: '1Mi' },
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Mi' },
    });
  });

  it('are ordered', () => {
    expect(problems(limitRanges, range({ min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '2' } }))).toEqual([
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1',
      // The quoted amount is the greatest one, as in Kubernetes.
      'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
    ]);
  });
});

describe('quotas', () => {
  const quota = (rest: object) => object<ResourceQuota>('ResourceQuota', rest);
  it.each([
    {
      name: 'fine',
      given: { hard: { pods: '10', 'requests.cpu': '1', 'count/deployments.apps': '2', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' } },
      want: [],
    },
    {
      name: 'unknown',
      given: { hard: { foo: '1' } },
      want: [
        'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
        'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
      ],
    },
    { name: 'half a pod', given: { hard: { pods: '500m' } }, want: ['spec.hard[pods]: Invalid value: "500m": must be an integer'] },
    {
      name: 'scopes that exclude each other',
      given: { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
      want: ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    },
  ])('$name', ({ given, want }) => expect(problems(quotas, quota({ spec: given }))).toEqual(want));

  it('show what is used of what', () => {
    const given = quota({ status: { hard: { pods: '10', 'limits.cpu': '4', 'requests.cpu': '2' }, used: { pods: '3' } } });
    expect(row(quotas, given)).toEqual(['a', 'pods: 3/10, requests.cpu: 0/2', 'limits.cpu: 0/4', '5m']);
  });
});

describe('events', () => {
  const event = (rest: object) =>
    object<EventObject>('Event', {
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
      type: 'Normal',
      reason: 'Started',
      message: ' hi \n',
      ...rest,
    });
  it('show the last time and how often', () => {
    const old = event({ firstTimestamp: '2024-01-01T00:50:00Z', lastTimestamp: '2024-01-01T00:59:00Z', count: 4, source: { component: 'kubelet', host: 'n' } });
    expect(row(events, old)).toEqual(['60s', 'Normal', 'Started', 'pod/web', '', 'kubelet, n', 'hi', '10m', 4, 'a']);
    const series = event({
      eventTime: '2024-01-01T00:50:00.000000Z',
      series: { count: 2, lastObservedTime: '2024-01-01T00:58:00.000000Z' },
      reportingComponent: 'scheduler',
    });
    expect(row(events, series)).toEqual(['2m', 'Normal', 'Started', 'pod/web', '', 'scheduler', 'hi', '10m', 2, 'a']);
    expect(row(events, event({ eventTime: '2024-01-01T00:50:00.000000Z' }))[8]).toBe(1);
  });

  it('speak of their own namespace', () => {
    expect(problems(events, event({ involvedObject: { kind: 'Pod', name: 'a', namespace: 'other' } }))).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
    expect(problems(events, event({ involvedObject: { kind: 'Node', name: 'n' } }))).toEqual([]);
  });

  it('are selected by what they are about', () => {
    const given = event({ source: { component: 'kubelet' } });
    expect(['involvedObject.kind', 'involvedObject.name', 'source', 'reason'].map((field) => events.selectableFields![field]!(given))).toEqual([
      'Pod',
      'web',
      'kubelet',
      'Started',
    ]);
  });
});

describe('endpoints', () => {
  const of = (subsets: object[]) => object<Endpoints>('Endpoints', { subsets });
  it('show the first three', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => ({ ip }));
    expect(cell(endpoints, of([{ addresses, ports: [{ port: 80 }] }]), 'Endpoints')).toBe('10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...');
    expect(cell(endpoints, of([]), 'Endpoints')).toBe('<none>');
  });
  it('have addresses that others can reach', () => {
    expect(problems(endpoints, of([{ addresses: [{ ip: '127.0.0.1' }, { ip: 'x' }] }, {}]))).toEqual([
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address',
      'subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`',
    ]);
  });
});

describe('replication controllers', () => {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  it('select what they make', () => {
    const given = defaulted(controllers, object<ReplicationController>('ReplicationController', { spec: { template } }));
    expect(given).toMatchObject({ metadata: { labels: { app: 'a' } }, spec: { replicas: 1, selector: { app: 'a' } } });
    expect(texts(controllers.validate!(given))).toEqual([]);
    expect(controllers.scale!.selector(given)).toBe('app=a');
  });
  it('are refused when they do not', () => {
    expect(problems(controllers, object<ReplicationController>('ReplicationController', { spec: { selector: { app: 'b' }, template } }))).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ]);
  });
});
