import type { Node, Pod } from '../../../core/schema/generated/kinds.ts';
import type { Checker } from './checker.ts';

/**
 * No pod runs twice under one name of a StatefulSet: none is taken out of the API while its containers may still run, so that the next of its name can begin. A pod of a lost
 * node stays until the node is back, or is deleted (Kubernetes documentation, "Force Delete StatefulSet Pods"). One that asks for no grace period may go at once.
 */
export const ordinals: Checker = {
  name: 'ordinals',
  *check({ replay }) {
    for (const { key, type, offset, previous } of replay.versions) {
      if (!key.startsWith('pods/') || type !== 'DELETED') continue;
      const pod = previous as Pod;
      if (!isOfStatefulSet(pod) || !isAtWork(pod) || pod.spec!.terminationGracePeriodSeconds === 0) continue;
      const node = replay.get(`nodes//${pod.spec!.nodeName}`, offset - 1) as Node | undefined;
      if (node) yield `${key} (${pod.metadata.uid}) was gone at ${offset} while it ran on ${node.metadata.name}`;
    }
  },
};

const isOfStatefulSet = ({ metadata }: Pod): boolean => metadata.ownerReferences?.some(({ kind, controller }) => kind === 'StatefulSet' && controller) ?? false;

const isAtWork = ({ status }: Pod): boolean => status?.containerStatuses?.some(({ state }) => state?.running) ?? false;
