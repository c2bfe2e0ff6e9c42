import { describe, expect, it } from 'vitest';
import { type Mutation, update } from '../../apis/mutation.ts';
import { quotaStatuses } from '../../decide/quota-statuses.ts';
import { type Fields, objectOf } from '../../kube/fields.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import { userNamed } from '../../kube/user.ts';
import type { LogEvent } from '../../log/event.ts';
import type { Pod, ResourceQuota } from '../../schema/generated/kinds.ts';
import type { KindOf } from '../../schema/kind-of.ts';
import { type Evolved, evolve } from '../../state/evolve.ts';
import { Reads } from '../../state/reads.ts';
import type { State } from '../../state/state.ts';
import { configMap, decision, kept, pod, stateWith } from '../../testing/decisions.ts';
import { countingEnv, START } from '../../testing/env.ts';
import { resourceNameOf } from '../../testing/state.ts';
import { statusOf } from './quota-status.ts';

type Spec = NonNullable<ResourceQuota['spec']>;

const quota = (hard: Record<string, string>, spec: Omit<Spec, 'hard'> = {}, name = 'q'): ResourceQuota =>
  kept({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace: 'default' }, spec: { hard, ...spec } });
const object = (apiVersion: string, kind: string, rest: Fields = {}): KubeObject =>
  objectOf({ apiVersion, kind, metadata: { name: 'a', namespace: 'default' }, ...rest });
const creation = (of: KubeObject): Mutation => ({ type: 'create', resource: resourceNameOf(of), object: of });

/** What the entry of a write leads to, or why it is refused. */
function written(state: State, mutation: Mutation, dryRun = false): { state: State; refused?: string } {
  try {
    const { events } = decision(state, mutation, { env: countingEnv(), now: START, actor: userNamed('me'), dryRun });
    return { state: entry(state, events).state };
  } catch (error) {
    if (error instanceof StatusError) return { state, refused: error.status.message!.replace(/^.* is forbidden: /, '') };
    throw error;
  }
}

/** Some events with what follows from them. */
function entry(before: State, events: readonly LogEvent[]): Evolved {
  const own = evolve(before, events, { time: START });
  const closing = evolve(own.state, quotaStatuses(countingEnv())(own.state, own.changes, START), { time: START });
  return { state: closing.state, changes: [...own.changes, ...closing.changes] };
}

const usedIn = (state: State, name = 'q') => state.get('resourcequotas', 'default', name)!.status?.used;

/** The status of a quota that comes after other objects, and what it makes of a creation. */
function held(given: ResourceQuota, created: KubeObject, there: readonly KubeObject[] = []) {
  const before = written(stateWith(...there), creation(given)).state;
  const { state, refused } = written(before, creation(created));
  return { before: usedIn(before), after: usedIn(state), refused };
}

const cpu = (requests: string, limits = requests) => ({
  containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: requests }, limits: { cpu: limits } } }],
});
const service = (spec: Fields) =>
  object('v1', 'Service', {
    spec: {
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ],
      ...spec,
    },
  });
const claim = (storage: string, more: Fields = {}, rest: Fields = {}) =>
  object('v1', 'PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gold', resources: { requests: { storage } }, ...more },
    ...rest,
  });
const deviceClaim = (...requests: Fields[]) => object('resource.k8s.io/v1', 'ResourceClaim', { spec: { devices: { requests } } });

describe('what an object takes', () => {
  const cases: { name: string; of: KubeObject; there?: KubeObject[]; want: Record<string, string> }[] = [
    {
      name: 'a pod',
      of: pod(
        {},
        {
          containers: [
            {
              name: 'c',
              image: 'i',
              resources: {
                requests: { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '1G' },
                limits: { cpu: '1', memory: '2Gi', 'ephemeral-storage': '2G' },
              },
            },
          ],
        },
      ),
      want: {
        pods: '1',
        'count/pods': '1',
        cpu: '100m',
        'requests.cpu': '100m',
        'limits.cpu': '1',
        memory: '1Gi',
        'requests.memory': '1Gi',
        'limits.memory': '2Gi',
        'ephemeral-storage': '1G',
        'requests.ephemeral-storage': '1G',
        'limits.ephemeral-storage': '2G',
      },
    },
    {
      name: 'a pod with devices and pages',
      of: pod(
        {},
        {
          containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { cpu: '1', 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' } } }],
        },
      ),
      want: { 'requests.example.com/gpu': '2', 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi' },
    },
    {
      name: 'a pod whose init container needs more than its containers, beside a sidecar',
      of: pod(
        {},
        {
          ...cpu('1'),
          initContainers: [
            { ...cpu('500m').containers[0], name: 's', restartPolicy: 'Always' },
            { ...cpu('2').containers[0], name: 'i' },
          ],
        },
      ),
      want: { 'requests.cpu': '2500m', 'limits.cpu': '2500m' },
    },
    {
      name: 'a pod that says it as a whole',
      of: pod({}, { resources: { requests: { cpu: '2' }, limits: { cpu: '3' } } }),
      want: { 'requests.cpu': '2', 'limits.cpu': '3' },
    },
    {
      name: 'a pod with overhead',
      of: pod({}, { ...cpu('1'), runtimeClassName: 'r' }),
      there: [
        kept({
          apiVersion: 'node.k8s.io/v1',
          kind: 'RuntimeClass',
          metadata: { name: 'r' },
          handler: 'h',
          overhead: { podFixed: { cpu: '250m', memory: '1Mi' } },
        } as KubeObject),
      ],
      want: { 'requests.cpu': '1250m', 'limits.cpu': '1250m' },
    },
    {
      name: 'a service of the cluster alone',
      of: service({}),
      want: { services: '1', 'count/services': '1', 'services.nodeports': '0', 'services.loadbalancers': '0' },
    },
    { name: 'a service on the nodes', of: service({ type: 'NodePort' }), want: { 'services.nodeports': '2', 'services.loadbalancers': '0' } },
    { name: 'a service with a load balancer', of: service({ type: 'LoadBalancer' }), want: { 'services.nodeports': '2', 'services.loadbalancers': '1' } },
    {
      name: 'a service with a load balancer that needs no ports of nodes',
      of: service({
        type: 'LoadBalancer',
        allocateLoadBalancerNodePorts: false,
        ports: [
          { name: 'a', port: 1, nodePort: 30001 },
          { name: 'b', port: 2 },
        ],
      }),
      want: { 'services.nodeports': '1', 'services.loadbalancers': '1' },
    },
    {
      name: 'a claim to storage',
      of: claim('1.5'),
      want: {
        persistentvolumeclaims: '1',
        'count/persistentvolumeclaims': '1',
        'requests.storage': '2',
        'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
        'gold.storageclass.storage.k8s.io/requests.storage': '2',
        'silver.storageclass.storage.k8s.io/requests.storage': '0',
      },
    },
    {
      name: 'a claim to devices',
      of: deviceClaim(
        { name: 'a', exactly: { deviceClassName: 'gpu', count: 2 } },
        {
          name: 'b',
          firstAvailable: [
            { name: 'x', deviceClassName: 'gpu', count: 3 },
            { name: 'y', deviceClassName: 'nic', allocationMode: 'All' },
          ],
        },
      ),
      there: [
        kept({
          apiVersion: 'resource.k8s.io/v1',
          kind: 'DeviceClass',
          metadata: { name: 'gpu' },
          spec: { extendedResourceName: 'example.com/gpu' },
        } as KubeObject),
      ],
      want: {
        'count/resourceclaims.resource.k8s.io': '1',
        'gpu.deviceclass.resource.k8s.io/devices': '5',
        'nic.deviceclass.resource.k8s.io/devices': '32',
        'requests.example.com/gpu': '5',
        'requests.deviceclass.resource.kubernetes.io/gpu': '5',
      },
    },
    { name: 'a Secret', of: object('v1', 'Secret'), want: { secrets: '1', 'count/secrets': '1', configmaps: '0' } },
    {
      name: 'a ReplicationController',
      of: object('v1', 'ReplicationController', { spec: { selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: pod().spec } } }),
      want: { replicationcontrollers: '1' },
    },
    { name: 'any object', of: object('coordination.k8s.io/v1', 'Lease'), want: { 'count/leases.coordination.k8s.io': '1' } },
  ];
  for (const { name, of, there, want } of cases) {
    it(name, () => {
      const most = Object.fromEntries(Object.keys(want).map((key) => [key, '1Ti']));
      const { before, after, refused } = held(quota(most), of, there);
      expect({ refused, after }).toEqual({ after: want });
      expect(before).toEqual(Object.fromEntries(Object.keys(want).map((key) => [key, '0'])));
      // A quota that comes after the object, and one that leaves no room for it.
      expect(usedIn(written(written(stateWith(...(there ?? [])), creation(of)).state, creation(quota(most))).state)).toEqual(want);
      const none = Object.fromEntries(Object.keys(want).map((key) => [key, '0']));
      const refusal = held(quota(none), of, there).refused!;
      const [requested, used, limited] = ['requested', 'used', 'limited'].map((what) => new RegExp(`${what}: ([^ ]*?)(, |$)`).exec(refusal)![1]!.split(','));
      const taken = Object.entries(want)
        .filter(([, amount]) => amount !== '0')
        .sort(([a], [b]) => (a < b ? -1 : 1));
      expect(refusal).toMatch(/^exceeded quota: q, requested: /);
      expect(requested).toEqual(taken.map(([key, amount]) => `${key}=${amount}`));
      for (const zero of [used, limited]) expect(zero).toEqual(taken.map(([key]) => `${key}=0`));
    });
  }
});

describe('each scope selects', () => {
  const exists = (scopeName: string) => ({ scopeName, operator: 'Exists' });
  const term = (more: Fields) => ({ labelSelector: {}, topologyKey: 'zone', ...more });
  const high = kept({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1 } as KubeObject);
  const cases: { scope: string; expression?: Fields; is: KubeObject[]; isNot: KubeObject[]; hard?: string }[] = [
    { scope: 'Terminating', is: [pod({}, { activeDeadlineSeconds: 5 })], isNot: [pod()] },
    { scope: 'NotTerminating', is: [pod()], isNot: [pod({}, { activeDeadlineSeconds: 5 })] },
    { scope: 'BestEffort', is: [pod()], isNot: [pod({}, cpu('1'))] },
    { scope: 'NotBestEffort', is: [pod({}, cpu('1')), pod({}, { resources: { requests: { cpu: '1' } } })], isNot: [pod()] },
    { scope: 'PriorityClass', is: [pod({}, { priorityClassName: 'high' })], isNot: [pod()] },
    {
      scope: 'PriorityClass',
      expression: { operator: 'In', values: ['high'] },
      is: [pod({}, { priorityClassName: 'high' })],
      isNot: [pod(), pod({}, { priorityClassName: 'system-node-critical' })],
    },
    {
      scope: 'PriorityClass',
      expression: { operator: 'NotIn', values: ['high'] },
      is: [pod(), pod({}, { priorityClassName: 'system-node-critical' })],
      isNot: [pod({}, { priorityClassName: 'high' })],
    },
    { scope: 'PriorityClass', expression: { operator: 'DoesNotExist' }, is: [pod()], isNot: [pod({}, { priorityClassName: 'high' })] },
    {
      scope: 'CrossNamespacePodAffinity',
      is: [
        pod({}, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term({ namespaces: ['other'] })] } } }),
        pod(
          {},
          {
            affinity: {
              podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term({ namespaceSelector: {} }) }] },
            },
          },
        ),
      ],
      isNot: [pod(), pod({}, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term({})] } } })],
    },
    { scope: 'VolumeAttributesClass', hard: 'persistentvolumeclaims', is: [claim('1', { volumeAttributesClassName: 'fast' })], isNot: [claim('1')] },
    {
      scope: 'VolumeAttributesClass',
      hard: 'requests.storage',
      expression: { operator: 'In', values: ['fast'] },
      is: [claim('1', { volumeAttributesClassName: 'fast' })],
      isNot: [claim('1'), claim('1', { volumeAttributesClassName: 'slow' })],
    },
    {
      scope: 'VolumeAttributesClass',
      hard: 'count/persistentvolumeclaims',
      expression: { operator: 'DoesNotExist' },
      is: [claim('1')],
      isNot: [claim('1', { volumeAttributesClassName: 'fast' })],
    },
  ];
  for (const { scope, expression, is, isNot, hard = 'pods' } of cases) {
    it(`${scope} ${JSON.stringify(expression ?? {})}`, () => {
      const selected = quota({ [hard]: '0' }, { scopeSelector: { matchExpressions: [{ ...exists(scope), ...expression }] } });
      const named = quota({ [hard]: '0' }, { scopes: [scope] });
      for (const given of expression ? [selected] : [selected, named]) {
        for (const object of is)
          expect(held(given, object, [high]).refused).toBe(`exceeded quota: q, requested: ${hard}=1, used: ${hard}=0, limited: ${hard}=0`);
        for (const object of isNot) expect(held(given, object, [high])).toEqual({ before: { [hard]: '0' }, after: { [hard]: '0' } });
      }
    });
  }

  it('several scopes what is in all of them, and nothing that is only counted', () => {
    const given = quota({ pods: '1', 'count/pods': '1', 'count/secrets': '1' }, { scopes: ['Terminating', 'BestEffort'] });
    expect(held(given, pod({}, { activeDeadlineSeconds: 5 }))).toMatchObject({ after: { pods: '1', 'count/pods': '1', 'count/secrets': '0' } });
    expect(held(given, pod({}, { ...cpu('1'), activeDeadlineSeconds: 5 }))).toMatchObject({ after: { pods: '0', 'count/pods': '0' } });
    expect(held(quota({ 'count/secrets': '0' }, { scopes: ['BestEffort'] }), object('v1', 'Secret')).refused).toBeUndefined();
  });
});

describe('a pod must say what it takes where cpu or memory is limited', () => {
  const refused = (hard: Record<string, string>, spec: Fields) => held(quota(hard), pod({}, spec)).refused;
  const limits = { 'limits.cpu': '1', 'requests.memory': '1Gi', pods: '5' };

  it('every container of it, in the order of the names', () => {
    const spec = {
      containers: [
        { name: 'b', image: 'i' },
        { name: 'a', image: 'i', resources: { requests: { memory: '1Mi' } } },
      ],
      initContainers: [{ name: 'i', image: 'i' }],
    };
    expect(refused(limits, spec)).toBe('failed quota: q: must specify limits.cpu for: a,b,i; requests.memory for: b,i');
  });

  it('unless it says so as a whole, or another resource is limited', () => {
    expect(refused(limits, { resources: { requests: { memory: '1Mi' } } })).toBeUndefined();
    expect(refused({ 'limits.ephemeral-storage': '1', 'requests.example.com/gpu': '1' }, {})).toBeUndefined();
  });
});

describe('several quotas', () => {
  const both = written(
    stateWith(quota({ pods: '2', 'requests.cpu': '1' }, {}, 'a'), quota({ 'requests.cpu': '500m' }, {}, 'b')),
    creation(pod({ name: 'x' }, cpu('400m'))),
  ).state;

  it('are used together', () => {
    expect(['a', 'b'].map((name) => usedIn(both, name))).toEqual([{ pods: '1', 'requests.cpu': '400m' }, { 'requests.cpu': '400m' }]);
  });

  it('refuse in the order of their names, and leave the others as they were', () => {
    const { state, refused } = written(both, creation(pod({ name: 'y' }, cpu('200m'))));
    expect(refused).toBe('exceeded quota: b, requested: requests.cpu=200m, used: requests.cpu=400m, limited: requests.cpu=500m');
    expect(state).toBe(both);
    expect(written(both, creation(pod({ name: 'y' }, cpu('2')))).refused).toMatch(/^exceeded quota: a,/);
  });
});

describe('a write that takes', () => {
  const sized = (storage: string, used: Record<string, string>) => {
    const there = kept(claim('1Gi', { volumeName: 'v' }, { status: { phase: 'Bound' } }));
    const gold = kept({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'gold' },
      provisioner: 'p',
      allowVolumeExpansion: true,
    } as KubeObject);
    const before = written(stateWith(there, gold), creation(quota({ 'requests.storage': '3Gi', persistentvolumeclaims: '1' }))).state;
    const { state, refused } = written(before, update('persistentvolumeclaims', claim(storage, { volumeName: 'v' }) as KindOf<'persistentvolumeclaims'>));
    expect(usedIn(state)).toEqual(used);
    return refused;
  };

  it('more than before takes the difference', () => {
    expect(sized('3Gi', { 'requests.storage': '3Gi', persistentvolumeclaims: '1' })).toBeUndefined();
    expect(sized('4Gi', { 'requests.storage': '1Gi', persistentvolumeclaims: '1' })).toBe(
      'exceeded quota: q, requested: requests.storage=3Gi, used: requests.storage=1Gi, limited: requests.storage=3Gi',
    );
  });

  it('another type of a Service takes what that needs', () => {
    const there = written(stateWith(), creation(service({ ports: [{ port: 1 }] }))).state;
    const typed = (hard: Record<string, string>) => {
      const before = written(there, creation(quota(hard))).state;
      const old = before.get('services', 'default', 'a')!;
      return written(before, update('services', { ...old, spec: { ...old.spec, type: 'NodePort' } }));
    };
    expect(usedIn(typed({ 'services.nodeports': '1', services: '1' }).state)).toEqual({ 'services.nodeports': '1', services: '1' });
    expect(typed({ 'services.nodeports': '0' }).refused).toBe(
      'exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0',
    );
  });

  it('a resize of a pod takes the difference, until it is done the larger amount counts', () => {
    const there = written(stateWith(quota({ 'requests.cpu': '2' })), creation(pod({}, cpu('1')))).state;
    const old = there.get('pods', 'default', 'a')!;
    const resized = (amount: string): Mutation => ({
      type: 'update',
      resource: 'pods',
      subresource: 'resize',
      object: { ...old, spec: { ...old.spec!, containers: [{ ...old.spec!.containers[0]!, resources: cpu(amount).containers[0]!.resources }] } } as Pod,
    });
    expect(usedIn(written(there, resized('2')).state)).toEqual({ 'requests.cpu': '2' });
    expect(written(there, resized('3')).refused).toBe('exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=1, limited: requests.cpu=2');
    const running = {
      ...old,
      status: {
        ...old.status,
        containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, resources: cpu('1').containers[0]!.resources }],
      },
    };
    const smaller = written(stateWith(running, quota({ 'requests.cpu': '2' })), resized('500m')).state;
    expect(written(smaller, creation(pod({ name: 'b' }, cpu('1500m')))).refused).toBe(
      'exceeded quota: q, requested: requests.cpu=1500m, used: requests.cpu=1, limited: requests.cpu=2',
    );
  });

  it('another scope takes of the quotas of that', () => {
    const there = written(stateWith(), creation(pod({}, { activeDeadlineSeconds: 50 }))).state;
    expect(usedIn(written(there, creation(quota({ pods: '5' }, { scopes: ['NotTerminating'] }))).state)).toEqual({ pods: '0' });
    const long = written(stateWith(quota({ pods: '0' }, { scopes: ['Terminating'] })), creation(pod())).state;
    const old = long.get('pods', 'default', 'a')!;
    expect(written(long, update('pods', { ...old, spec: { ...old.spec!, activeDeadlineSeconds: 5 } })).refused).toBe(
      'exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
    );
  });

  it('nothing is no matter: what is over its quota may change otherwise', () => {
    const over = written(
      written(stateWith(), creation(service({ type: 'NodePort' }))).state,
      creation(quota({ services: '0', 'services.nodeports': '0' })),
    ).state;
    const old = over.get('services', 'default', 'a')!;
    expect(written(over, update('services', { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } })).refused).toBeUndefined();
  });

  it('and is not made uses nothing', () => {
    const before = stateWith(quota({ configmaps: '1' }));
    expect(written(before, creation(configMap()), true).refused).toBeUndefined();
    const full = written(before, creation(configMap())).state;
    expect(written(full, creation(configMap({ name: 'b' })), true).refused).toBe(
      'exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    );
  });
});

describe('the status of a quota', () => {
  it('is there as soon as the quota is, which counts itself, and follows what it limits', () => {
    const { state } = written(stateWith(configMap()), creation(quota({ configmaps: '5', resourcequotas: '2', 'count/widgets.example.com': '1' })));
    const made = state.get('resourcequotas', 'default', 'q')!;
    expect(made.status).toEqual({ hard: made.spec!.hard, used: { configmaps: '1', resourcequotas: '1' } });
    const changed = written(state, update('resourcequotas', { ...made, spec: { hard: { pods: '1', configmaps: '0' } } })).state;
    expect(changed.get('resourcequotas', 'default', 'q')!.status).toEqual({ hard: { pods: '1', configmaps: '0' }, used: { pods: '0', configmaps: '1' } });
    expect(written(changed, creation(configMap({ name: 'b' }))).refused).toMatch(/^exceeded quota/);
  });

  it('allows nothing: what is used is seen from the objects', () => {
    const lying = { ...quota({ configmaps: '1' }), status: { hard: { configmaps: '9' }, used: { configmaps: '0' } } };
    expect(written(stateWith(configMap(), lying), creation(configMap({ name: 'b' }))).refused).toBe(
      'exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    );
  });
});

describe('what is not counted', () => {
  const hard = { pods: '1', 'requests.cpu': '1', 'count/pods': '9' };
  const next = (there: KubeObject) => held(quota(hard), pod({ name: 'next' }, cpu('1')), [there]);

  it('is a pod that has ended, but for its place', () => {
    for (const phase of ['Succeeded', 'Failed'])
      expect(next(kept(pod({}, cpu('1'), { phase }))).after).toEqual({ pods: '1', 'requests.cpu': '1', 'count/pods': '2' });
  });

  it('is a pod that should have been gone for as long as its grace period is', () => {
    const going = (seconds: number) =>
      kept(pod({ deletionTimestamp: new Date(START - seconds * 1000).toISOString().replace('.000', ''), deletionGracePeriodSeconds: 30 }, cpu('1')));
    expect(next(going(31)).after).toEqual({ pods: '1', 'requests.cpu': '1', 'count/pods': '2' });
    expect(next(going(29)).refused).toMatch(/^exceeded quota: q, requested: pods=1,requests.cpu=1, used: pods=1,requests.cpu=1/);
  });

  it('are Events, bindings and what is in no namespace', () => {
    const event = object('v1', 'Event', { involvedObject: { namespace: 'default' }, reason: 'r', message: 'm', type: 'Normal' });
    expect(held(quota({ 'count/events': '0', 'count/namespaces': '0' }), event)).toEqual({ before: undefined, after: undefined });
    const bound = written(stateWith(pod(), quota({ pods: '0' })), { type: 'bind', resource: 'pods', namespace: 'default', name: 'a', node: 'n' });
    expect(bound.refused).toBeUndefined();
  });
});

describe('a decision rests on the quotas that it was held against', () => {
  const touches = (hard: Record<string, string>, by: KubeObject | Mutation, there: readonly KubeObject[] = []) => {
    const before = stateWith(quota(hard), quota({ pods: '9' }, {}, 'other'), ...there);
    const reads = new Reads();
    written(before.observed(reads), creation(pod({ name: 'mine' }, cpu('1'))));
    const { events } = decision(before, 'type' in by ? by : creation(by), { env: countingEnv(), now: START, actor: userNamed('other') });
    return reads.touchedBy(entry(before, events).changes);
  };

  it('so that another one that takes of them makes it anew, and one that does not leaves it as it is', () => {
    expect(touches({ 'requests.cpu': '5' }, pod({ name: 'theirs' }, cpu('1')))).toBe(true);
    expect(touches({ 'requests.cpu': '5' }, quota({ pods: '0' }, {}, 'new'))).toBe(true);
    const there = kept(pod({ name: 'theirs' }, cpu('1')));
    const labelled = update('pods', { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } });
    expect(touches({ 'requests.cpu': '5' }, labelled, [there])).toBe(false);
    expect(touches({ 'requests.cpu': '5' }, { type: 'delete', resource: 'pods', namespace: 'default', name: 'theirs', gracePeriodSeconds: 0 }, [there])).toBe(
      false,
    );
  });

  it('and a status on what is given back, too', () => {
    const there = kept(pod({ name: 'theirs' }));
    const before = stateWith(there, quota({ pods: '2' }));
    const reads = new Reads();
    statusOf(before.get('resourcequotas', 'default', 'q')!, { state: before.observed(reads), now: START });
    const gone: Mutation = { type: 'delete', resource: 'pods', namespace: 'default', name: 'theirs', gracePeriodSeconds: 0 };
    const { events } = decision(before, gone, { env: countingEnv(), now: START, actor: userNamed('other') });
    expect(reads.touchedBy(entry(before, events).changes)).toBe(true);
  });

  it('also where their statuses tell nothing new', () => {
    // The status tells of a pod that is gone; with the other writer's it is right again.
    const stale = { ...quota({ pods: '2' }), status: { hard: { pods: '2' }, used: { pods: '1' } } };
    const before = stateWith(stale);
    const reads = new Reads();
    written(before.observed(reads), creation(pod({ name: 'mine' })));
    const { events } = decision(before, creation(pod({ name: 'theirs' })), { env: countingEnv(), now: START, actor: userNamed('other') });
    expect(entry(before, events).changes.map(({ key }) => key)).toEqual(['pods/default/theirs']);
    expect(reads.touchedBy(entry(before, events).changes)).toBe(true);
  });
});
