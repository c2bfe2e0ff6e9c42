import type { Container, Probe } from '../schema/generated/kinds.ts';
import type { Finding, Plan } from './runtime.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** A probe that has failed as often in a row as it takes, or the first time of more. */
export interface Failures {
  readonly kind: ProbeKind;
  /** When it failed first, in ms since the epoch. */
  readonly since: number;
  /** How often, until something came of it. */
  readonly count: number;
  readonly message: string;
}

/** What a running container's probes find, in ms since the epoch. */
export interface ProbeResults {
  /** When it counts as started; never when its startup probe fails. */
  readonly startedAt: number | undefined;
  /** Whether it is ready, at each time at which that changes. Before the first it is not. */
  readonly readiness: readonly { readonly at: number; readonly ready: boolean }[];
  /** When the kubelet stops it for a failed probe, and for which. */
  readonly killed: { readonly at: number; readonly kind: 'startup' | 'liveness'; readonly probe: Probe } | undefined;
  readonly failures: readonly Failures[];
}

/**
 * The whole course of a container's probes (pkg/kubelet/prober/worker.go): the first one `initialDelaySeconds` after the container's start, the
 * next ones `periodSeconds` apart; readiness and liveness wait for startup. A runtime says when a probe's result changes, so that no probe needs
 * to be run, and a container is looked at again only when something comes of it.
 */
export function probeResults(container: Container, plan: Plan, started: number): ProbeResults {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const failures: Failures[] = [];
  const courseOf = (kind: ProbeKind, probe: Probe, from: number) => {
    const course = decisions(probe, plan.course(probe), { started, from });
    for (const run of course.failing) failures.push({ ...run, kind });
    return course.decided;
  };

  let startedAt: number | undefined = started;
  if (startupProbe) {
    const [first] = courseOf('startup', startupProbe, started);
    if (first && !first.success)
      return { startedAt: undefined, readiness: [], killed: { at: first.at, kind: 'startup', probe: startupProbe }, failures: failures.slice(0, 1) };
    startedAt = first?.at;
  }
  if (startedAt === undefined) return { startedAt, readiness: [], killed: undefined, failures };
  const decided = readinessProbe ? courseOf('readiness', readinessProbe, startedAt) : [{ at: startedAt, success: true }];
  const readiness = decided.map(({ at, success }) => ({ at, ready: success }));
  const failed = livenessProbe && courseOf('liveness', livenessProbe, startedAt).find(({ success }) => !success);
  return { startedAt, readiness, killed: failed && { at: failed.at, kind: 'liveness', probe: livenessProbe! }, failures };
}

/** When a container counts as started, as the next one and its own probes wait for it: its postStart hook has ended, and its startup probe succeeded. */
export const startedAt = (container: Container, plan: Plan, started: number): number =>
  Math.max(probeResults(container, plan, started).startedAt ?? Number.POSITIVE_INFINITY, hookedAt(container, plan, started));

/** When its postStart hook has ended; never when that fails. */
export function hookedAt({ lifecycle }: Container, plan: Plan, started: number): number {
  const hook = lifecycle?.postStart && plan.hook(lifecycle.postStart, 0);
  if (!hook) return 0;
  return hook.failed ? Number.POSITIVE_INFINITY : started + hook.takesMs;
}

interface Course {
  /** What it comes to, by its thresholds, whenever that is another thing than before. */
  readonly decided: readonly { readonly at: number; readonly success: boolean }[];
  readonly failing: readonly Omit<Failures, 'kind'>[];
}

function decisions(probe: Probe, findings: readonly Finding[], { started, from }: { started: number; from: number }): Course {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  const period = Math.max(1, periodSeconds) * 1000;
  const first = Math.max(from, started + initialDelaySeconds * 1000);
  const decided: { at: number; success: boolean }[] = [];
  const failing: Omit<Failures, 'kind'>[] = [];
  let row = { success: true, length: 0, since: first };
  for (const [i, finding] of findings.entries()) {
    const begins = Math.max(first, started + finding.from);
    const ends = i + 1 < findings.length ? started + findings[i + 1]!.from : Number.POSITIVE_INFINITY;
    // The probes that fall into this time.
    const earliest = first + Math.ceil((begins - first) / period) * period;
    if (earliest >= ends) continue;
    const number = Math.ceil((ends - earliest) / period);
    const success = finding.failure === undefined;
    const before = row.success === success ? row : { success, length: 0, since: earliest };
    row = { ...before, length: before.length + number };
    const threshold = success ? successThreshold : failureThreshold;
    const at = earliest + (threshold - before.length - 1) * period;
    const reached = before.length < threshold && row.length >= threshold;
    if (reached && decided.at(-1)?.success !== success) decided.push({ at, success });
    if (!success && before.length === 0) failing.push({ since: earliest, count: Math.min(row.length, failureThreshold), message: finding.failure! });
  }
  return { decided, failing };
}
