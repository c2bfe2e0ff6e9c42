import { isCriticalPod } from '../apis/core/critical-pod.ts';
import { type Faults, faultsOf } from '../apis/core/faults.ts';
import { agentOf } from '../apis/core/node-agent.ts';
import { shutdownSince } from '../apis/core/node-shutdown.ts';
import { update } from '../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../instant.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import { keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Attributed, Pass, PassResult, Reconciler } from '../reconcile/reconciler.ts';

import type { Node, Pod } from '../schema/generated/kinds.ts';
import { isStaged } from '../stages/stages.ts';
import type { State } from '../state/state.ts';
import { toldOf, withTold } from './api-calls/answered-calls.ts';
import { callApi, isReading } from './api-calls/api-calls.ts';
import { statusesOf } from './container-status.ts';
import { environmentOf } from './environment.ts';
import { filesOfVolume } from './given-files.ts';
import { unreachable } from './image.ts';
import { makeRoom } from './make-room.ts';
import { pressedNodes, relieveNodes } from './memory-pressure.ts';
import { NodeImages } from './node-images.ts';
import type { NodeOptions } from './node-objects.ts';
import { NodeRoom, roomOfNode } from './node-room.ts';
import { eventMutations, type PodEvent } from './pod-events.ts';
import { identity, registerNode, takenNumbers } from './register-node.ts';
import type { AttemptContext, ContainerRuntime, NewlyTold } from './runtime.ts';
import { type Selected, selectPods } from './select-pods.ts';
import { shutDownNode } from './shutdown.ts';
import { isStatic } from './static-pod-manifest.ts';
import { staticPods } from './static-pods.ts';
import { ClusterSurroundings } from './surroundings.ts';
import type { Sync } from './sync.ts';
import { syncPod } from './sync-pod.ts';

/**
 * The node agents of a cluster: the kubelets of all Nodes that are served here (`isServed`, docs/nodes.md), in one reconciler. A Node that
 * is created as one becomes a working one, a Node that is deleted is served no more; `nodeObjects` makes those of a new cluster.
 *
 * Each Node that is registered, and each pod that is looked at, is a part of the pass (docs/decisions/0015-rebase.md).
 */
export function nodesReconciler({ runtime, nodes = {} }: { runtime: ContainerRuntime; nodes?: NodeOptions }): Reconciler {
  const options = { ...nodes, containerRuntimeVersion: runtime.version };
  return {
    name: 'nodes',
    reconcile(pass) {
      const found = selectPods(pass);
      const result: Result = { mutations: registerNodes(found, pass, options), wakeups: retries(pass) };
      const rooms = new Map<string, NodeRoom>();
      const emptied = new Set<string>();
      const images = new Map<string, NodeImages>();
      const held = heldPods(pass);
      const done = { looked: 0, changed: 0 };
      for (const pod of podsOf(found, pass.state.observed(undefined))) {
        const key = keyOf('pods', pod.metadata.namespace, pod.metadata.name);
        if (held.has(key)) result.wakeups.set(key, plus(pass.now, HELD_MS));
        else if (done.looked < LOOKED_AT_ONCE && done.changed < CHANGED_AT_ONCE) {
          const { length } = result.mutations;
          lookAt(pod, { pass, runtime, rooms, emptied, images, result });
          done.looked++;
          if (result.mutations.length > length) done.changed++;
        } else result.wakeups.set(key, pass.now);
      }
      for (const node of found.nodes) {
        result.mutations.push(...staticPods(node, pass));
        const { mutations, at } = shutDownNode(node, pass);
        result.mutations.push(...mutations);
        result.wakeups.set(keyOf('nodes', undefined, node.metadata.name), at);
      }
      for (const key of found.gone) result.wakeups.set(key, undefined);
      relieve(found, pass, result);
      return result;
    },
  };
}

/** The others come right after, in an entry of their own: what an entry holds is in memory several times over until it is appended. */
const CHANGED_AT_ONCE = 1_500;
/** Most of what a process looks at when it begins has nothing to do, and to note that it is next costs as much as the look. Of so many, that takes a tenth of a second. */
const LOOKED_AT_ONCE = 5_000;

interface Result extends PassResult {
  readonly mutations: Attributed[];
  readonly wakeups: Map<Key, ClusterInstant | undefined>;
}

/** Of the nodes whose pods were looked at, and those that asked for it. */
function relieve({ pods, podsOfNodes }: Selected, pass: Pass, result: Result): void {
  const names = new Set([...podsOfNodes, ...pressedNodes(pass.due), ...[...pods.values()].map(({ spec }) => spec!.nodeName!)]);
  const { mutations, wakeups } = relieveNodes(names, pass);
  result.mutations.push(...mutations);
  for (const [key, at] of wakeups) result.wakeups.set(key, at);
}

function registerNodes({ nodes }: Selected, { state: ofPass, stateFor, now, env }: Pass, options: NodeOptions): Attributed[] {
  let numbers: Set<number> | undefined;
  return nodes.flatMap(({ metadata: { name } }) => {
    const part = keyOf('nodes', undefined, name);
    const state = stateFor?.(part) ?? ofPass;
    // Counted once a pass; a node that takes a number rests on all that have one.
    const taken = () => {
      const all = state.list('nodes');
      numbers ??= takenNumbers(all);
      return numbers;
    };
    return registerNode(state.get('nodes', undefined, name)!, { state, now, env, options, numbers: taken }).map((mutation) => ({ ...mutation, part }));
  });
}

/** What the API refused is tried again later; most often the object has changed by then. */
function retries({ failures, now }: Pass): Map<Key, ClusterInstant | undefined> {
  return new Map(failures.flatMap(({ mutation }) => podOf(mutation)).map((key) => [key, plus(now, RETRY_MS)]));
}

function podOf(mutation: Attributed): Key[] {
  if (mutation.resource !== 'pods') return [];
  const named = mutation.type === 'update' ? mutation.object.metadata : mutation.type === 'delete' ? mutation : undefined;
  return named ? [keyOf('pods', named.namespace, named.name)] : [];
}

const RETRY_MS = 10_000;

/** The pods of which a mutation waits for an answer: each agent waits for that too. */
const heldPods = ({ waiting }: Pass): Set<Key> => new Set([...waiting].flatMap(podOf));

const HELD_MS = 1_000;

function podsOf({ pods, podsOfNodes }: Selected, state: State): Iterable<Pod> {
  const all = new Map(pods);
  for (const node of podsOfNodes) for (const pod of state.by('node', node)) all.set(keyOf('pods', pod.metadata.namespace, pod.metadata.name), pod);
  return all.values();
}

interface Looking {
  readonly pass: Pass;
  readonly runtime: ContainerRuntime;
  readonly rooms: Map<string, NodeRoom>;
  /** The nodes on which room was made in this pass, which `rooms` does not know of. */
  readonly emptied: Set<string>;
  readonly images: Map<string, NodeImages>;
  readonly result: Result;
}

function lookAt(pod: Pod, { pass, runtime, rooms, emptied, images: imagesOfNodes, result }: Looking): void {
  const { now, env } = pass;
  const key = keyOf('pods', pod.metadata.namespace, pod.metadata.name);
  const state = pass.stateFor?.(key) ?? pass.state;
  const node = state.get('nodes', undefined, pod.spec!.nodeName!);
  const agent = agentOf(node);
  // One that is silent looks at everything again once it is heard of.
  if (!node || agent === 'silent' || (agent === 'stops' && !pod.metadata.deletionTimestamp && shutdownSince(node) === undefined)) return;
  if (isStaged(pod, state)) return;
  // A deleted mirror goes at once, and is made anew as long as there is a manifest for it.
  if (isStatic(pod) && pod.metadata.deletionTimestamp && agent === 'works') return;
  const { name } = node.metadata;
  // Counted only when a pod needs it: most steps of most pods do not.
  const room = () => {
    state.keepWithin(roomOfNode, name);
    if (!rooms.has(name)) rooms.set(name, new NodeRoom(node, pass.state.observed(undefined)));
    return rooms.get(name)!;
  };
  const by = { actor: userNamed(`system:node:${name}`), cause: Number(pod.metadata.resourceVersion), part: key };
  const admit = (admitted: Pod) => {
    const found = room().admit(admitted);
    if (found && isCriticalPod(admitted) && emptied.has(name)) return 'awaited';
    const made = found && isCriticalPod(admitted) ? makeRoom(admitted, { state, room: room(), now, env }) : undefined;
    if (made?.type === 'made') {
      emptied.add(name);
      result.mutations.push(...made.mutations.map((mutation) => ({ ...mutation, ...by })));
      return 'awaited';
    }
    const rejection = made?.rejection ?? found;
    // For good: it rests on all that the pods there have taken, as on what they give back.
    if (rejection) state.keys('node', name);
    return rejection;
  };

  if (!imagesOfNodes.has(name)) imagesOfNodes.set(name, new NodeImages(node));
  const images = imagesOfNodes.get(name)!;
  const events: PodEvent[] = [];
  const wanted: Attributed[] = [];
  const told: NewlyTold[] = [];
  let enqueueAt: ClusterInstant | undefined;
  const step = syncPod({
    pod,
    statuses: statusesOf(pod),
    node,
    state,
    runtime: cutOff(runtime, faultsOf(state)),
    attempts: attemptsOf({ pod, node, state, runtime, env, now }),
    images,
    now,
    env,
    events,
    wanted,
    told,
    plugins: pass.plugins,
    admit,
    fits: (resized) => {
      const rejection = room().fits(resized);
      if (rejection) state.keys('node', name);
      return rejection;
    },
    allocateIP: () => room().allocateIP(),
    enqueueAt: (time) => {
      enqueueAt = clusterInstant(Math.min(time, enqueueAt ?? time));
    },
  });
  result.wakeups.set(key, enqueueAt);
  if (step.type === 'status' || told.length > 0) {
    const { metadata, ...named } = identity(pod);
    const status = step.type === 'status' ? step.status : pod.status!;
    const annotations = told.length > 0 ? { annotations: withTold(pod, told) } : {};
    result.mutations.push({ ...update('pods', { ...named, metadata: { ...metadata, ...annotations }, status }, 'status'), ...by });
  }
  if (step.type === 'delete') {
    const { namespace, name, uid } = pod.metadata;
    result.mutations.push({ type: 'delete', resource: 'pods', namespace: namespace!, name, gracePeriodSeconds: 0, preconditions: { uid: uid! }, ...by });
  }
  result.mutations.push(...wanted.map((mutation) => ({ ...mutation, cause: by.cause, part: key })));
  const pulled = images.takeChanged();
  if (pulled) result.mutations.push({ ...update('nodes', { ...identity(node), status: { ...node.status, images: [...pulled] } } as Node, 'status'), ...by });
  // A namespace that is going takes in no Events.
  if (events.length === 0 || isGoing(state.get('namespaces', undefined, pod.metadata.namespace!))) return;
  for (const mutation of eventMutations(pod, events, { state, now, env })) result.mutations.push({ ...mutation, ...by });
}

/** What the pod's containers have from the cluster, looked for only when it is asked for. */
function attemptsOf(of: Pick<Sync, 'pod' | 'node' | 'state' | 'runtime' | 'env' | 'now'>): AttemptContext {
  const { pod, node, state, runtime, env, now } = of;
  const context: AttemptContext = {
    environment: (container) => {
      const attempt = { pod, container, role: 'main' as const, restartCount: 0, startedAt: now, context };
      return environmentOf(pod, container, { state, node, file: (volume, path) => runtime.fileInVolume(attempt, volume, path) });
    },
    surroundings: ({ container, restartCount, startedAt }) => new ClusterSurroundings({ pod, state, startedAt, attempt: `${container.name} ${restartCount}` }),
    files: (volume) => filesOfVolume(pod, volume, state),
    told: ({ container, restartCount, startedAt }, call, n) => {
      if (!isReading(call)) return toldOf(pod, { container: container.name, restartCount }, call, n);
      const outcome = callApi(call, pod, { state, env, now: startedAt + call.at, plugins: [] });
      return outcome.type === 'ended' ? { ...outcome, at: call.at } : undefined;
    },
  };
  return context;
}

/** A runtime that reaches no registry which is down. */
function cutOff(runtime: ContainerRuntime, { registries }: Faults): ContainerRuntime {
  if (registries.size === 0) return runtime;
  return {
    ...runtime,
    image: (reference, credentials) =>
      registries.has(reference.host) ? { type: 'unavailable', error: unreachable(reference) } : runtime.image(reference, credentials),
  };
}

const isGoing = (namespace: KubeObject | undefined): boolean => namespace?.metadata.deletionTimestamp !== undefined;
