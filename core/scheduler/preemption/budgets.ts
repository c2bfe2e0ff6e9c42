import { budgetsOfPod } from '../../apis/policy/budgets-of-pod.ts';
import type { Pod, PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';

/**
 * Tells the pods that disruption budgets do not let go from the others, each in their order (filterPodsWithPDBViolation): each pod takes one of what every budget that
 * covers it has left, unless its going is counted there already.
 */
export function byBudget(pods: readonly Pod[], state: State): { violating: readonly Pod[]; others: readonly Pod[] } {
  const left = new Map<PodDisruptionBudget, number>();
  const violating: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    let isViolated = false;
    for (const budget of countedBy(pod, state)) {
      const after = (left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1;
      left.set(budget, after);
      if (after < 0) isViolated = true;
    }
    (isViolated ? violating : others).push(pod);
  }
  return { violating, others };
}

/** The budgets that a pod's going takes something of. A budget that selects every pod covers none here. */
const countedBy = (pod: Pod, state: State): PodDisruptionBudget[] =>
  budgetsOfPod(pod, state).filter(({ spec, status }) => !isEmpty(spec?.selector) && !Object.hasOwn(status?.disruptedPods ?? {}, pod.metadata.name));

const isEmpty = (selector: NonNullable<PodDisruptionBudget['spec']>['selector']): boolean =>
  !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);

/** The budgets as they are once some pods go, until their controller has counted that: the next pod sees it. */
export function spentFor(pods: readonly Pod[], state: State): PodDisruptionBudget[] {
  const spent = new Map<string, PodDisruptionBudget>();
  for (const pod of pods) {
    for (const budget of countedBy(pod, state)) {
      const { namespace, name } = budget.metadata;
      const { status } = spent.get(`${namespace}/${name}`) ?? budget;
      const after = {
        ...budget,
        status: {
          ...status,
          disruptionsAllowed: (status?.disruptionsAllowed ?? 0) - 1,
          disruptedPods: { ...status?.disruptedPods, [pod.metadata.name]: '' },
        },
      };
      spent.set(`${namespace}/${name}`, after);
    }
  }
  return [...spent.values()];
}
