import type { Pod, PodDisruptionBudget } from '../../../core/schema/generated/kinds.ts';
import type { Replay, Version } from '../replay.ts';
import type { Checker } from './checker.ts';

/**
 * No budget is exceeded: between two looks of the controller, no more healthy pods are evicted than the budget could lose at the first of them, reckoned anew from the
 * pods there were; and none before the controller has looked at a changed budget (Kubernetes documentation, "Disruptions"). Deletions ask no budget.
 */
export const budgets: Checker = {
  name: 'budgets',
  *check({ replay }) {
    const left = new Map<string, number>();
    for (const version of replay.versions) {
      const { key, type, offset } = version;
      if (key.startsWith(BUDGETS)) {
        if (type === 'DELETED') left.delete(key);
        else if (isChanged(version)) left.set(key, 0);
        else if (isLook(version)) left.set(key, spareOf(version.object as PodDisruptionBudget, replay, offset));
      }
      if (!isEviction(version) || !isHealthy(version.previous as Pod)) continue;
      for (const budget of budgetsOf(version, replay)) {
        const spare = (left.get(budget) ?? 0) - 1;
        left.set(budget, spare);
        if (spare < 0) yield `${key} was evicted at ${offset}, with which ${budget} is exceeded by ${-spare}`;
      }
    }
  },
};

const BUDGETS = 'poddisruptionbudgets.policy/';

const isChanged = ({ type, object, previous }: Version): boolean => type === 'ADDED' || object.metadata.generation !== previous?.metadata.generation;

/** Of the status, by the controller. What an eviction takes is written by who evicts. */
export const isLook = ({ key, type, actor }: Version): boolean =>
  key.startsWith(BUDGETS) && type === 'MODIFIED' && actor.username === 'system:serviceaccount:kube-system:disruption-controller';

const isEviction = ({ key, type, object, previous }: Version): boolean =>
  key.startsWith('pods/') &&
  type === 'MODIFIED' &&
  isEvicted(object as Pod) &&
  object.metadata.deletionTimestamp !== undefined &&
  !previous!.metadata.deletionTimestamp;

const isEvicted = ({ status }: Pod): boolean => status?.conditions?.some(({ reason }) => reason === 'EvictionByEvictionAPI') ?? false;

const isHealthy = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  status?.phase === 'Running' &&
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

const selects = ({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean =>
  Object.entries(spec!.selector!.matchLabels!).every(([name, value]) => metadata.labels?.[name] === value);

/** The keys of the budgets that cover a pod right before an offset. */
export function budgetsOf({ object, offset }: Pick<Version, 'object' | 'offset'>, replay: Replay): string[] {
  const { namespace } = object.metadata;
  const all = replay.list('poddisruptionbudgets.policy', { namespace, offset: offset - 1 });
  return all.filter((budget) => selects(budget, object as Pod)).map(({ metadata }) => `${BUDGETS}${namespace}/${metadata.name}`);
}

/** How many healthy pods a budget could lose right before an offset. Those of the simulation say how many are to be left, as a number. */
export function spareOf(budget: PodDisruptionBudget, replay: Replay, offset: number): number {
  const pods = replay.list('pods', { namespace: budget.metadata.namespace, offset: offset - 1 });
  return pods.filter((pod) => selects(budget, pod) && isHealthy(pod)).length - Number(budget.spec!.minAvailable);
}
