import { expect, it } from 'vitest';
import type { Mutation } from '../apis/mutation.ts';
import { userNamed } from '../kube/user.ts';
import { configMap, pod } from './objects.ts';
import { isPermitted } from './permitted.ts';
import { stateOf } from './state.ts';

const writes: { readonly name: string; readonly actor: string; readonly mutation: Mutation; readonly want: boolean }[] = [
  {
    name: 'a kubelet the status of a pod',
    actor: 'system:node:a',
    mutation: { type: 'update', resource: 'pods', subresource: 'status', object: pod('x') },
    want: true,
  },
  { name: 'a kubelet a pod itself', actor: 'system:node:a', mutation: { type: 'update', resource: 'pods', object: pod('x') }, want: false },
  { name: 'a kubelet a ConfigMap', actor: 'system:node:a', mutation: { type: 'create', resource: 'configmaps', object: configMap('x') }, want: false },
  {
    name: 'the scheduler a binding',
    actor: 'system:kube-scheduler',
    mutation: { type: 'bind', resource: 'pods', namespace: 'default', name: 'x', node: 'a' },
    want: true,
  },
  {
    name: 'the scheduler a ConfigMap',
    actor: 'system:kube-scheduler',
    mutation: { type: 'create', resource: 'configmaps', object: configMap('x') },
    want: false,
  },
];

it.each(writes)('$name: $want', ({ actor, mutation, want }) => {
  expect(isPermitted({ ...mutation, actor: userNamed(actor) }, stateOf([]))).toBe(want);
});
