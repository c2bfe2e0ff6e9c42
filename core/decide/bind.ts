import type { ApiResource } from '../apis/api-resource.ts';
import { apisOf } from '../apis/apis.ts';
import { strategy } from '../apis/core/binding.ts';
import type { BindMutation } from '../apis/mutation.ts';
import type { ClusterInstant } from '../instant.ts';
import { clone, timestamp } from '../kube/object.ts';
import { aggregate, badRequest, conflict, notFound, plainError } from '../kube/status.ts';
import type { Binding, Pod, PodCondition } from '../schema/generated/kinds.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { Draft } from './draft.ts';
import { modified } from './events.ts';
import { checkResourceVersion, checkUid } from './preconditions.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** A Binding is created as any object is, but for admission and its own rules alone: what is stored is the pod. */
const stages: readonly Stage<Binding>[] = [mutate, validate, admit];

/** Throws 400, 403, 404, 409 (it is another pod, is going, has a node already or scheduling gates), 500 (what is no Binding). */
export function decideBind(mutation: BindMutation, resource: ApiResource, context: Deciding): Decision | Asking {
  const { namespace, name } = mutation;
  const pods = apisOf(context.state).resource('pods')!;
  const subresource = resource === pods ? 'binding' : undefined;
  const draft = new Draft({ operation: 'CREATE', resource, subresource, namespace, name, object: bindingOf(mutation), old: undefined, changes: pods }, context);
  return through(stages, draft) ?? explained(bind(mutation, draft), mutation);
}

function bindingOf({ namespace, name, node, uid, binding }: BindMutation): Binding {
  if (binding) return clone(binding);
  return { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, ...(uid && { uid }) }, target: { kind: 'Node', name: node } };
}

function validate({ object, name }: Draft<Binding>): void {
  if (object.metadata.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const errors = strategy.validate!(object);
  if (errors.length > 0) throw plainError(aggregate(errors));
}

/**
 * Puts a pod on a node (registry/core/pod/storage, BindingREST): once, while it is neither being deleted nor held back by scheduling gates.
 * What the binding carries is laid over the pod's own labels and annotations. The pod's generation stays: who scheduled it is not a change of
 * what is wanted.
 */
function bind({ namespace, name }: BindMutation, draft: Draft<Binding>): Decision {
  const { changes: resource, state, now, object: binding } = draft;
  const { uid, resourceVersion } = binding.metadata;
  const node = binding.target.name!;
  const old = state.get('pods', namespace, name);
  if (!old) throw notFound(resource, name);
  const { metadata, spec, status } = old;
  const stored = { resource, namespace, name, uid: metadata.uid, resourceVersion: metadata.resourceVersion! };
  checkUid(uid, { of: BINDING, stored });
  checkResourceVersion(resourceVersion, { of: BINDING, stored });
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
