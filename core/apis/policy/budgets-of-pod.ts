import type { Pod, PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { selecting, selectorIndex } from '../label-selection.ts';

/** The disruption budgets that cover a pod. */
export const budgetsOfPod = (pod: Pod, state: State): PodDisruptionBudget[] => selecting(budgets, pod, state);

const budgets = selectorIndex('poddisruptionbudgets.policy', ({ spec }) => spec?.selector);
