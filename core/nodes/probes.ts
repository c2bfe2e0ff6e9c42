import type { Container, Probe } from '../schema/generated/kinds.ts';
import type { Plan } from './runtime.ts';

/** What a running container's probes will have found, in ms since the epoch. */
interface ProbeResults {
  /** When it counts as started; never when its startup probe fails. */
  readonly startedAt: number | undefined;
  readonly readyAt: number | undefined;
  /** When the kubelet stops it for a failed probe. */
  readonly killedAt: number | undefined;
  readonly killedBy: 'startup' | 'liveness' | undefined;
}

/**
 * The whole course of a container's probes (pkg/kubelet/prober): the first one `initialDelaySeconds` after the container's start, the next
 * ones `periodSeconds` apart; readiness and liveness wait for startup. A probe of ours succeeds always or never, so no probe needs to be
 * run, and a container is looked at again only when the result changes.
 */
export function probeResults(container: Container, plan: Plan, started: number): ProbeResults {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  if (startupProbe && !plan.passes(startupProbe)) {
    return { startedAt: undefined, readyAt: undefined, killedAt: decidedAt(startupProbe, started, 'failure'), killedBy: 'startup' };
  }
  const startedAt = startupProbe ? decidedAt(startupProbe, started, 'success') : started;
  const fails = livenessProbe !== undefined && !plan.passes(livenessProbe);
  return {
    startedAt,
    readyAt: !readinessProbe ? startedAt : plan.passes(readinessProbe) ? Math.max(startedAt, decidedAt(readinessProbe, started, 'success')) : undefined,
    killedAt: fails ? Math.max(startedAt, decidedAt(livenessProbe, started, 'failure')) : undefined,
    killedBy: fails ? 'liveness' : undefined,
  };
}

/** When a probe has succeeded, or failed, as often in a row as it takes. */
function decidedAt(probe: Probe, started: number, result: 'success' | 'failure'): number {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  const times = result === 'success' ? successThreshold : failureThreshold;
  return started + (initialDelaySeconds + (times - 1) * periodSeconds) * 1000;
}
