import { measure } from '../scheduler-perf/measure.ts';
import { workloads } from '../scheduler-perf/workloads.ts';

/** Pods placed a second, and in a second of computing time, in the workloads of kubernetes' scheduler_perf, all of them or `only` one. */
export async function schedulerPerf({ only }: { only?: string } = {}): Promise<Record<string, number>> {
  const out: Record<string, number> = {};
  for (const [name, workload] of Object.entries(workloads)) {
    if (only !== undefined && name !== only && name !== `sched_${only}`) continue;
    const { perSecond, perCpuSecond } = await measure(workload);
    out[name] = perSecond;
    out[`${name}_cpu`] = perCpuSecond;
  }
  if (Object.keys(out).length === 0) throw new Error(`no such workload: ${only} (there are ${Object.keys(workloads).join(', ')})`);
  return out;
}
