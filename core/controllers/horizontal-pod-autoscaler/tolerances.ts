import { parseQuantity } from '../../kube/quantity.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../schema/generated/kinds.ts';

/** How far from its target a value may be, as a share of it, before the replicas follow. */
export interface Tolerances {
  readonly scaleDown: number;
  readonly scaleUp: number;
}

/** `--horizontal-pod-autoscaler-tolerance` */
const DEFAULT = 0.1;

/** An autoscaler may have its own for each direction (KEP 4951). */
export function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const of = (rules: HPAScalingRules | undefined) => (rules?.tolerance === undefined ? DEFAULT : Number(parseQuantity(rules.tolerance).nanos) / 1e9);
  return { scaleDown: of(behavior?.scaleDown), scaleUp: of(behavior?.scaleUp) };
}

export const isWithin = ({ scaleDown, scaleUp }: Tolerances, ratio: number): boolean => 1 - scaleDown <= ratio && ratio <= 1 + scaleUp;
