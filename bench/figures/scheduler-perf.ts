import { measure } from '../scheduler-perf/measure.ts';
import { workloads } from '../scheduler-perf/workloads.ts';

/**
 * Pods placed a second, and in a second of computing time, in the workloads of kubernetes' scheduler_perf, all of them or `only` one. A control plane runs for longer than a
 * workload, of which the first second goes into V8's compiler: `sched_cold` is what the process comes to in its first workload, `sched_basic` once more; the others come after it.
 */
export async function schedulerPerf({ only }: { only?: string } = {}): Promise<Record<string, number>> {
  const out: Record<string, number> = { sched_cold: (await measure(workloads['sched_basic']!)).perSecond };
  for (const [name, workload] of Object.entries(workloads)) {
    if (only !== undefined && name !== only && name !== `sched_${only}`) continue;
    const { perSecond, perCpuSecond } = await measure(workload);
    out[name] = perSecond;
    out[`${name}_cpu`] = perCpuSecond;
  }
  if (Object.keys(out).length === 1) throw new Error(`no such workload: ${only} (there are ${Object.keys(workloads).join(', ')})`);
  return out;
}
