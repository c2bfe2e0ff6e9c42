import { describe, expect, it } from 'vitest';
import type { Mutation } from '../../apis/mutation.ts';
import { update } from '../../apis/mutation.ts';
import { decide } from '../../decide/decide.ts';
import { decided } from '../../decide/decision.ts';
import { plus } from '../../instant.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import { userNamed } from '../../kube/user.ts';
import type { EventObject, Pod, Service } from '../../schema/generated/kinds.ts';
import { evolve } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';
import { configMap, kept, namespace, pod, stateWith } from '../../testing/decisions.ts';
import { countingEnv, START } from '../../testing/env.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import { denyServiceExternalIPs } from './deny-service-external-ips.ts';
import type { EventLimit } from './event-limit.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { limitPodHardAntiAffinityTopology } from './limit-pod-hard-anti-affinity-topology.ts';
import { namespaceExists } from './namespace-exists.ts';
import { ownerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';
import { podNodeSelector } from './pod-node-selector.ts';

/** What comes of a write with some plugins alone: the object, or the code and the message that refuse it. */
function came(plugins: readonly AdmissionPlugin[], mutation: Mutation, state: State = stateWith(), user = 'me') {
  try {
    return { object: decided(decide(state, mutation, { env: countingEnv(), now: START, actor: userNamed(user), plugins })).object as Pod };
  } catch (error) {
    if (error instanceof StatusError) return { code: error.code, message: error.message };
    throw error;
  }
}

const create = (object: KubeObject, resource = 'pods'): Mutation => ({ type: 'create', resource, object });

describe('AlwaysPullImages', () => {
  const given = pod(
    {},
    {
      containers: [{ name: 'c', image: 'i:1', imagePullPolicy: 'Never' }],
      initContainers: [{ name: 'i', image: 'i:1' }],
      volumes: [{ name: 'v', image: { reference: 'r:1', pullPolicy: 'Never' } }],
    },
  );

  it('pulls every image of a new pod', () => {
    const { containers, initContainers, volumes } = came([alwaysPullImages], create(given)).object!.spec!;
    expect([containers[0]!.imagePullPolicy, initContainers![0]!.imagePullPolicy, volumes![0]!.image!.pullPolicy]).toEqual(['Always', 'Always', 'Always']);
  });

  it('leaves alone a pod that gets no new image', () => {
    const there = kept({ ...given, metadata: { ...given.metadata, uid: 'u' } });
    const labelled = { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } };
    expect(came([alwaysPullImages], update('pods', labelled), stateWith(there)).object!.spec!.containers[0]!.imagePullPolicy).toBe('Never');
  });

  it('refuses what another plugin has changed', () => {
    const careless: AdmissionPlugin = {
      name: 'Careless',
      mutate: ({ object }) => {
        for (const container of [...(object as Pod).spec!.containers, ...((object as Pod).spec!.initContainers ?? [])]) container.imagePullPolicy = 'Never';
      },
    };
    const why = (at: string) => `pods "a" is forbidden: spec.${at}.imagePullPolicy: Unsupported value: "Never": supported values: "Always"`;
    expect(came([alwaysPullImages, careless], create(given))).toEqual({ code: 500, message: `[${why('initContainers[0]')}, ${why('containers[0]')}]` });
    expect(came([alwaysPullImages, careless], create(pod()))).toEqual({ code: 403, message: why('containers[0]') });
  });
});

describe('ExtendedResourceToleration', () => {
  it('tolerates the devices that a pod asks for, once', () => {
    const device = (name: string) => ({ resources: { limits: { [name]: '1' }, requests: { [name]: '1', cpu: '1' } } });
    const own = { key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' };
    const spec = {
      containers: [
        { name: 'c', image: 'i', ...device('example.com/gpu') },
        { name: 'd', image: 'i', ...device('example.com/fpga') },
      ],
      initContainers: [{ name: 'i', image: 'i', ...device('example.com/gpu') }],
      tolerations: [own],
    };
    expect(came([extendedResourceToleration], create(pod({}, spec))).object!.spec!.tolerations).toEqual([own, { ...own, key: 'example.com/fpga' }]);
    expect(came([extendedResourceToleration], create(pod())).object!.spec!.tolerations).toBeUndefined();
  });
});

describe('PodNodeSelector', () => {
  const annotated = (selector: string) => kept(namespace('n', { annotations: { 'scheduler.alpha.kubernetes.io/node-selector': selector } }));
  const inN = (nodeSelector?: Record<string, string>) => create(pod({ namespace: 'n' }, { ...(nodeSelector && { nodeSelector }) }));

  it.each([
    { name: 'its namespace', where: annotated('disk=ssd, zone = a'), given: { own: 'x' }, want: { disk: 'ssd', zone: 'a', own: 'x' } },
    { name: 'the cluster, where its namespace says nothing', where: kept(namespace('n')), given: undefined, want: { env: 'dev' } },
    { name: 'an empty annotation', where: annotated(''), given: undefined, want: undefined },
  ])('selects for a pod what $name does', ({ where, given, want }) => {
    const plugin = podNodeSelector({ clusterDefaultNodeSelector: 'env=dev' });
    expect(came([plugin], inN(given as Record<string, string>), stateWith(where)).object!.spec!.nodeSelector).toEqual(want);
  });

  it.each([
    {
      name: 'another value than its namespace',
      where: annotated('disk=ssd'),
      given: { disk: 'hdd' },
      want: { code: 403, message: 'pods "a" is forbidden: pod node label selector conflicts with its namespace node label selector' },
    },
    {
      name: 'what the operator does not allow',
      where: annotated('disk=ssd'),
      given: { own: 'x' },
      want: { code: 403, message: 'pods "a" is forbidden: pod node label selector labels conflict with its namespace whitelist' },
    },
    { name: 'where the annotation is none', where: annotated('disk'), given: {}, want: { code: 500, message: 'invalid selector: [disk]' } },
  ])('refuses a pod $name', ({ where, given, want }) => {
    expect(came([podNodeSelector({ n: 'disk=ssd' })], inN(given as Record<string, string>), stateWith(where))).toEqual(want);
  });
});

describe('EventRateLimit', () => {
  const event = (name: string, more: Partial<EventObject> = {}): EventObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'R',
    message: 'm',
    type: 'Normal',
    ...more,
  });
  /** Writes events, some ms apart, and says which were taken. */
  function taken(limit: EventLimit, writes: readonly { object: EventObject; after?: number; user?: string }[]): string[] {
    const plugin = eventRateLimit([limit]);
    let state = stateWith();
    let now = START;
    return writes.map(({ object, after = 0, user = 'me' }) => {
      now = plus(now, after);
      try {
        const decision = decided(decide(state, create(object, 'events'), { env: countingEnv(), now, actor: userNamed(user), plugins: [plugin] }));
        ({ state } = evolve(state, decision.events, { time: now }));
        return 'taken';
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        return `${error.code} ${error.message}`;
      }
    });
  }

  it('takes a burst, and then as many as come in a second', () => {
    const refused = '429 Too many requests: limit reached on type Server for key ';
    const writes = [0, 0, 0, 400, 600, 0, 10_000, 0, 0].map((after, i) => ({ object: event(`e-${i}`), after }));
    expect(taken({ type: 'Server', qps: 1, burst: 2 }, writes)).toEqual(['taken', 'taken', refused, refused, 'taken', refused, 'taken', 'taken', refused]);
  });

  it.each([
    { type: 'Namespace' as const, same: 'default', other: {}, user: 'me' },
    { type: 'User' as const, same: 'me', other: {}, user: 'you' },
    { type: 'SourceAndObject' as const, same: 'kubeletnPoddefaultp', other: { involvedObject: { kind: 'Pod', name: 'q', namespace: 'default' } }, user: 'me' },
  ])('tells apart by $type', ({ type, same, other, user }) => {
    const source = { component: 'kubelet', host: 'n' };
    const writes = [{ object: event('a', { source }) }, { object: event('b', { source }) }, { object: event('c', { source, ...other }), user }];
    const refused = `429 Too many requests: limit reached on type ${type} for key ${same}`;
    expect(taken({ type, qps: 1, burst: 1 }, writes)).toEqual(['taken', refused, type === 'Namespace' ? refused : 'taken']);
  });

  it('goes by when an Event was written, whatever its stamps say', () => {
    const old = { lastTimestamp: '2001-01-01T00:00:00Z', firstTimestamp: '2001-01-01T00:00:00Z' };
    expect(taken({ type: 'Server', qps: 1, burst: 1 }, [{ object: event('a', old) }, { object: event('b', old) }])[1]).toMatch(/^429/);
  });

  it('forgets what it cannot keep', () => {
    const writes = ['x', 'y', 'x'].map((name, i) => ({ object: event(`e-${i}`, { involvedObject: { kind: 'Pod', name, namespace: 'default' } }) }));
    expect(taken({ type: 'SourceAndObject', qps: 1, burst: 1, cacheSize: 2 }, writes)[2]).toMatch(/^429/);
    const several = taken({ type: 'SourceAndObject', qps: 1, burst: 1, cacheSize: 1 }, writes);
    expect(several.filter((answer) => answer === 'taken').length).toBeGreaterThanOrEqual(2);
  });
});

describe('OwnerReferencesPermissionEnforcement', () => {
  const owner = (more: object = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'd', ...more });
  const owned = (...owners: object[]) => configMap({ uid: 'c', ownerReferences: owners as NonNullable<KubeObject['metadata']['ownerReferences']> });
  const alone = kept(configMap({ uid: 'c' }));
  const plugins = [ownerReferencesPermissionEnforcement];

  it('lets a creator name an owner, but not hold its deletion up', () => {
    expect(came(plugins, create(owned(owner()), 'configmaps')).object).toBeDefined();
    expect(came(plugins, create(owned(owner({ blockOwnerDeletion: true })), 'configmaps'))).toMatchObject({
      code: 403,
      message: expect.stringMatching(
        /^configmaps "a" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: /,
      ),
    });
    expect(came(plugins, create(owned(owner({ kind: 'Nothing', blockOwnerDeletion: true })), 'configmaps')).message).toBe(
      'configmaps "a" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion apps/v1 Kind Nothing: no matches for kind "Nothing" in version "apps/v1"',
    );
  });

  it('lets only those give an object an owner who may delete it', () => {
    expect(came(plugins, update('configmaps', owned(owner())), stateWith(alone))).toMatchObject({
      code: 403,
      message: expect.stringMatching(/^configmaps "a" is forbidden: cannot set an ownerRef on a resource you can't delete: /),
    });
    const there = kept(owned(owner({ blockOwnerDeletion: true })));
    expect(came(plugins, update('configmaps', { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } }), stateWith(there)).object).toBeDefined();
  });
});

it('NamespaceExists, DenyServiceExternalIPs and LimitPodHardAntiAffinityTopology refuse what they are for', () => {
  expect(came([namespaceExists], create(configMap({ namespace: 'nowhere' }), 'configmaps'))).toEqual({ code: 404, message: 'namespaces "nowhere" not found' });

  const service = (externalIPs: string[]): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'default', uid: 's' },
    spec: { ports: [{ port: 80 }], externalIPs },
  });
  const denied = { code: 403, message: 'services "s" is forbidden: Use of external IPs is denied by admission control' };
  expect(came([denyServiceExternalIPs], create(service(['192.0.2.1']), 'services'))).toEqual(denied);
  const there = kept(service(['192.0.2.1', '192.0.2.2']));
  const changed = (externalIPs: string[]) => update('services', { ...there, spec: { ...there.spec!, externalIPs } });
  expect(came([denyServiceExternalIPs], changed(['192.0.2.2']), stateWith(there)).object).toBeDefined();
  expect(came([denyServiceExternalIPs], changed(['192.0.2.3']), stateWith(there))).toEqual(denied);

  const apart = (topologyKey: string) =>
    create(pod({}, { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: {} }] } } }));
  expect(came([limitPodHardAntiAffinityTopology], apart('kubernetes.io/hostname')).object).toBeDefined();
  expect(came([limitPodHardAntiAffinityTopology], apart('zone'))).toEqual({
    code: 403,
    message: 'pods "a" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
  });
});
