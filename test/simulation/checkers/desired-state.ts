import { type GroupResource, type KubeObject, parseKey, same } from '../../../core/kube/object.ts';
import type { DeploymentSpec, Kinds, Node, Pod, ReplicaSet } from '../../../core/schema/generated/kinds.ts';
import { forbiddenBy } from '../filters.ts';
import type { Replay } from '../replay.ts';
import type { Checker } from './checker.ts';
import { type Amounts, allocatableOf, isFinished, nothing, plus, requestsOf, within } from './quantities.ts';

/**
 * Once faults have stopped and all is quiet, what clients asked for is what is there: nothing is left half done that could go on. Workloads
 * some of whose pods fit on no node are as far as they can be, and are let off.
 */
export const desiredState: Checker = {
  name: 'desired state',
  *check({ replay }) {
    const objects = [...replay.all()];
    yield* objects.flatMap(([key, object]) => leftovers(key, object, replay));
    const room = roomOf(replay);
    const held = new Set<string>();
    for (const pod of replay.list('pods')) {
      if (isFinished(pod) || pod.spec!.nodeName) continue;
      // A pod that waits for room holds back its owners' roll-outs.
      for (const uid of ownersOf(pod, replay)) held.add(uid);
      const node = [...room].find(([name, free]) => mayGo(pod, name, replay) && within(requestsOf(pod), free))?.[0];
      if (node) yield `${nameOf(pod)} is pending, and would fit on ${node}`;
    }
    for (const [key, object] of objects) {
      if (held.has(object.metadata.uid!)) continue;
      const expectation = (expectations as Readonly<Record<GroupResource, Expectation<KubeObject> | undefined>>)[parseKey(key).resource];
      for (const problem of expectation?.(object, replay) ?? []) yield `${key}: ${problem}`;
    }
  },
};

/** What should have gone: deleted objects, objects of namespaces and owners that are not there. */
function leftovers(key: string, object: KubeObject, replay: Replay): string[] {
  const { namespace, deletionTimestamp, ownerReferences = [], finalizers } = object.metadata;
  const out: string[] = [];
  if (deletionTimestamp) out.push(`${key} was deleted at ${deletionTimestamp} and is still there${finalizers ? `, held by ${finalizers}` : ''}`);
  if (namespace && !replay.get(`namespaces//${namespace}`)) out.push(`${key} is in a namespace that is not there`);
  for (const { kind, name, uid } of ownerReferences)
    if (!uidsOf(replay).has(uid)) out.push(`${key} belongs to the ${kind} ${name} (${uid}), which is not there`);
  return out;
}

const known = new WeakMap<Replay, Set<string>>();
function uidsOf(replay: Replay): Set<string> {
  const uids = known.get(replay) ?? new Set([...replay.all().values()].map(({ metadata }) => metadata.uid!));
  known.set(replay, uids);
  return uids;
}

const nameOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;

/** What is free on each node that takes pods. */
function roomOf(replay: Replay): Map<string, Amounts> {
  const room = new Map<string, Amounts>();
  for (const node of replay.list('nodes')) {
    // A node that no agent has registered says nothing of its room.
    if (node.spec?.unschedulable || !node.status?.allocatable) continue;
    let used = nothing;
    for (const pod of replay.list('pods')) if (pod.spec!.nodeName === node.metadata.name && !isFinished(pod)) used = plus(used, requestsOf(pod));
    const all = allocatableOf(node);
    room.set(node.metadata.name, { cpu: all.cpu - used.cpu, memory: all.memory - used.memory, pods: all.pods - used.pods });
  }
  return room;
}

/** Whether nothing but room could keep a pod off a node. One with a claim may have its volume elsewhere. */
function mayGo(pod: Pod, name: string, replay: Replay): boolean {
  if (pod.spec!.volumes?.some((volume) => 'persistentVolumeClaim' in volume)) return false;
  const others = replay.list('pods').filter((other) => other.spec!.nodeName === name && !isFinished(other));
  return forbiddenBy(pod, replay.get(`nodes//${name}`) as Node, others) === undefined;
}

/** The uids of the owners of an object, and of theirs. */
function ownersOf(object: KubeObject, replay: Replay): string[] {
  return (object.metadata.ownerReferences ?? []).flatMap(({ uid, kind, name }) => {
    const resource = `${kind.toLowerCase()}s.${kind === 'Job' ? 'batch' : 'apps'}`;
    const owner = replay.get(`${resource}/${object.metadata.namespace}/${name}`);
    return [uid, ...(owner ? ownersOf(owner, replay) : [])];
  });
}

type Expectation<T extends KubeObject> = (object: T, replay: Replay) => Generator<string>;

const expectations: { readonly [R in keyof Kinds]?: Expectation<Kinds[R]> } = {
  'deployments.apps': function* ({ spec, status, metadata }, replay) {
    if (status?.observedGeneration !== metadata.generation) yield `generation ${metadata.generation} was not observed: ${JSON.stringify(status)}`;
    yield* counts(status, { replicas: spec!.replicas, updatedReplicas: spec!.replicas, readyReplicas: spec!.replicas, availableReplicas: spec!.replicas });
    const owned = replay.list('replicasets.apps').filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
    const old = owned.filter((set) => set.spec!.replicas! > 0 && !isOfRevision(set, spec!));
    if (old.length > 0) yield `${old.map((set) => set.metadata.name)} of an earlier revision still have pods`;
    if (owned.filter((set) => isOfRevision(set, spec!)).length !== 1) yield `${owned.length} replica sets, and not one of the present revision`;
  },
  'replicasets.apps': function* ({ spec, status, metadata }, replay) {
    yield* counts(status, { replicas: spec!.replicas, readyReplicas: spec!.replicas, availableReplicas: spec!.replicas });
    const pods = replay.list('pods').filter((pod) => !isFinished(pod) && pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
    if (pods.length !== spec!.replicas) yield `${pods.length} pods, not ${spec!.replicas}`;
  },
  'statefulsets.apps': function* ({ spec, status, metadata }, replay) {
    yield* counts(status, { replicas: spec!.replicas, readyReplicas: spec!.replicas, currentReplicas: spec!.replicas });
    const wanted = Array.from({ length: spec!.replicas! }, (_, i) => `${metadata.name}-${i}`).join();
    const pods = replay.list('pods').filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
    const names = pods.map((pod) => pod.metadata.name).sort();
    if (names.join() !== wanted) yield `has the pods ${names}, not ${wanted}`;
    const { image } = spec!.template.spec!.containers[0]!;
    for (const pod of pods) if (pod.spec!.containers[0]!.image !== image) yield `${pod.metadata.name} runs ${pod.spec!.containers[0]!.image}, not ${image}`;
  },
  'daemonsets.apps': function* ({ metadata, status }, replay) {
    const nodes = replay.list('nodes').map((node) => node.metadata.name);
    yield* counts(status, { desiredNumberScheduled: nodes.length, numberReady: nodes.length, updatedNumberScheduled: nodes.length });
    const pods = replay.list('pods').filter((pod) => !isFinished(pod) && pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
    if (new Set(pods.map((pod) => pod.spec!.nodeName)).size !== nodes.length || pods.length !== nodes.length)
      yield `${pods.length} pods on ${nodes.length} nodes`;
  },
  'jobs.batch': function* ({ metadata, status, spec }, replay) {
    const over = status?.conditions?.find(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True');
    if (!over) yield `neither complete nor failed: ${JSON.stringify(status)}`;
    else if (over.type === 'Complete' && status!.succeeded !== spec!.completions) yield `complete with ${status!.succeeded} of ${spec!.completions}`;
    const pods = replay.list('pods').filter((pod) => !isFinished(pod) && pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
    if (pods.length > 0) yield `over, and ${pods.length} of its pods are not`;
  },
  pods: function* (pod) {
    // One without a node was looked at above.
    if (isFinished(pod) || !pod.spec!.nodeName) return;
    const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    if (pod.status?.phase !== 'Running' || !ready) yield `is ${pod.status?.phase}, and ${ready ? '' : 'not '}ready: ${JSON.stringify(pod.status)}`;
  },
  services: function* ({ spec, metadata }, replay) {
    const selector = spec?.selector;
    if (!selector) return;
    const wanted = replay
      .list('pods', { namespace: metadata.namespace })
      .filter((pod) => !isFinished(pod) && pod.status?.podIP && Object.entries(selector).every(([name, value]) => pod.metadata.labels?.[name] === value))
      .map((pod) => pod.status!.podIP)
      .sort();
    const slices = replay
      .list('endpointslices.discovery.k8s.io', { namespace: metadata.namespace })
      .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name);
    const addresses = slices.flatMap((slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)).sort();
    if (addresses.join() !== wanted.join()) yield `its endpoints are ${addresses}, its pods ${wanted}`;
  },
  endpoints: function* ({ metadata: { labels, namespace, name } }, replay) {
    const made = labels?.['endpoints.kubernetes.io/managed-by'] !== undefined;
    if (made && !replay.get(`services/${namespace}/${name}`)) yield 'its Service is not there';
  },
  namespaces: function* ({ metadata }, replay) {
    for (const key of [`serviceaccounts/${metadata.name}/default`, `configmaps/${metadata.name}/kube-root-ca.crt`]) {
      if (!replay.get(key)) yield `lacks ${key}`;
    }
  },
};

function* counts<S extends object>(status: S | undefined, wanted: { readonly [name in keyof S]?: S[name] }): Generator<string> {
  for (const name of Object.keys(wanted) as (keyof S & string)[])
    if ((status?.[name] ?? 0) !== wanted[name]) yield `${name} is ${status?.[name] ?? 0}, not ${wanted[name]}`;
}

const isOfRevision = (set: ReplicaSet, { template }: DeploymentSpec): boolean => same(set.spec!.template!.spec, template.spec);
