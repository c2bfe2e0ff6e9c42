import type { Node, Pod, PodDisruptionBudget } from '../../../core/schema/generated/kinds.ts';
import { forbiddenBy } from '../filters.ts';
import type { Replay, Version } from '../replay.ts';
import { budgetsOf, isLook, spareOf } from './budgets.ts';
import type { Checker } from './checker.ts';
import { allocatableOf, isFinished, nothing, plus, requestsOf, within } from './quantities.ts';

/**
 * A pod whose budget had nothing left when the controller last looked is preempted only where no other node could take the preemptor in at the cost of pods without a budget:
 * budgets are held as far as there is a choice (Kubernetes documentation, "Pod Priority and Preemption").
 */
export const preemption: Checker = {
  name: 'preemption',
  *check({ replay, entries }) {
    const left = new Map<string, number>();
    for (const { offset, events } of entries) {
      // None where the log has a gap (offsets.ts).
      const versions = events.flatMap((_, i) => replay.versionAt(offset + i) ?? []);
      const taken = new Map<string, number>();
      for (const version of versions) {
        if (isLook(version)) left.set(version.key, spareOf(version.object as PodDisruptionBudget, replay, version.offset));
        if (!isPreemption(version)) continue;
        const spent = budgetsOf(version, replay).filter((budget) => {
          taken.set(budget, (taken.get(budget) ?? 0) + 1);
          return taken.get(budget)! > (left.get(budget) ?? 0);
        });
        const better = spent.length > 0 ? elsewhere(version, versions, replay) : undefined;
        if (better) yield `${version.key} gives way at ${version.offset} in spite of ${spent}, and ${better} would do`;
      }
    }
  },
};

const isPreemption = ({ key, type, object, previous }: Version): boolean =>
  key.startsWith('pods/') && type === 'MODIFIED' && gaveWay(object as Pod) && !gaveWay(previous as Pod);

const gaveWay = ({ status }: Pod): boolean => status?.conditions?.some(({ reason }) => reason === 'PreemptionByScheduler') ?? false;

/** Another node that could take in the pod for which one gives way; undefined also where the entry does not tell which pod that is. */
function elsewhere(victim: Version, versions: readonly Version[], replay: Replay): string | undefined {
  const { nodeName } = (victim.object as Pod).spec!;
  const nominated = versions.filter(
    ({ key, object, previous }) => key.startsWith('pods/') && isFor(object as Pod, nodeName) && !isFor(previous as Pod, nodeName),
  );
  if (nominated.length !== 1) return undefined;
  const pod = nominated[0]!.object as Pod;
  const before = victim.offset - 1;
  return replay
    .list('nodes', { offset: before })
    .filter((node) => node.metadata.name !== nodeName && node.status?.allocatable)
    .find((node) => wouldDo(node, pod, before, replay))?.metadata.name;
}

const isFor = ({ status }: Pod, node: string | undefined): boolean => status?.nominatedNodeName === node;

/** Whether a node could take a pod in beside those that are as important, and those that a budget covers. */
function wouldDo(node: Node, pod: Pod, offset: number, replay: Replay): boolean {
  const { name } = node.metadata;
  const there = replay.list('pods', { offset }).filter((other) => !isFinished(other) && (other.spec!.nodeName === name || isFor(other, name)));
  const staying = there.filter((other) => (other.spec!.priority ?? 0) >= (pod.spec!.priority ?? 0) || isCovered(other, offset, replay));
  return forbiddenBy(pod, node, staying) === undefined && within(staying.map(requestsOf).reduce(plus, plus(nothing, requestsOf(pod))), allocatableOf(node));
}

const isCovered = (pod: Pod, offset: number, replay: Replay): boolean => budgetsOf({ object: pod, offset: offset + 1 }, replay).length > 0;
