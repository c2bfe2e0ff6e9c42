import { FAULTS } from '../apis/core/faults.ts';
import { agentOf, isServed } from '../apis/core/node-agent.ts';
import { criticalSince, shutdownSince } from '../apis/core/node-shutdown.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import { keyOf, parseKey } from '../kube/object.ts';
import type { Pass } from '../reconcile/reconciler.ts';
import type { Container, ContainerStatus, Node, Pod, PodSpec } from '../schema/generated/kinds.ts';
import { type Change, isOf } from '../state/change.ts';
import { index } from '../state/indexes.ts';
import { CLUSTER_RESOURCE_USAGES, RESOURCE_USAGES } from '../usage/resource-usages.ts';
import { memoryLoad } from '../usage/shared-load.ts';
import { containersOf } from './containers-of.ts';
import { isStatic } from './static-pod-manifest.ts';
import { nodesWithStaticPods } from './static-pods.ts';
import { WAITED_FOR } from './volumes.ts';

/** What a pass has to look at. */
export interface Selected {
  readonly nodes: readonly Node[];
  readonly pods: ReadonlyMap<Key, Pod>;
  /** The names of nodes all of whose pods are to be looked at. */
  readonly podsOfNodes: ReadonlySet<string>;
  /** Pods that are no more. */
  readonly gone: ReadonlySet<Key>;
}

/**
 * Everything, when nothing is known of what changed; else what changed, what waited for that, and what is due. Where to look is no decision: what another writer
 * changes of it leads to the same place in the next pass, so that it is not noted as read.
 */
export function selectPods({ state: observed, changes, due, failures }: Pass): Selected {
  const state = observed.observed(undefined);
  if (!changes) {
    const nodes = state.list('nodes').filter(isServed);
    return { nodes, pods: new Map(), podsOfNodes: new Set(nodes.map(({ metadata }) => metadata.name)), gone: new Set() };
  }
  const touched = new Set<Key>(due);
  const nodeNames = new Set(due.map(parseKey).flatMap(({ resource, name }) => (resource === 'nodes' ? [name] : [])));
  // A static pod that was refused.
  for (const { mutation } of failures) if (mutation.type === 'create' && isPod(mutation.object)) nodeNames.add(mutation.object.spec!.nodeName!);
  const podsOfNodes = new Set<string>();
  const waitedIn = new Set<string>();
  const askedIn = new Set<string>();
  const roomIn = new Set<string>();
  const changedIn = new Set<string>();
  for (const change of changes) {
    const { resource, namespace, name } = parseKey(change.key);
    if (resource !== 'events' && resource !== 'leases.coordination.k8s.io') changedIn.add(namespace || ANYWHERE);
    for (const node of nodesWithStaticPods(state, { resource, namespace, name })) nodeNames.add(node);
    if (resource === 'pods') {
      touched.add(change.key);
      if (isOf(change, 'pods') && isStatic(change.object) && change.object.spec?.nodeName) nodeNames.add(change.object.spec.nodeName);
      if (isOf(change, 'pods') && givesBack(change)) {
        const node = state.get('nodes', undefined, change.object.spec!.nodeName!);
        roomIn.add(change.object.spec!.nodeName!);
        // The critical pods of a node that shuts down wait for the others.
        if (node && shutdownSince(node) !== undefined) nodeNames.add(node.metadata.name);
      }
    } else if (resource === 'nodes') {
      nodeNames.add(name);
      if (isOf(change, 'nodes') && (becameWorking(change) || hasMoreAttached(change) || shutsDown(change))) podsOfNodes.add(name);
    } else if (isWaitedFor(resource)) waitedIn.add(namespace);
    else if (resource === 'csidrivers.storage.k8s.io') waitedIn.add(ANYWHERE);
    else if (resource === 'services' || resource === 'endpointslices.discovery.k8s.io') askedIn.add(namespace);
    // What they say of how much is used concerns all pods.
    else if (resource === RESOURCE_USAGES || resource === CLUSTER_RESOURCE_USAGES || saysOtherMemory(change))
      for (const node of state.list('nodes').filter(isServed)) podsOfNodes.add(node.metadata.name);
    if (change.key === FAULTS_KEY) {
      for (const { metadata } of state.list('nodes')) nodeNames.add(metadata.name);
      for (const { metadata } of state.list('namespaces')) waitedIn.add(metadata.name);
    } else if (resource === 'namespaces' && name === 'kube-node-lease') for (const node of state.list('nodes')) nodeNames.add(node.metadata.name);
  }

  const pods = new Map<Key, Pod>();
  const gone = new Set<Key>();
  for (const key of touched) {
    const { resource, namespace, name } = parseKey(key);
    const pod = resource === 'pods' ? state.get('pods', namespace, name) : undefined;
    if (!pod) gone.add(key);
    else if (pod.spec?.nodeName) pods.set(key, pod);
  }
  for (const namespace of waitedIn) for (const pod of state.by(waitingPods, namespace)) pods.set(keyOf('pods', pod.metadata.namespace, pod.metadata.name), pod);
  for (const node of roomIn) for (const pod of state.by(deferredPods, node)) pods.set(keyOf('pods', pod.metadata.namespace, pod.metadata.name), pod);
  if (askedIn.size > 0) askedIn.add(ELSEWHERE);
  for (const namespace of askedIn) for (const pod of state.by(askingPods, namespace)) pods.set(keyOf('pods', pod.metadata.namespace, pod.metadata.name), pod);
  if (changedIn.size > 0) changedIn.add(ELSEWHERE);
  for (const namespace of changedIn)
    for (const pod of state.by(callingPods, namespace)) pods.set(keyOf('pods', pod.metadata.namespace, pod.metadata.name), pod);
  const nodes = [...nodeNames].flatMap((name) => state.get('nodes', undefined, name) ?? []).filter(isServed);
  return { nodes, pods, podsOfNodes, gone };
}

/** It may lose any node, and give a registry back for which any pod waits. */
const FAULTS_KEY = keyOf('configmaps', FAULTS.namespace, FAULTS.name);

const isPod = (object: KubeObject): object is Pod => object.kind === 'Pod';

const isWaitedFor = (resource: string): boolean => (WAITED_FOR as readonly string[]).includes(resource);

/** A node that comes, gets its status or is heard of again finds pods that were bound to its name before. */
const becameWorking = ({ object, previous, type }: Change<Node>): boolean =>
  type !== 'DELETED' && agentOf(object) !== 'silent' && agentOf(object) !== agentOf(previous);

/** A workload says something else of how much memory its pods use. */
const saysOtherMemory = ({ type, object, previous }: Change): boolean =>
  (type === 'DELETED' ? undefined : memoryLoad(object)) !== (previous && memoryLoad(previous));

/** It is the turn of its regular pods to end, or of its critical ones. */
const shutsDown = ({ object, previous }: Change<Node>): boolean =>
  previous !== undefined && (shutdownSince(object) !== shutdownSince(previous) || criticalSince(object) !== criticalSince(previous));

/** A volume that was waited for. */
const hasMoreAttached = ({ object, previous }: Change<Node>): boolean =>
  object.status?.volumesAttached?.some(({ name }) => !previous?.status?.volumesAttached?.some((known) => known.name === name)) ?? false;

/** All namespaces. */
const ANYWHERE = '*';

/** The bound pods of a namespace that have a container which does not run yet. */
const waitingPods = index(['pods'], (_key, pod) => {
  if (!pod.spec?.nodeName || isPodTerminal(pod)) return [];
  const { containerStatuses, initContainerStatuses } = pod.status ?? {};
  return containerStatuses?.some(isWaiting) || initContainerStatuses?.some(isWaiting) ? [pod.metadata.namespace!, ANYWHERE] : [];
});

const isWaiting = ({ state }: ContainerStatus): boolean => state?.waiting !== undefined;

/** The bound pods of a namespace with a container whose command asks for what Services there are; those that may ask for those of another. */
const askingPods = index(['pods'], (_key, pod) => {
  if (!pod.spec?.nodeName || isPodTerminal(pod)) return [];
  const asking = containersOf(pod).flatMap(({ container: { command = [], args = [] } }) => [...command, ...args].filter((word) => ASKING.test(word)));
  if (asking.length === 0) return [];
  return asking.some((word) => /\w\.\w/.test(word)) ? [pod.metadata.namespace!, ELSEWHERE] : [pod.metadata.namespace!];
});

const ASKING = /\b(nslookup|getent|nc|ncat|curl|wget|pg_isready|redis-cli|mysqladmin)\b/;
const ELSEWHERE = '**';

/**
 * The pods of a namespace with a container that runs and asks the API, and goes on when something is as it waits for: they are looked at whenever something changes
 * there, or that is in no namespace. Those that may ask for what is in others are looked at for all that changes.
 */
const callingPods = index(['pods'], (_key, pod) => {
  if (!pod.spec?.nodeName || isPodTerminal(pod)) return [];
  const callers = callersOf(pod);
  if (callers.length === 0) return [];
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const running = callers.filter(({ name }) => statuses.some((status) => status.name === name && status.state?.running));
  if (running.length === 0) return [];
  return [pod.metadata.namespace!, ANYWHERE, ...(running.some((container) => ELSEWHERE_TOO.test(commandOf(container))) ? [ELSEWHERE] : [])];
});

/** The containers that may ask the API. The answer is kept for as long as the spec, which never changes, lives. */
function callersOf(pod: Pod): readonly Container[] {
  let callers = knownCallers.get(pod.spec!);
  if (!callers) {
    callers = containersOf(pod).flatMap(({ container }) => (mayCall(commandOf(container)) ? [container] : []));
    knownCallers.set(pod.spec!, callers);
  }
  return callers;
}

const knownCallers = new WeakMap<PodSpec, readonly Container[]>();

const commandOf = ({ image = '', command = [], args = [] }: Container): string => [...(command.length > 0 ? command : [image]), ...args].join(' ');
const mayCall = (command: string): boolean => /\bkubectl\b/.test(command) || (/\b(curl|wget)\b/.test(command) && /kubernetes/i.test(command));
const ELSEWHERE_TOO = /\/apis?\/|(^|\s)(-n|--namespace|-A|--all-namespaces|-f|--filename)\b/;

/** The pods of a node that wait for what others there have: for room to be resized, or for an address. */
const deferredPods = index(['pods'], (_key, pod) => {
  const { spec, status } = pod;
  if (!spec?.nodeName || isPodTerminal(pod)) return [];
  const isAddressless = status?.startTime !== undefined && status.podIP === undefined;
  return isAddressless || status?.conditions?.some(({ type }) => type === 'PodResizePending') ? [spec.nodeName] : [];
});

/** A bound pod that goes, ends or asks for something else. */
const givesBack = ({ type, object, previous }: Change<Pod>): boolean =>
  object.spec?.nodeName !== undefined && (type === 'DELETED' || isPodTerminal(object) || (previous !== undefined && previous.spec !== object.spec));
