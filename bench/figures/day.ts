import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { metricsServer } from '../../core/bootstrap/metrics-server.ts';
import { controllersReconciler } from '../../core/controllers/registry.ts';
import { type Env, systemEnv } from '../../core/env.ts';
import { elapsedAt, realInstant } from '../../core/instant.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { nodeObjects } from '../../core/nodes/node-objects.ts';
import { nodesReconciler } from '../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../core/nodes/runtimes/simulated.ts';
import { Runner } from '../../core/reconcile/runner.ts';
import { Replica } from '../../core/replica/replica.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';
import type { CronJob, Deployment, HorizontalPodAutoscaler } from '../../core/schema/generated/kinds.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;
const NODES = 10;
const DEPLOYMENTS = 30;
const CRON_JOBS = 20;

/**
 * How long a day takes of a cluster with 50 workloads, whose clock goes from each wake-up to the next: 30 Deployments with autoscalers, whose load rises for two hours of the morning and falls for
 * two of the evening, and 20 CronJobs, half of them every ten minutes.
 */
export async function day(): Promise<Record<string, number>> {
  let now = START;
  const clock = { now: () => realInstant(now), elapsed: () => elapsedAt(now), sleep: async () => {}, turn: systemEnv.clock.turn };
  const env: Env = { ...systemEnv, clock };
  const replica = await Replica.open({ log: memoryLog(), cluster: 'day', env, exclusive: true });
  const objects = [...bootstrapObjects(START), ...metricsServer(), ...nodeObjects(NODES, START), ...workloads()];
  await bootstrap(replica, { objects, env, admissionPlugins: defaultAdmissionPlugins });
  const reconcilers = [controllersReconciler(), schedulerReconciler(), nodesReconciler({ runtime: simulatedRuntime })];
  const runners = reconcilers.map((reconciler) => new Runner({ replica, reconciler, env, admissionPlugins: defaultAdmissionPlugins }));
  const started = performance.now();
  const begun = replica.state.offset;
  let entries = 0;
  while (now < START + DAY) {
    let next: number | undefined;
    for (let before = -1; before < replica.state.offset; entries++) {
      before = replica.state.offset;
      const times = [];
      for (const runner of runners) times.push(await runner.run());
      next = Math.min(...times.filter((time) => time !== undefined));
    }
    now = Math.max(now + 1, Math.min(next ?? Number.POSITIVE_INFINITY, START + DAY));
  }
  return { day_s: (performance.now() - started) / 1000, day_events: replica.state.offset - begun, day_rounds: entries };
}

function workloads(): KubeObject[] {
  const deployments = Array.from({ length: DEPLOYMENTS }, (_, i) => [deployment(i), autoscaler(i)]).flat();
  return [...deployments, ...Array.from({ length: CRON_JOBS }, (_, i) => cronJob(i))];
}

const metadata = (name: string, annotations: Record<string, string> = {}) => ({ name, namespace: 'default', annotations });

const deployment = (i: number): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(`web-${i}`, { 'load.logplane.dev/cpu': `07:${10 + i}=100m, 09:${10 + i}=500m, 17:${10 + i}=500m, 19:${10 + i}=100m` }),
  spec: {
    selector: { matchLabels: { app: `web-${i}` } },
    template: {
      metadata: { labels: { app: `web-${i}` } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }], resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
    },
  },
});

const autoscaler = (i: number): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: metadata(`web-${i}`),
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `web-${i}` },
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  },
});

const cronJob = (i: number): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: metadata(`job-${i}`),
  spec: {
    schedule: i % 2 === 0 ? '*/10 * * * *' : `${i} * * * *`,
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'busybox:1', command: ['sleep', '20'] }] } } } },
  },
});
