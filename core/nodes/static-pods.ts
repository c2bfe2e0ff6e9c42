import { agentOf, manifestsOf, STATIC_PODS } from '../apis/core/node-agent.ts';
import { creation } from '../apis/mutation.ts';
import { keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed, Failure, Pass } from '../reconcile/reconciler.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';
import { InvalidManifest, isMirrorOf, isStatic, mirrorPod } from './static-pod-manifest.ts';

/**
 * What a kubelet does for its static pods, those of manifests that an operator gave it (`staticPodPath`): here they are in a ConfigMap that the Node names (docs/nodes.md).
 * Each has a mirror pod in the API, which is created when it is missing and deleted when it is no more what the manifest says (pkg/kubelet, tryReconcileMirrorPods).
 */
export function staticPods(node: Node, { state: ofPass, stateFor, now, env, failures }: Pass): Attributed[] {
  if (agentOf(node) !== 'works' || node.metadata.deletionTimestamp) return [];
  const { name } = node.metadata;
  const part = keyOf('nodes', undefined, name);
  const state = stateFor?.(part) ?? ofPass;
  const mirrors = state.by('node', name).filter(isStatic);
  const manifests = manifestsOf(node);
  if (!manifests && mirrors.length === 0) return [];

  const recorder = new EventRecorder({ state, component: 'kubelet', host: name, now, env });
  const invalid = (which: string, why: string) => recorder.warningOnce(node, 'InvalidStaticPod', `${which}: ${why}`);
  const wanted = new Map<string, Pod>();
  const mutations: Attributed[] = [];
  const by = { actor: userNamed(`system:node:${name}`), cause: Number(node.metadata.resourceVersion), part };
  for (const [which, text] of Object.entries((manifests && state.get('configmaps', manifests.namespace, manifests.name)?.data) ?? {})) {
    const pod = podOf(text, { node, source: `${manifests!.namespace}/${manifests!.name}/${which}`, now, invalid: (why) => invalid(which, why) });
    if (!pod) continue;
    const key = keyOf('pods', pod.metadata.namespace, pod.metadata.name);
    if (wanted.has(key)) {
      invalid(which, `another manifest has a pod ${pod.metadata.name}`);
      continue;
    }
    wanted.set(key, pod);
    const there = state.get('pods', pod.metadata.namespace, pod.metadata.name);
    const refused = failures.find((failure) => isCreationOf(failure, key));
    if (there && !isStatic(there)) invalid(which, `pods "${there.metadata.name}" already exists`);
    else if (refused) invalid(which, refused.status.message ?? '');
    else if (!there) mutations.push({ ...creation('pods', pod), ...by });
  }
  for (const pod of mirrors) {
    const { namespace, name, uid } = pod.metadata;
    const manifest = wanted.get(keyOf('pods', namespace, name));
    if (manifest && isMirrorOf(pod, manifest) && !pod.metadata.deletionTimestamp && !isOver(pod)) continue;
    mutations.push({ type: 'delete', resource: 'pods', namespace: namespace!, name, gracePeriodSeconds: 0, preconditions: { uid: uid! }, ...by });
  }
  return [...mutations, ...recorder.mutations().map((mutation) => ({ ...mutation, ...by }))];
}

function podOf(text: string, { invalid, ...of }: { node: Node; source: string; now: number; invalid: (why: string) => void }): Pod | undefined {
  try {
    return mirrorPod(text, of);
  } catch (error) {
    if (!(error instanceof InvalidManifest)) throw error;
    invalid(error.message);
    return undefined;
  }
}

const isCreationOf = ({ mutation }: Failure, key: string): boolean =>
  mutation.type === 'create' && mutation.resource === 'pods' && keyOf('pods', mutation.object.metadata.namespace, mutation.object.metadata.name) === key;

/** What ended with its machine is run again when that is back: nothing else would. */
const isOver = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Terminated';

/** The nodes whose static pods are in a ConfigMap (`namespace/name`), or of any (ANYWHERE). */
const nodesOfManifests = index(['nodes'], (_key, node) =>
  node.metadata.annotations?.[STATIC_PODS] === undefined ? [] : [node.metadata.annotations[STATIC_PODS], ANYWHERE],
);
const ANYWHERE = '*';

/** The names of the nodes whose static pods may differ when something changes: their manifests, a namespace that they are in, or the mirror pods themselves. */
export function nodesWithStaticPods(state: State, { resource, namespace, name }: { resource: string; namespace: string; name: string }): string[] {
  if (resource !== 'configmaps' && resource !== 'namespaces') return [];
  return state.by(nodesOfManifests, resource === 'namespaces' ? ANYWHERE : `${namespace}/${name}`).map(({ metadata }) => metadata.name);
}
