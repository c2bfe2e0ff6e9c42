import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import type { KubeObject } from '../kube/object.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import type { APIService, Container, Deployment, HorizontalPodAutoscaler } from '../schema/generated/kinds.ts';
import { Cluster } from './cluster.ts';
import { START } from './env.ts';
import { deployment, namespace, template } from './objects.ts';

/** A workload named web whose pods request half a core each, and do what the annotations say. */
export const web = (
  annotations: Record<string, string> = {},
  { container = {}, pod = {} }: { container?: Partial<Container>; pod?: object } = {},
): Deployment => {
  const made = template('web:1', { containers: [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '500m', memory: '64Mi' } }, ...container }] });
  return deployment({ replicas: 1, template: { ...made, metadata: { ...made.metadata, annotations: pod } } }, { metadata: { annotations } });
};

/** An autoscaler for it, by half of the CPU that it requests unless told. */
export const autoscaler = (spec: object = {}, name = 'web'): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    ...spec,
  },
});

/** What an add-on leaves that serves an API of metrics. */
export const apiService = (group: string, version: string): APIService => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `${version}.${group}` },
  spec: { group, version, groupPriorityMinimum: 100, versionPriority: 100, service: { namespace: 'kube-system', name: 'metrics' } },
});

export const ALL_METRICS = [
  apiService('metrics.k8s.io', 'v1beta1'),
  apiService('custom.metrics.k8s.io', 'v1beta2'),
  apiService('external.metrics.k8s.io', 'v1beta1'),
];

/** A cluster with everything at work, on a clock that the test moves. Its Events stay. */
export async function autoscaled(objects: readonly KubeObject[], { metrics = ALL_METRICS }: { metrics?: readonly APIService[] } = {}) {
  const reconcilers = [schedulerReconciler(), controllersReconciler(controllersWith({ eventTtlMs: 0 })), nodesReconciler({ runtime: simulatedRuntime })];
  const cluster = await Cluster.start({
    reconcilers,
    objects: [namespace('default'), namespace('kube-system'), ...nodeObjects(5, START), ...metrics],
    now: START,
  });
  await cluster.settle();
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  return {
    cluster,
    replicas: () => cluster.get(web()).spec!.replicas!,
    status: () => cluster.get(autoscaler()).status!,
    /** `AbleToScale True ReadyForNewScale` */
    conditions: () => cluster.get(autoscaler()).status!.conditions!.map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    minutes: (count: number) => cluster.runUntil(cluster.now + count * 60_000),
  };
}
