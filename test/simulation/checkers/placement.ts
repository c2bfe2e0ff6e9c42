import type { KubeObject } from '../../../core/kube/object.ts';
import type { Checker } from './checker.ts';
import { type Amounts, allocatableOf, isFinished, nothing, plus, requestsOf, within } from './quantities.ts';

/** No pod is bound twice; at no time is a node given, by the scheduler, more than it can take. */
export const placement: Checker = {
  name: 'placement',
  *check({ replay }) {
    const nodes = new Map<string, Amounts>();
    const bound = new Map<string, { node: string; requests: Amounts }>();
    for (const { key, type, object, previous, offset } of replay.versions) {
      if (key.startsWith('nodes/')) {
        if (type === 'DELETED') nodes.delete(object.metadata.name);
        else if (object.status?.allocatable) nodes.set(object.metadata.name, allocatableOf(object));
        continue;
      }
      if (!key.startsWith('pods/')) continue;
      const node: string | undefined = object.spec.nodeName;
      const before: string | undefined = previous?.spec.nodeName;
      if (before && node !== before) yield `${key} was bound to ${before}, and is bound to ${node ?? 'nothing'} at ${offset}`;
      if (!node) continue;
      if (type === 'DELETED' || isFinished(object)) bound.delete(key);
      else {
        bound.set(key, { node, requests: requestsOf(object) });
        if (!before) yield* checkNode({ node, nodes, bound: bound.values(), pod: object, offset });
      }
    }
  },
};

function* checkNode({ node, nodes, bound, pod, offset }: Binding): Generator<string> {
  const allocatable = nodes.get(node);
  if (!allocatable) return yield `${pod.metadata.name} is bound at ${offset} to ${node}, which is not there`;
  let sum = nothing;
  for (const other of bound) if (other.node === node) sum = plus(sum, other.requests);
  if (!within(sum, allocatable)) yield `${node} has ${JSON.stringify(allocatable)}, and at ${offset} pods that ask for ${JSON.stringify(sum)}`;
}

interface Binding {
  readonly node: string;
  readonly nodes: ReadonlyMap<string, Amounts>;
  readonly bound: Iterable<{ node: string; requests: Amounts }>;
  readonly pod: KubeObject;
  readonly offset: number;
}
