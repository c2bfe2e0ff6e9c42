import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Node, NodeSelectorRequirement, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../schema/generated/kinds.ts';
import { assume } from '../../state/evolve.ts';
import { node, pod } from '../../testing/objects.ts';
import { clusterInfo } from '../../testing/scheduling.ts';
import type { ClusterInfo, Plugin } from '../framework.ts';
import { NodeInfo } from '../node-info.ts';
import { objectionTo } from '../objections.ts';
import { type PodInfo, podInfoOf } from '../pod-info.ts';
import { preFiltered } from '../pre-filter.ts';
import { withReservations } from '../schedule.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalancedAllocation, nodeResourcesBalancedAllocationWith, nodeResourcesFit } from './node-resources.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';

interface Case {
  name: string;
  given: Pod;
  on: Node;
  /** The pods on the node. */
  with?: Pod[];
  /** Reasons, the last one with a `*` when no other pod's going would help. None: the node takes it. */
  want: string[];
}

/** The node in a cluster in which these pods are bound to it. */
const withPods = (on: Node, pods: readonly Pod[]): NodeInfo =>
  clusterInfo(on, ...pods.map((bound) => ({ ...bound, spec: { ...bound.spec!, nodeName: on.metadata.name } }))).nodes[0]!;

function check(plugin: Plugin, { given, on, with: others = [], want }: Case): void {
  const info = podInfoOf(given);
  const cluster = clusterInfo(on);
  const before = plugin.preFilter?.(info, cluster);
  const filter = before?.type === 'filter' ? before.filter : (of: NodeInfo) => plugin.filter!(info, of, cluster);
  const objection = before?.type === 'skip' ? undefined : filter(withPods(on, others), 0, cluster);
  expect([...(objection?.reasons ?? []), ...(objection && !objection.resolvable ? ['*'] : [])]).toEqual(want);
}

describe('NodeName', () => {
  const want = ["node(s) didn't match the requested node name", '*'];
  it.each<Case>([
    { name: 'none', given: pod('p'), on: node('a'), want: [] },
    { name: 'this one', given: pod('p', { nodeName: 'a' }), on: node('a'), want: [] },
    { name: 'another', given: pod('p', { nodeName: 'b' }), on: node('a'), want },
  ])('$name', (of) => check(nodeName, of));
});

describe('NodeDeclaredFeatures', () => {
  const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
  const container = { name: 'main', image: 'i', restartPolicy: 'Never', restartPolicyRules };
  const want = ["node(s) didn't match Pod's required features", '*'];
  const able = node('a', { declaredFeatures: ['ExtendWebSocketsToKubelet', 'RestartAllContainersOnContainerExits'] });
  it.each<Case>([
    { name: 'needed of no node', given: pod('p'), on: node('a'), want: [] },
    { name: 'needed of one that declares it', given: pod('p', { container }), on: able, want: [] },
    { name: 'needed of one that does not', given: pod('p', { container }), on: node('a', { declaredFeatures: ['ExtendWebSocketsToKubelet'] }), want },
    { name: 'needed of one that declares none', given: pod('p', { container }), on: node('a'), want },
    { name: 'needed by an init container', given: pod('p', { initContainers: [container] }), on: node('a'), want },
  ])('$name', (of) => check(nodeDeclaredFeatures, of));
});

describe('NodeUnschedulable', () => {
  const cordoned = node('a', { unschedulable: true });
  const key = 'node.kubernetes.io/unschedulable';
  it.each<Case>([
    { name: 'a node', given: pod('p'), on: node('a'), want: [] },
    { name: 'a cordoned one', given: pod('p'), on: cordoned, want: ['node(s) were unschedulable', '*'] },
    { name: 'a cordoned one, tolerated', given: pod('p', { tolerations: [{ key, operator: 'Exists', effect: 'NoSchedule' }] }), on: cordoned, want: [] },
    { name: 'a cordoned one, with everything tolerated', given: pod('p', { tolerations: [{ operator: 'Exists' }] }), on: cordoned, want: [] },
    {
      name: 'a cordoned one, tolerated too late',
      given: pod('p', { tolerations: [{ key, operator: 'Exists', effect: 'NoExecute' }] }),
      on: cordoned,
      want: ['node(s) were unschedulable', '*'],
    },
  ])('$name', (of) => check(nodeUnschedulable, of));
});

describe('TaintToleration', () => {
  const want = ['node(s) had untolerated taint(s)', '*'];
  const tainted = (effect: string, value?: string) => node('a', { taints: [{ key: 'dedicated', effect, ...(value && { value }) }] });
  const tolerating = (...tolerations: NonNullable<NonNullable<Pod['spec']>['tolerations']>) => pod('p', { tolerations });
  it.each<Case>([
    { name: 'no toleration', given: pod('p'), on: tainted('NoSchedule', 'user1'), want },
    { name: 'NoExecute', given: pod('p'), on: tainted('NoExecute'), want },
    { name: 'only a preference', given: pod('p'), on: tainted('PreferNoSchedule'), want: [] },
    { name: 'the key, whatever the value', given: tolerating({ key: 'dedicated', operator: 'Exists' }), on: tainted('NoSchedule', 'x'), want: [] },
    { name: 'key and value', given: tolerating({ key: 'dedicated', operator: 'Equal', value: 'x' }), on: tainted('NoSchedule', 'x'), want: [] },
    { name: 'another value', given: tolerating({ key: 'dedicated', value: 'y' }), on: tainted('NoSchedule', 'x'), want },
    { name: 'another effect', given: tolerating({ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }), on: tainted('NoSchedule'), want },
    { name: 'all keys', given: tolerating({ operator: 'Exists' }), on: tainted('NoExecute', 'x'), want: [] },
    {
      name: 'one of two taints',
      given: tolerating({ key: 'dedicated', operator: 'Exists' }),
      on: node('a', {
        taints: [
          { key: 'dedicated', effect: 'NoSchedule' },
          { key: 'other', effect: 'NoSchedule' },
        ],
      }),
      want,
    },
  ])('$name', (of) => check(taintToleration, of));

  it('prefers nodes with fewer taints that it had better not have', () => {
    const taints = ['x', 'y'].map((key) => ({ key, effect: 'PreferNoSchedule' }));
    const score = (given: Pod) => taintToleration.score!.of!(podInfoOf(given), NodeInfo.of(node('a', { taints })));
    expect([score(pod('p')), score(tolerating({ key: 'x', operator: 'Exists' })), score(tolerating({ operator: 'Exists' }))]).toEqual([2, 1, 0]);
  });
});

describe('NodeAffinity', () => {
  const want = ["node(s) didn't match Pod's node affinity/selector", '*'];
  const here = node('a', { labels: { zone: 'z', rank: '5' } });
  const required = (...terms: object[]) =>
    pod('p', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } });
  const expressions = (...matchExpressions: NodeSelectorRequirement[]) => ({ matchExpressions });
  it.each<Case>([
    { name: 'the labels of its selector', given: pod('p', { nodeSelector: { zone: 'z' } }), on: here, want: [] },
    { name: 'one label of two', given: pod('p', { nodeSelector: { zone: 'z', disk: 'ssd' } }), on: here, want },
    { name: 'In', given: required(expressions({ key: 'zone', operator: 'In', values: ['y', 'z'] })), on: here, want: [] },
    { name: 'NotIn', given: required(expressions({ key: 'zone', operator: 'NotIn', values: ['z'] })), on: here, want },
    { name: 'NotIn, without the label', given: required(expressions({ key: 'none', operator: 'NotIn', values: ['z'] })), on: here, want: [] },
    { name: 'Exists', given: required(expressions({ key: 'zone', operator: 'Exists' })), on: here, want: [] },
    { name: 'DoesNotExist', given: required(expressions({ key: 'zone', operator: 'DoesNotExist' })), on: here, want },
    { name: 'Gt', given: required(expressions({ key: 'rank', operator: 'Gt', values: ['4'] })), on: here, want: [] },
    { name: 'Lt', given: required(expressions({ key: 'rank', operator: 'Lt', values: ['5'] })), on: here, want },
    { name: 'Gt of what is no number', given: required(expressions({ key: 'zone', operator: 'Gt', values: ['0'] })), on: here, want },
    { name: 'all of a term', given: required(expressions({ key: 'zone', operator: 'Exists' }, { key: 'none', operator: 'Exists' })), on: here, want },
    {
      name: 'one of two terms',
      given: required(expressions({ key: 'none', operator: 'Exists' }), expressions({ key: 'zone', operator: 'Exists' })),
      on: here,
      want: [],
    },
    { name: 'a term without anything', given: required({}), on: here, want },
    { name: 'the name', given: required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }), on: here, want: [] },
    {
      name: 'both selector and affinity',
      given: pod('p', { ...required(expressions({ key: 'zone', operator: 'Exists' })).spec, nodeSelector: { zone: 'y' } }),
      on: here,
      want,
    },
  ])('$name', (of) => check(nodeAffinity, of));

  it('adds the weights of preferred terms up', () => {
    const preferred = (weight: number, key: string) => ({ weight, preference: expressions({ key, operator: 'Exists' }) });
    const given = pod('p', {
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preferred(5, 'zone'), preferred(3, 'rank'), preferred(9, 'none')] } },
    });
    expect(nodeAffinity.score!.of!(podInfoOf(given), NodeInfo.of(here))).toBe(8);
  });

  const named = (...values: string[]) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values }] });
  it.each([
    { name: 'no affinity', given: pod('p'), want: undefined },
    { name: 'a name in each term', given: required(named('a'), named('b', 'c')), want: ['a', 'b', 'c'] },
    { name: 'a term that leaves it open', given: required(named('a'), expressions({ key: 'zone', operator: 'Exists' })), want: undefined },
  ])('looks only at the nodes that are named: $name', ({ given, want }) => {
    const result = nodeAffinity.preFilter!(podInfoOf(given), clusterInfo());
    expect(result?.type === 'nodes' ? [...result.names] : undefined).toEqual(want);
  });

  it('looks at none for a node with two names', () => {
    const given = required({ matchFields: [...named('a').matchFields, ...named('b').matchFields] });
    expect(nodeAffinity.preFilter!(podInfoOf(given), clusterInfo())).toEqual({ type: 'impossible', reason: 'pod affinity terms conflict' });
  });
});

describe('NodePorts', () => {
  const want = ["node(s) didn't have free ports for the requested pod ports"];
  const using = (name: string, ...ports: [port: number, protocol?: string, ip?: string][]) =>
    pod(name, {
      containers: [
        {
          name: 'c',
          ports: ports.map(([hostPort, protocol, hostIP]) => ({ containerPort: hostPort, hostPort, ...(protocol && { protocol }), ...(hostIP && { hostIP }) })),
        },
      ],
    });
  it.each<Case>([
    { name: 'no port of the host', given: pod('p'), on: node('a'), with: [using('q', [80])], want: [] },
    { name: 'another port', given: using('p', [81]), on: node('a'), with: [using('q', [80])], want: [] },
    { name: 'the same port', given: using('p', [80]), on: node('a'), with: [using('q', [80])], want },
    { name: 'one of two', given: using('p', [80], [81]), on: node('a'), with: [using('q', [81])], want },
    { name: 'another protocol', given: using('p', [53, 'UDP']), on: node('a'), with: [using('q', [53, 'TCP'])], want: [] },
    { name: 'another address', given: using('p', [80, 'TCP', '10.0.0.1']), on: node('a'), with: [using('q', [80, 'TCP', '10.0.0.2'])], want: [] },
    { name: 'all addresses, with one taken', given: using('p', [80]), on: node('a'), with: [using('q', [80, 'TCP', '10.0.0.2'])], want },
    { name: 'one address, with all taken', given: using('p', [80, 'TCP', '10.0.0.1']), on: node('a'), with: [using('q', [80])], want },
    { name: 'a port of one that has ended', given: using('p', [80]), on: node('a'), with: [{ ...using('q', [80]), status: { phase: 'Succeeded' } }], want: [] },
    {
      name: 'a port of a sidecar',
      given: using('p', [80]),
      on: node('a'),
      with: [pod('q', { initContainers: [{ name: 's', restartPolicy: 'Always', ports: [{ containerPort: 80, hostPort: 80 }] }] })],
      want,
    },
  ])('$name', (of) => check(nodePorts, of));
});

describe('NodeResourcesFit', () => {
  const small = node('a', { allocatable: { cpu: '1', memory: '1Gi', pods: '2', 'example.com/gpu': '1' } });
  const asks = (requests: Record<string, string>, name = 'p') => pod(name, { requests });
  it.each<Case>([
    { name: 'nothing asked for', given: pod('p'), on: small, with: [asks({ cpu: '1', memory: '1Gi' }, 'q')], want: [] },
    { name: 'exactly what is left', given: asks({ cpu: '400m' }), on: small, with: [asks({ cpu: '600m' }, 'q')], want: [] },
    { name: 'too little cpu', given: asks({ cpu: '500m' }), on: small, with: [asks({ cpu: '600m' }, 'q')], want: ['Insufficient cpu'] },
    {
      name: 'too little of both',
      given: asks({ cpu: '500m', memory: '800Mi' }),
      on: small,
      with: [asks({ cpu: '600m', memory: '800Mi' }, 'q')],
      want: ['Insufficient cpu', 'Insufficient memory'],
    },
    { name: 'more than there is', given: asks({ cpu: '2' }), on: small, want: ['Insufficient cpu', '*'] },
    { name: 'too many pods', given: pod('p'), on: small, with: [pod('q'), pod('r')], want: ['Too many pods'] },
    { name: 'a device', given: asks({ 'example.com/gpu': '1' }), on: small, want: [] },
    {
      name: 'a device that is taken',
      given: asks({ 'example.com/gpu': '1' }),
      on: small,
      with: [asks({ 'example.com/gpu': '1' }, 'q')],
      want: ['Insufficient example.com/gpu'],
    },
    { name: 'a device that is not there', given: asks({ 'example.com/tpu': '1' }), on: small, want: ['Insufficient example.com/tpu', '*'] },
    { name: 'none of a device that is not there', given: asks({ 'example.com/tpu': '0' }), on: small, want: [] },
    { name: 'room of one that has ended', given: asks({ cpu: '1' }), on: small, with: [{ ...asks({ cpu: '1' }, 'q'), status: { phase: 'Failed' } }], want: [] },
    {
      name: 'an init container that asks for more than the others',
      given: pod('p', {
        initContainers: [{ name: 'i', resources: { requests: { cpu: '700m' } } }],
        containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }],
      }),
      on: small,
      with: [asks({ cpu: '400m' }, 'q')],
      want: ['Insufficient cpu'],
    },
    { name: 'overhead', given: pod('p', { overhead: { cpu: '700m' } }), on: small, with: [asks({ cpu: '400m' }, 'q')], want: ['Insufficient cpu'] },
  ])('$name', (of) => check(nodeResourcesFit, of));

  const score = (plugin: Plugin, given: Pod, on: Node, ...others: Pod[]) => Math.floor(plugin.score!.of!(podInfoOf(given), withPods(on, others)));
  // The figures of kube-scheduler's least_allocated_test.go.
  it.each([
    { name: 'an empty node', given: asks({ cpu: '3000m', memory: '5000' }), cpu: '4000m', memory: '10000', want: 37 },
    { name: 'a larger one', given: asks({ cpu: '3000m', memory: '5000' }), cpu: '6000m', memory: '10000', want: 50 },
    { name: 'a full one', given: asks({ cpu: '4000m', memory: '10000' }), cpu: '4000m', memory: '10000', want: 0 },
  ])('prefers nodes with more left: $name', ({ given, cpu, memory, want }) => {
    expect(score(nodeResourcesFit, given, node('a', { allocatable: { cpu, memory } }))).toBe(want);
  });

  it('counts pods that ask for nothing', () => {
    const big = node('a', { allocatable: { cpu: '4', memory: '16Gi' } });
    expect(nodeResourcesFit.score!.of!(podInfoOf(pod('p')), withPods(big, [pod('q')]))).toBeLessThan(
      nodeResourcesFit.score!.of!(podInfoOf(pod('p')), withPods(big, [])),
    );
  });

  it('prefers nodes whose resources are used evenly', () => {
    const on = node('a', { allocatable: { cpu: '1', memory: '1000' } });
    const leans = asks({ cpu: '500m' }, 'q');
    // By what the pod changes: 75 is no change, as is a pod that leans as the node does not.
    expect(score(nodeResourcesBalancedAllocation, asks({ cpu: '500m', memory: '500' }), on)).toBe(75);
    expect(score(nodeResourcesBalancedAllocation, asks({ cpu: '1', memory: '500' }), on)).toBe(62);
    expect(score(nodeResourcesBalancedAllocation, asks({ memory: '500' }), on, leans)).toBe(87);
  });

  it('prefers nodes whose resources are used evenly, of those that it is told to look at', () => {
    const on = node('a', { allocatable: { cpu: '1', memory: '1000', 'ephemeral-storage': '1000' } });
    const three = nodeResourcesBalancedAllocationWith(['cpu', 'memory', 'ephemeral-storage', 'example.com/gpu']);
    // A half, a half and nothing: a deviation of 0.2357.
    expect(score(three, asks({ cpu: '500m', memory: '500' }), on)).toBe(63);
    expect(score(nodeResourcesBalancedAllocationWith(['memory']), asks({ memory: '500' }), on)).toBe(75);
    expect(three.score!.concerns!(podInfoOf(asks({ 'example.com/gpu': '1' })))).toBe(true);
    expect(three.score!.concerns!(podInfoOf(pod('p')))).toBe(false);
  });
});

describe('VolumeBinding', () => {
  const claim = (name: string, spec: { volumeName?: string; [field: string]: unknown } = {}, more: object = {}): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      ...(spec.volumeName && { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }),
      ...more,
    },
    spec: { storageClassName: 'late', resources: { requests: { storage: '1Gi' } }, ...spec },
  });
  const volume = (name: string, spec: object = {}): PersistentVolume => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `uid-${name}` },
    spec: { storageClassName: 'late', capacity: { storage: '1Gi' }, ...spec },
  });
  const storageClass = (name: string, more: object = {}): StorageClass => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'example.com/disks',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...more,
  });
  const inZone = (zone: string) => ({
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] } },
  });
  const reasonOf = (info: PodInfo, cluster: ClusterInfo) => objectionTo(cluster.nodes[0]!, cluster, preFiltered(info, cluster, [volumeBinding]))?.reasons[0];
  const mounting = (...names: string[]) => pod('p', { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) });
  const here = node('a', { labels: { zone: 'z' } });
  const noProvisioner = { provisioner: 'kubernetes.io/no-provisioner' };

  function verdict(given: Pod, objects: KubeObject[]): { reason: string | undefined; cluster: ReturnType<typeof clusterInfo> } {
    const cluster = clusterInfo(here, ...objects);
    const info = podInfoOf(given);
    return { reason: reasonOf(info, cluster), cluster };
  }

  const conflict = "node(s) didn't match PersistentVolume's node affinity";
  const none = "node(s) didn't find available persistent volumes to bind";
  const owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', controller: true }] };
  const ephemeral = pod('p', { metadata: { uid: 'uid-p' }, volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate: { spec: {} } } }] });

  it.each([
    { name: 'no claim', given: pod('p'), objects: [], want: undefined },
    { name: 'a claim that is not there', given: mounting('c'), objects: [], want: 'persistentvolumeclaim "c" not found' },
    {
      name: 'a claim on its way out',
      given: mounting('c'),
      objects: [claim('c', {}, { deletionTimestamp: 'now' })],
      want: 'persistentvolumeclaim "c" is being deleted',
    },
    {
      name: 'a claim that lost its volume',
      given: mounting('c'),
      objects: [{ ...claim('c', { volumeName: 'v' }), status: { phase: 'Lost' } }],
      want: 'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
    },
    {
      name: 'a claim that is to be bound at once',
      given: mounting('c'),
      objects: [claim('c', { storageClassName: 'now' }), storageClass('now', { volumeBindingMode: 'Immediate' })],
      want: 'pod has unbound immediate PersistentVolumeClaims',
    },
    {
      name: 'a claim of no class',
      given: mounting('c'),
      objects: [claim('c', { storageClassName: '' })],
      want: 'pod has unbound immediate PersistentVolumeClaims',
    },
    { name: 'a bound claim', given: mounting('c'), objects: [claim('c', { volumeName: 'v' }), volume('v')], want: undefined },
    {
      name: 'a claim that asks for a volume by name, and is not bound to it yet',
      given: mounting('c'),
      objects: [claim('c', { volumeName: 'v' }, { annotations: {} }), volume('v')],
      want: 'pod has unbound immediate PersistentVolumeClaims',
    },
    { name: 'a bound claim in this zone', given: mounting('c'), objects: [claim('c', { volumeName: 'v' }), volume('v', inZone('z'))], want: undefined },
    { name: 'a bound claim in another zone', given: mounting('c'), objects: [claim('c', { volumeName: 'v' }), volume('v', inZone('y'))], want: conflict },
    {
      name: 'a bound claim whose volume is not there',
      given: mounting('c'),
      objects: [claim('c', { volumeName: 'v' })],
      want: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
    },
    { name: 'a claim whose volume can be made here', given: mounting('c'), objects: [claim('c'), storageClass('late')], want: undefined },
    {
      name: 'a claim whose volume cannot be made here',
      given: mounting('c'),
      objects: [claim('c'), storageClass('late', { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['y'] }] }] })],
      want: none,
    },
    {
      name: 'a claim that waits for a volume here',
      given: mounting('c'),
      objects: [claim('c'), storageClass('late', noProvisioner), volume('v', inZone('z'))],
      want: undefined,
    },
    {
      name: 'a claim that waits for a volume elsewhere',
      given: mounting('c'),
      objects: [claim('c'), storageClass('late', noProvisioner), volume('v', inZone('y'))],
      want: none,
    },
    {
      name: 'a claim whose volume is being made elsewhere',
      given: mounting('c'),
      objects: [claim('c', {}, { annotations: { 'volume.kubernetes.io/selected-node': 'b' } }), storageClass('late'), node('b')],
      want: none,
    },
    {
      name: 'a claim whose volume was to be made on a node that has gone',
      given: mounting('c'),
      objects: [claim('c', {}, { annotations: { 'volume.kubernetes.io/selected-node': 'b' } }), storageClass('late')],
      want: undefined,
    },
    {
      name: 'an ephemeral volume without its claim',
      given: ephemeral,
      objects: [],
      want: 'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-tmp"',
    },
    { name: 'an ephemeral volume', given: ephemeral, objects: [claim('p-tmp', {}, owned), storageClass('late')], want: undefined },
    {
      name: "an ephemeral volume with another pod's claim",
      given: ephemeral,
      objects: [claim('p-tmp'), storageClass('late')],
      want: 'PVC default/p-tmp was not created for pod default/p (pod is not owner)',
    },
  ])('$name', ({ given, objects, want }) => expect(verdict(given, objects as KubeObject[]).reason).toBe(want));

  it('gives each of two claims a volume of its own, and tells which', () => {
    const two = [claim('c'), claim('d'), storageClass('late', noProvisioner), volume('v')];
    expect(verdict(mounting('c', 'd'), two).reason).toBe(none);
    const { cluster } = verdict(mounting('c', 'd'), [...two, volume('w')]);
    const info = podInfoOf(mounting('c', 'd'));
    expect(reasonOf(info, cluster)).toBeUndefined();
    const written = volumeBinding.reserve!(info, cluster.nodes[0]!, cluster);
    expect(
      written.map((mutation) => mutation.type === 'update' && [mutation.object.metadata.name, (mutation.object as PersistentVolume).spec!.claimRef!.name]),
    ).toEqual([
      ['v', 'c'],
      ['w', 'd'],
    ]);
    const third = podInfoOf(pod('q', { volumes: [{ name: 'e', persistentVolumeClaim: { claimName: 'e' } }] }));
    cluster.state = assume(withReservations(cluster.state, written), 'persistentvolumeclaims/default/e', claim('e'));
    expect(reasonOf(third, cluster)).toBe(none);
  });

  it('names the node on a claim whose volume is to be made', () => {
    const { cluster } = verdict(mounting('c'), [claim('c'), storageClass('late')]);
    const reservations = volumeBinding.reserve!(podInfoOf(mounting('c')), cluster.nodes[0]!, cluster);
    const [mutation] = reservations;
    expect(mutation).toMatchObject({
      resource: 'persistentvolumeclaims',
      object: { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'a' } } },
    });
    cluster.state = withReservations(cluster.state, reservations);
    expect(volumeBinding.reserve!(podInfoOf(mounting('c')), cluster.nodes[0]!, cluster)).toEqual([]);
  });
});
