import type { ApiResource } from '../apis/api-resource.ts';
import type { BindMutation } from '../apis/mutation.ts';
import type { ClusterInstant } from '../instant.ts';
import { timestamp } from '../kube/object.ts';
import { conflict, notFound } from '../kube/status.ts';
import type { Binding, Pod, PodCondition } from '../schema/generated/kinds.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { Draft } from './draft.ts';
import { modified } from './events.ts';
import { checkUid } from './preconditions.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** A Binding is created as any object is, but for admission alone: what is stored is the pod. */
const stages: readonly Stage<Binding>[] = [mutate, admit];

/** Throws 403, 404, 409 (it is another pod, is going, has a node already or scheduling gates). */
export function decideBind(mutation: BindMutation, resource: ApiResource, context: Deciding): Decision | Asking {
  const { namespace, name } = mutation;
  const draft = new Draft({ operation: 'CREATE', resource, subresource: 'binding', namespace, name, object: bindingOf(mutation), old: undefined }, context);
  return through(stages, draft) ?? explained(bind(mutation, draft), mutation);
}

const bindingOf = ({ namespace, name, node, kind = 'Node', uid, labels, annotations }: BindMutation): Binding => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { namespace, name, ...(uid && { uid }), ...(labels && { labels: { ...labels } }), ...(annotations && { annotations: { ...annotations } }) },
  target: { ...(kind && { kind }), name: node },
});

/**
 * Puts a pod on a node (registry/core/pod/storage, BindingREST): once, while it is neither being deleted nor held back by scheduling gates.
 * What the binding carries is laid over the pod's own labels and annotations. The pod's generation stays: who scheduled it is not a change of
 * what is wanted.
 */
function bind({ namespace, name }: BindMutation, draft: Draft<Binding>): Decision {
  const { resource, state, now, object: binding } = draft;
  const { uid } = binding.metadata;
  const node = binding.target.name!;
  const old = state.get('pods', namespace, name);
  if (!old) throw notFound(resource, name);
  const { metadata, spec, status } = old;
  checkUid(uid, { of: BINDING, stored: { resource, namespace, name, uid: metadata.uid } });
  if (metadata.deletionTimestamp) throw conflict(BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (spec?.nodeName) throw conflict(BINDING, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  if (spec?.schedulingGates?.length) throw conflict(BINDING, name, `pod ${name} has non-empty .spec.schedulingGates`);
  const { labels, annotations } = binding.metadata;
  // What it was nominated for before is no more to be gone by.
  const { nominatedNodeName: _, ...others } = status ?? {};
  const object: Pod = {
    ...old,
    metadata: {
      ...metadata,
      ...(annotations && { annotations: { ...metadata.annotations, ...annotations } }),
      ...(labels && { labels: { ...metadata.labels, ...labels } }),
    },
    spec: { ...spec!, nodeName: node },
    status: { ...others, conditions: scheduled(status?.conditions ?? [], now) },
  };
  return modified(object, old, draft);
}

/** The binding's event says why. */
function explained(decision: Decision, { placement }: BindMutation): Decision {
  const [event, ...others] = decision.events;
  return placement && event ? { ...decision, events: [{ ...event, placement }, ...others] } : decision;
}

const BINDING = { group: '', resource: 'pods/binding' };

/** The condition in its place, or as the last one (podutil.UpdatePodCondition). */
function scheduled(conditions: readonly PodCondition[], now: ClusterInstant): PodCondition[] {
  const condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(now) };
  const at = conditions.findIndex(({ type }) => type === condition.type);
  return at === -1 ? [...conditions, condition] : conditions.with(at, condition);
}
