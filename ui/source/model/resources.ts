import type { Claim, EventObject, Node, Pod, Workload } from './kinds.ts';

/** The resources that the page follows as a whole, as the API names them, and which of their fields it wants (docs/page.md). */
export const resources = {
  nodes: {
    path: '/api/v1/nodes',
    fields: 'metadata.creationTimestamp,metadata.deletionTimestamp,metadata.labels,spec.unschedulable,spec.taints,status.allocatable,status.conditions',
  },
  pods: {
    path: '/api/v1/pods',
    fields: [
      'metadata.creationTimestamp,metadata.deletionTimestamp,metadata.ownerReferences.kind,metadata.ownerReferences.name,metadata.ownerReferences.controller',
      'spec.nodeName,spec.schedulingGates,spec.containers.resources.requests,status.phase,status.reason,status.message',
      'status.conditions.type,status.conditions.status,status.conditions.reason,status.conditions.message',
      ...['containerStatuses', 'initContainerStatuses'].map((name) =>
        ['name', 'ready', 'restartCount', 'state.waiting', 'state.terminated', 'lastState.terminated.exitCode', 'lastState.terminated.reason']
          .map((field) => `status.${name}.${field}`)
          .join(),
      ),
    ].join(),
  },
  deployments: { path: '/apis/apps/v1/deployments', fields: workloadFields() },
  replicasets: { path: '/apis/apps/v1/replicasets', fields: workloadFields() },
  statefulsets: { path: '/apis/apps/v1/statefulsets', fields: workloadFields() },
  daemonsets: { path: '/apis/apps/v1/daemonsets', fields: workloadFields() },
  jobs: { path: '/apis/batch/v1/jobs', fields: workloadFields() },
  cronjobs: { path: '/apis/batch/v1/cronjobs', fields: workloadFields() },
  persistentvolumeclaims: { path: '/api/v1/persistentvolumeclaims', fields: 'metadata.creationTimestamp,spec.storageClassName,status.phase' },
  events: {
    path: '/api/v1/events',
    fields:
      'type,reason,message,count,lastTimestamp,eventTime,series,involvedObject.kind,involvedObject.namespace,involvedObject.name,source.component,reportingComponent,metadata.creationTimestamp',
  },
} as const;

export type ResourceName = keyof typeof resources;

/** By its resource, what is kept of an object. */
export interface Kept {
  readonly nodes: Node;
  readonly pods: Pod;
  readonly deployments: Workload;
  readonly replicasets: Workload;
  readonly statefulsets: Workload;
  readonly daemonsets: Workload;
  readonly jobs: Workload;
  readonly cronjobs: Workload;
  readonly persistentvolumeclaims: Claim;
  readonly events: EventObject;
}

export const resourceNames = Object.keys(resources) as ResourceName[];

function workloadFields(): string {
  return 'metadata.creationTimestamp,metadata.deletionTimestamp,metadata.generation,metadata.ownerReferences,spec.replicas,spec.completions,spec.parallelism,spec.suspend,spec.schedule,spec.paused,status';
}
