import type { Mutation } from '../../apis/mutation.ts';
import { type Key, type KubeObject, keyOf, parseKey } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { NOT_READY } from './node-taints.ts';

/**
 * Tells of nodes that come and go (pkg/controller/nodelifecycle, monitorNodeHealth). What is told once has no place in an object, so that its primaries are comings
 * and goings, each named after the node and its uid.
 */
export const nodeComings: Controller = {
  name: 'node-comings',
  actor: controllerUser('node-controller'),
  watches: {
    nodes: ({ type, previous, object: { metadata } }) =>
      type === 'DELETED' ? [keyOf(GONE, metadata.uid, metadata.name)] : previous === undefined ? [keyOf(COME, metadata.uid, metadata.name)] : [],
  },
  // A controller that begins tells of what it finds, as it does there; here, where a process may begin often, of what no controller has looked at yet.
  primaries: newNodes,
  reconcile(context) {
    const { resource, namespace: uid, name } = parseKey(context.key);
    if (resource === COME && !isNew(context.state.get('nodes', undefined, name), context.now)) return nothing;
    const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
    const [reason, what] =
      resource === COME ? ['RegisteredNode', `Registered Node ${name} in Controller`] : ['RemovingNode', `Removing Node ${name} from Controller`];
    return { mutations: nodeEvent(context, node, reason, `Node ${name} event: ${what}`) };
  },
};

const COME = 'nodes-come';
const GONE = 'nodes-gone';

function* newNodes(state: State): Iterable<Key> {
  for (const node of state.list('nodes')) if (isUntouched(node)) yield keyOf(COME, node.metadata.uid, node.metadata.name);
}

/** With the taint of its creation (admission/taint-nodes-by-condition.ts), which a node loses when it is first looked at. */
const isUntouched = ({ spec }: Node): boolean => spec?.taints?.some(({ key, timeAdded }) => key === NOT_READY && !timeAdded) ?? false;

const isNew = (node: Node | undefined, now: number): boolean => node !== undefined && now - Date.parse(node.metadata.creationTimestamp!) < NEW;

/** ms */
const NEW = 10_000;

/** A Normal Event of the node controller about a node, unless there is no namespace that takes it (pkg/controller/util/node, RecordNodeEvent). */
export function nodeEvent(
  { state, now, env }: Pick<ControllerContext<Node>, 'state' | 'now' | 'env'>,
  node: KubeObject,
  reason: string,
  message: string,
): Mutation[] {
  const events = state.get('namespaces', undefined, 'default');
  if (!events || events.metadata.deletionTimestamp) return [];
  const recorder = new EventRecorder({ state, component: 'node-controller', now, env });
  recorder.normal(node, reason, message);
  return recorder.mutations();
}
