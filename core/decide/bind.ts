import type { BindMutation } from '../apis/mutation.ts';
import { type KubeObject, timestamp } from '../kube/object.ts';
import { conflict, notFound } from '../kube/status.ts';
import type { Node, PodCondition } from '../schema/generated/kinds.ts';
import type { Decision } from './decision.ts';
import { type Draft, modified, uidConflict } from './outcome.ts';

/**
 * Puts a pod on a node (registry/core/pod/storage, BindingREST): once, while it is neither being deleted nor held back by scheduling gates.
 * The pod's generation stays: who scheduled it is not a change of what is wanted.
 */
export function decideBind({ namespace, name, node, uid, annotations }: BindMutation, draft: Draft): Decision {
  const { resource, state, now } = draft;
  const previous = state.get(resource.groupResource, namespace, name);
  if (!previous) throw notFound(resource, name);
  const { metadata, spec, status } = previous;
  if (uid && uid !== metadata.uid) throw uidConflict(BINDING, metadata, uid);
  if (metadata.deletionTimestamp) throw conflict(BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (spec.nodeName) throw conflict(BINDING, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  if (spec.schedulingGates?.length) throw conflict(BINDING, name, `pod ${name} has non-empty .spec.schedulingGates`);
  const labels = topologyOf(state.get<Node>('nodes', undefined, node));
  const object: KubeObject = {
    ...previous,
    metadata: {
      ...metadata,
      ...(annotations && { annotations: { ...metadata.annotations, ...annotations } }),
      ...(labels && { labels: { ...metadata.labels, ...labels } }),
    },
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: scheduled(status?.conditions ?? [], now) },
  };
  return modified(object, previous, draft);
}

const BINDING = { group: '', resource: 'pods/binding' };

/** The condition in its place, or as the last one (podutil.UpdatePodCondition). */
function scheduled(conditions: readonly PodCondition[], now: number): PodCondition[] {
  const condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(now) };
  const at = conditions.findIndex(({ type }) => type === condition.type);
  return at === -1 ? [...conditions, condition] : conditions.with(at, condition);
}

/** The admission plugin PodTopologyLabels: a pod knows the zone and the region that it runs in. */
function topologyOf(node: Node | undefined): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const name of ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']) {
    const value = node?.metadata.labels?.[name];
    if (value !== undefined) labels[name] = value;
  }
  return Object.keys(labels).length > 0 ? labels : undefined;
}
