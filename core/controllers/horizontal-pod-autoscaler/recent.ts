import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../schema/generated/kinds.ts';
import { TICK } from './ticks.ts';

/**
 * What an autoscaler recommended a while ago, and how it has scaled: what windows of stabilization and policies look back at. kube-controller-manager has it in memory and begins anew when it
 * is restarted; here it is an annotation of the autoscaler, there only while it matters, so that every process comes to the same.
 */
export interface Recent {
  /** What is recommended now, as often as it was looked at since it last changed. Undefined: nothing was yet. */
  readonly latest: number | undefined;
  /** What was recommended before, each with the last time that it was. */
  readonly earlier: readonly Dated[];
  /** By how many replicas it scaled, up (above zero) or down. */
  readonly changes: readonly Dated[];
}

interface Dated {
  readonly count: number;
  readonly at: ClusterInstant;
}

export const RECENT = 'autoscaling.logplane.dev/recent';

export function recentOf({ metadata, status }: HorizontalPodAutoscaler): Recent {
  const written = metadata.annotations?.[RECENT];
  if (written !== undefined) return parse(written);
  // For longer than any window it has recommended what it wants.
  const isActive = status?.conditions?.some(({ type, status }) => type === 'ScalingActive' && status === 'True');
  return { latest: isActive ? status!.desiredReplicas : undefined, earlier: [], changes: [] };
}

/** `3@2026-01-01T00:00:00Z 5; +2@2026-01-01T00:00:00Z`: recommendations, the latest without a time; then changes. */
function parse(text: string): Recent {
  const [recommendations = '', changes = ''] = text.split(';').map((part) => part.trim().split(' ').filter(Boolean)) as [string[], string[]] | [];
  const dated = (entry: string): Dated[] => {
    const [count, at] = entry.split('@');
    const dated = { count: Number(count), at: clusterInstant(at ?? '') };
    return Number.isInteger(dated.count) && !Number.isNaN(dated.at) ? [dated] : [];
  };
  const latest = [...recommendations].find((entry) => /^\d+$/.test(entry));
  return { latest: latest === undefined ? undefined : Number(latest), earlier: [...recommendations].flatMap(dated), changes: [...changes].flatMap(dated) };
}

/** The annotation; undefined when nothing is to be remembered but what the status says. */
export function recentText({ latest, earlier, changes }: Recent, desiredReplicas: number): string | undefined {
  if (earlier.length === 0 && changes.length === 0 && (latest === undefined || latest === desiredReplicas)) return undefined;
  const dated = ({ count, at }: Dated, sign = '') => `${sign}${count}@${timestamp(at)}`;
  const recommendations = [...earlier.map((one) => dated(one)), ...(latest === undefined ? [] : [String(latest)])].join(' ');
  return changes.length === 0 ? recommendations : `${recommendations}; ${changes.map((one) => dated(one, one.count > 0 ? '+' : '')).join(' ')}`;
}

/** How far back the windows of each direction look, in ms. */
export interface Windows {
  readonly up: number;
  readonly down: number;
}

/** `--horizontal-pod-autoscaler-downscale-stabilization` */
const DOWNSCALE_STABILIZATION = 300;

export const windowsOf = ({ spec: { behavior } }: Pick<HorizontalPodAutoscaler, 'spec'>): Windows => ({
  up: (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000,
  down: (behavior?.scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION) * 1000,
});

/** After another look, which recommended so many. `first`: how many there were when the autoscaler first looked. */
export function recommending(recent: Recent, replicas: number, { now, windows, first }: { now: ClusterInstant; windows: Windows; first: Dated }): Recent {
  const { latest, earlier } = recent;
  // The look before this one was the last that came to what was recommended until now.
  const before = latest === undefined ? [first] : latest === replicas ? [] : [{ count: latest, at: plus(now, -TICK) }];
  // A lower one matters to who grows, a higher one to who shrinks.
  const matters = ({ count, at }: Dated) => at > now - (count < replicas ? windows.up : count > replicas ? windows.down : 0);
  return { ...recent, latest: replicas, earlier: [...earlier, ...before].filter(matters) };
}

/** After a change by so many replicas, as far as the policies look back. */
export function scaling(
  recent: Recent,
  count: number,
  { now, behavior }: { now: ClusterInstant; behavior: HorizontalPodAutoscaler['spec']['behavior'] },
): Recent {
  if (!behavior) return { ...recent, changes: [] };
  const longest = Math.max(...[behavior.scaleUp, behavior.scaleDown].flatMap(periodsOf), 0);
  const changes = [...recent.changes, ...(count === 0 ? [] : [{ count, at: now }])];
  return { ...recent, changes: changes.filter(({ at }) => at > now - longest) };
}

const periodsOf = (rules: HPAScalingRules | undefined): number[] => rules?.policies?.map(({ periodSeconds }) => periodSeconds * 1000) ?? [];
