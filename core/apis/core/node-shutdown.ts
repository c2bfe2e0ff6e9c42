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
export function shutdownPeriods({ metadata }: Node): { regularMs: number; criticalMs: number } {
  const [whole, critical] = (metadata.annotations?.[SHUTDOWN] ?? '').split('/').map(parseGoDuration);
  const isValid = whole !== undefined && critical !== undefined && critical >= 0 && whole >= critical;
  return isValid ? { regularMs: whole - critical, criticalMs: critical } : { regularMs: 20_000, criticalMs: 10_000 };
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
