import { creation, type Mutation, update } from '../apis/mutation.ts';
import type { Controller } from '../controllers/controller.ts';
import { statusUpdate, updateTo } from '../controllers/shared/mutations.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Change, isOf } from '../state/change.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';
import type { View } from '../state/view.ts';
import type { Deployment, Node, Pod } from './generated/kinds.ts';

/** Nothing of this is run: `tsc -p .` fails when one of the lines that expect an error compiles, or another does not. */
export function reading(state: State, object: KubeObject, resource: string): void {
  const pod: Pod = state.get('pods', 'default', 'web')!;
  const deployments: readonly Deployment[] = state.list('deployments.apps');
  // @ts-expect-error The field is nodeName.
  pod.spec?.nodename;
  // @ts-expect-error Of a list likewise.
  deployments[0]?.spec?.replica;
  // @ts-expect-error Nodes are no pods.
  const node: Node = pod;

  // @ts-expect-error Only its kind says what an object has besides metadata.
  object.spec;
  // @ts-expect-error Of a resource that is not known when this is compiled, neither.
  state.get(resource, 'default', 'web')?.spec;
  // @ts-expect-error Events of both APIs are stored as those of the core group.
  state.get('events.events.k8s.io', 'default', 'web')?.reason;

  const bound: readonly Pod[] = state.by('node', node.metadata.name);
  // @ts-expect-error Dependents are of any kind.
  state.by('owner', bound[0]!.metadata.uid!)[0]?.spec;
  const byClass = index(['pods'], (_key, { spec }) => [spec?.priorityClassName ?? '']);
  // @ts-expect-error An index sees the objects of its resource.
  index(['pods'], (_key, { spec }) => [spec?.priorityClass ?? '']);
  // @ts-expect-error What is found by it are these.
  const nodes: readonly Node[] = state.by(byClass, 'high');
  nodes.at(0);
}

export function following(change: Change): void {
  if (isOf(change, 'nodes')) change.object.spec?.taints?.at(0);
  // @ts-expect-error Whatever changed is an object of any kind.
  change.object.spec;

  const phases: View<number, 'pods'> = {
    of: ['pods'],
    initial: 0,
    evolve: (count, changes) => count + changes.filter(({ object }) => object.status?.phase).length,
  };
  // @ts-expect-error A view sees the objects of its resources.
  const states: View<number, 'pods'> = { of: ['pods'], initial: 0, evolve: (count, changes) => count + changes.filter(({ object }) => object.state).length };
  // @ts-expect-error It says of which they are.
  const others: View<number, 'pods'> = { ...phases, of: ['nodes'] };
  states.of === others.of;

  const watches: Controller['watches'] = {
    pods: ({ object }) => [object.spec?.nodeName ?? ''],
    // @ts-expect-error A controller is given the objects that it watches.
    nodes: ({ object }) => [object.spec?.nodeName ?? ''],
    // @ts-expect-error There is no such resource.
    replicasets: () => [],
  };
  watches?.pods;
}

export function writing(pod: Pod, node: Node, taints: NonNullable<Node['spec']>['taints'], isSo: boolean): void {
  const mutations: Mutation[] = [update('nodes', { ...node, spec: { ...node.spec, taints } }), creation('pods', pod)];
  mutations.at(0);

  // @ts-expect-error The field is taints.
  updateTo('nodes', { ...node, spec: { ...node.spec, tints: taints } });
  // @ts-expect-error In a list likewise.
  creation('pods', { ...pod, spec: { containers: [{ name: 'a', image: 'b', imagePolicy: 'Always' }] } });
  // @ts-expect-error
  statusUpdate('pods', pod, { ...pod.status, fase: 'Running' });
  // @ts-expect-error Of a kind that has a status.
  statusUpdate('configmaps', node, {});
  // @ts-expect-error A pod is not stored among the nodes.
  creation('nodes', pod);
  // @ts-expect-error
  update('pods', node, 'status');

  // Where TypeScript itself looks for no fields that are too many (see Exact):
  // @ts-expect-error behind a conditional spread,
  updateTo('nodes', { ...node, spec: { ...node.spec, ...(isSo && { tints: taints }) } });
  // @ts-expect-error
  creation('pods', { ...pod, ...(isSo && { state: {} }) });
  // @ts-expect-error
  statusUpdate('pods', pod, { ...pod.status, ...(isSo && { fase: 'Running' }) });
  const misspelt = { ...pod, spec: { containers: [{ name: 'a', ...(isSo && { imagePolicy: 'Always' }) }] } };
  // @ts-expect-error in a variable that says no type,
  update('pods', misspelt);
  // Not where the variable's type is another one that takes them: then it is there that they are too many, or there that they are lost.
  const lost: Pod = misspelt;
  update('pods', lost);
  // Any keys of a map, and objects of resources that are not known when this is compiled, are right.
  creation('pods', { ...pod, metadata: { name: 'a', ...(isSo && { labels: { any: 'b' } }) } });
  const resource: string = 'widgets.example.com';
  creation(resource, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, ...(isSo && { spec: { any: 1 } }) });
}
