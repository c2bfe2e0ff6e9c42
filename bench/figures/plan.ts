import { noWebhooks } from '../../core/admission/ask.ts';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { clusterReconcilers } from '../../core/clusters/cluster-reconcilers.ts';
import { systemEnv } from '../../core/env.ts';
import { MASTERS } from '../../core/kube/user.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { nodeObjects } from '../../core/nodes/node-objects.ts';
import { plan as planOf } from '../../core/plan/plan.ts';
import { Replica } from '../../core/replica/replica.ts';
import { soleProfile } from '../../core/scheduler/profiles.ts';
import { deployment, median } from '../workloads.ts';

const NODES = 100;
const REPLICAS = 1_000;
const RUNS = 5;

/** The plan of a Deployment of 1,000 replicas on 100 nodes, until all would be available (median of 5), and the first of them. */
export async function plan(): Promise<Record<string, number>> {
  const env = systemEnv;
  const replica = await Replica.open({ log: memoryLog(), cluster: 'plan', env, exclusive: true });
  const objects = [...bootstrapObjects(replica.now()), ...nodeObjects(NODES, replica.now())];
  await bootstrap(replica, { objects, env, admissionPlugins: defaultAdmissionPlugins });
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const status = await planOf({
      cluster: 'plan',
      state: replica.state,
      now: replica.now(),
      spec: { until: 'ready', seed: run, webhooks: 'Never' },
      manifests: [deployment('web', REPLICAS)],
      user: { username: 'bench', groups: [MASTERS] },
      manager: 'kubectl',
      env,
      reconcilers: clusterReconcilers({ eventTtlMs: 0 }),
      schedulerProfiles: soleProfile(),
      admissionPlugins: defaultAdmissionPlugins,
      ask: noWebhooks,
    });
    times.push(performance.now() - started);
    if (status.result !== 'Succeeds') throw new Error(status.message);
  }
  return { plan_1000_ms: median(times), plan_1000_first_ms: times[0]! };
}
