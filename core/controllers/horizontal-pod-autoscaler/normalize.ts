import { type ClusterInstant, plus } from '../../instant.ts';
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from '../../schema/generated/kinds.ts';
import type { Conditions } from './conditions.ts';
import { type Recent, windowsOf } from './recent.ts';

/** What bounds a recommendation. */
export interface Bounds {
  readonly current: number;
  readonly min: number;
  readonly max: number;
  /** What came before; the recommendation itself is no part of it. */
  readonly recent: Recent;
  readonly now: ClusterInstant;
  /** Told of a moment from which on a bound may be another one. */
  readonly changesAt: (at: ClusterInstant) => void;
}

/**
 * How many replicas there shall be, when so many are recommended (horizontal.go, normalizeDesiredReplicas and normalizeDesiredReplicasWithBehaviors): what was recommended a while ago holds
 * back, and no more comes or goes at once than the rules allow.
 */
export function normalize(
  { spec }: HorizontalPodAutoscaler,
  recommended: number,
  { conditions, ...bounds }: Bounds & { readonly conditions: Conditions },
): number {
  const windows = windowsOf({ spec });
  const { behavior } = spec;
  const { replicas: stabilized, reason: stabilizing } = behavior ? stabilizedBothWays(recommended, bounds) : stabilizedDown(recommended, bounds);
  if (stabilized !== recommended) {
    conditions.set('AbleToScale', 'True', stabilizing, STABILIZED[stabilizing]);
    for (const { count, at } of bounds.recent.earlier) bounds.changesAt(plus(at, count < recommended ? windows.up : windows.down));
  } else conditions.set('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
  const { replicas, reason } = behavior ? limitedByRules(stabilized, behavior, bounds) : limited(stabilized, bounds);
  conditions.set('ScalingLimited', replicas === stabilized ? 'False' : 'True', reason, LIMITED[reason]);
  return replicas;
}

const STABILIZED = {
  ScaleUpStabilized: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
  ScaleDownStabilized: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};

const LIMITED = {
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  DesiredWithinRange: 'the desired count is within the acceptable range',
};

interface Normalized<Reason> {
  readonly replicas: number;
  readonly reason: Reason;
}

function stabilizedDown(recommended: number, { recent }: Bounds): Normalized<keyof typeof STABILIZED> {
  return { replicas: Math.max(recommended, ...recent.earlier.map(({ count }) => count)), reason: 'ScaleDownStabilized' };
}

/** What is earlier and lower is within the window of growing, what is higher within that of shrinking (recent.ts). */
function stabilizedBothWays(recommended: number, { current, recent }: Bounds): Normalized<keyof typeof STABILIZED> {
  const counts = recent.earlier.map(({ count }) => count);
  const [least, most] = [Math.min(recommended, ...counts), Math.max(recommended, ...counts)];
  return { replicas: Math.min(Math.max(current, least), most), reason: recommended >= current ? 'ScaleUpStabilized' : 'ScaleDownStabilized' };
}

/** Without rules of its own, an autoscaler at most doubles, or goes to four. */
function limited(wanted: number, { current, min, max }: Bounds): Normalized<keyof typeof LIMITED> {
  const rate = Math.max(2 * current, 4);
  if (wanted < min) return { replicas: min, reason: 'TooFewReplicas' };
  if (wanted > Math.min(max, rate)) return max > rate ? { replicas: rate, reason: 'ScaleUpLimit' } : { replicas: max, reason: 'TooManyReplicas' };
  return { replicas: wanted, reason: 'DesiredWithinRange' };
}

function limitedByRules(
  wanted: number,
  { scaleUp, scaleDown }: NonNullable<HorizontalPodAutoscaler['spec']['behavior']>,
  bounds: Bounds,
): Normalized<keyof typeof LIMITED> {
  const { current, min, max, recent, changesAt } = bounds;
  // Once a period of some policy has passed, it allows more.
  const wait = (rules: HPAScalingRules | undefined) => {
    for (const { at } of recent.changes) for (const { periodSeconds } of rules?.policies ?? []) changesAt(plus(at, periodSeconds * 1000));
  };
  if (wanted > current) {
    const most = Math.max(current, limitOf(scaleUp!, bounds, 1));
    if (wanted > Math.min(max, most)) {
      wait(scaleUp);
      return max > most ? { replicas: most, reason: 'ScaleUpLimit' } : { replicas: max, reason: 'TooManyReplicas' };
    }
  } else if (wanted < current) {
    const least = Math.min(current, limitOf(scaleDown!, bounds, -1));
    if (wanted < Math.max(min, least)) {
      wait(scaleDown);
      return min < least ? { replicas: least, reason: 'ScaleDownLimit' } : { replicas: min, reason: 'TooFewReplicas' };
    }
  }
  return { replicas: wanted, reason: 'DesiredWithinRange' };
}

/** How far the rules of one direction let it go (calculateScaleUpLimitWithScalingRules, calculateScaleDownLimitWithBehaviors). */
function limitOf({ policies = [], selectPolicy }: HPAScalingRules, { current, recent, now }: Bounds, direction: 1 | -1): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map((policy) => {
    const since = now - policy.periodSeconds * 1000;
    const changed = recent.changes.reduce((sum, { count, at }) => (at > since ? sum + count : sum), 0);
    return limitOfPolicy(policy, current - changed, direction);
  });
  // The policy with the least change is the lowest limit upwards, and the highest downwards.
  return (selectPolicy === 'Min') === (direction === 1) ? Math.min(...limits) : Math.max(...limits);
}

/** From what there was when the period began. Upwards a part of a pod is a whole one, so that it grows at all. */
function limitOfPolicy({ type, value }: HPAScalingPolicy, from: number, direction: 1 | -1): number {
  if (type === 'Pods') return from + direction * value;
  return direction === 1 ? Math.ceil(from * (1 + value / 100)) : Math.trunc(from * (1 - value / 100));
}
