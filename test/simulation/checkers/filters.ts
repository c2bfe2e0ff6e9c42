import type { Node, Pod } from '../../../core/schema/generated/kinds.ts';
import { forbiddenBy } from '../filters.ts';
import type { Checker } from './checker.ts';
import { isFinished } from './quantities.ts';

/** The scheduler binds no pod to a node that a filter forbids, as the node and its pods stand right before the binding in the log. */
export const filters: Checker = {
  name: 'filters',
  *check({ replay }) {
    const nodes = new Map<string, Node>();
    const placed = new Map<string, Pod>();
    for (const { key, type, offset, object, previous } of replay.versions) {
      if (key.startsWith('nodes/')) {
        if (type === 'DELETED') nodes.delete(object.metadata.name);
        else nodes.set(object.metadata.name, object as Node);
      }
      if (!key.startsWith('pods/')) continue;
      const pod = object as Pod;
      const { nodeName } = pod.spec!;
      const node = nodes.get(nodeName ?? '');
      const isBinding = type === 'MODIFIED' && nodeName && !(previous as Pod).spec!.nodeName;
      // What is bound to a node that is not there is told by placement.ts.
      const why = isBinding && node && forbiddenBy(pod, node, on(nodeName, placed.values()));
      if (why) yield `${key} is bound at ${offset} to ${nodeName}, in spite of ${why}`;
      if (!nodeName || type === 'DELETED' || isFinished(pod)) placed.delete(key);
      else placed.set(key, pod);
    }
  },
};

function* on(node: string, pods: Iterable<Pod>): Iterable<Pod> {
  for (const pod of pods) if (pod.spec!.nodeName === node) yield pod;
}
