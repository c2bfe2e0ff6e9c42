import type { Node, Pod } from '../../../core/schema/generated/kinds.ts';
import type { Checker } from './checker.ts';
import { type Amounts, allocatableOf, isFinished, nothing, plus, requestsOf, within } from './quantities.ts';

/** No pod is bound twice; at no time is a node given, by the scheduler, more than it can take. */
export const placement: Checker = {
  name: 'placement',
  *check({ replay }) {
    const nodes = new Map<string, Amounts>();
    const bound = new Map<string, { node: string; requests: Amounts }>();
    for (const version of replay.versions) {
      const { key, type, offset } = version;
      if (key.startsWith('nodes/')) {
        const { metadata, status } = version.object as Node;
        if (type === 'DELETED') nodes.delete(metadata.name);
        else if (status?.allocatable) nodes.set(metadata.name, allocatableOf(version.object as Node));
        continue;
      }
      if (!key.startsWith('pods/')) continue;
      const pod = version.object as Pod;
      const node = pod.spec!.nodeName;
      const before = (version.previous as Pod | undefined)?.spec?.nodeName;
      if (before && node !== before) yield `${key} was bound to ${before}, and is bound to ${node ?? 'nothing'} at ${offset}`;
      if (!node) continue;
      if (type === 'DELETED' || isFinished(pod)) bound.delete(key);
      else {
        bound.set(key, { node, requests: requestsOf(pod) });
        if (!before) yield* checkNode({ node, nodes, bound: bound.values(), pod, offset });
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
  readonly pod: Pod;
  readonly offset: number;
}
