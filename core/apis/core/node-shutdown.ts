import { parseGoDuration } from '../../kube/go-duration.ts';
import type { Node, Pod } from '../../schema/generated/kinds.ts';
import { SYSTEM_CRITICAL } from './critical-pod.ts';

/**
 * The graceful shutdown of a node's machine (pkg/kubelet/nodeshutdown), here by annotations: a user shuts it down with the first, and the agent notes in the others since
 * when its pods end, the regular ones and then the critical ones.
 */
export const SHUTDOWN = 'logplane.dev/shutdown';
export const SHUTDOWN_SINCE = 'logplane.dev/shutdown-since';
export const CRITICAL_SINCE = 'logplane.dev/shutdown-critical-since';

export function isShutDown({ metadata }: Node): boolean {
  const value = metadata.annotations?.[SHUTDOWN];
  return value !== undefined && value !== 'false';
}

export const shutdownSince = ({ metadata }: Node): string | undefined => metadata.annotations?.[SHUTDOWN_SINCE];
export const criticalSince = ({ metadata }: Node): string | undefined => metadata.annotations?.[CRITICAL_SINCE];

/** `shutdownGracePeriod` and `shutdownGracePeriodCriticalPods`, which is part of it: as the annotation has them (`60s/20s`), or as the documentation of Kubernetes proposes. */
export const shutdownPeriods = ({ metadata }: Node): Periods => periodsIn(metadata.annotations?.[SHUTDOWN] ?? '') ?? { regularMs: 20_000, criticalMs: 10_000 };

/** Of a shutdown whose periods are not understood, so that it gets the usual ones. */
export function shutdownWarnings({ metadata }: Node): readonly string[] {
  const value = metadata.annotations?.[SHUTDOWN];
  if (value === undefined || value === 'true' || value === 'false' || periodsIn(value)) return [];
  return [
    `metadata.annotations[${SHUTDOWN}]: expected \`true\`, \`false\`, or two durations of which the second is not longer, such as \`60s/20s\`; the node shuts down with 30s/10s`,
  ];
}

interface Periods {
  readonly regularMs: number;
  readonly criticalMs: number;
}

function periodsIn(value: string): Periods | undefined {
  const [whole, critical, ...more] = value.split('/').map(parseGoDuration);
  const isValid = whole !== undefined && critical !== undefined && more.length === 0 && critical >= 0 && whole >= critical;
  return isValid ? { regularMs: whole - critical, criticalMs: critical } : undefined;
}

/** By its priority alone (groupByPriority). */
export const endsLate = ({ spec }: Pod): boolean => (spec?.priority ?? 0) >= SYSTEM_CRITICAL;

/** From when on a pod ends with its node, in ms since the epoch, and how long it may take; undefined: its turn has not come. */
export function endWithNode(pod: Pod, node: Node): { from: number; graceMs: number } | undefined {
  const since = endsLate(pod) ? criticalSince(node) : shutdownSince(node);
  if (since === undefined) return undefined;
  const { regularMs, criticalMs } = shutdownPeriods(node);
  const period = Math.floor((endsLate(pod) ? criticalMs : regularMs) / 1000);
  return { from: Date.parse(since), graceMs: Math.min(period, pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000 };
}
