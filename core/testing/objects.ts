import { controllerRef, type KubeObject, type OwnerReference, timestamp } from '../kube/object.ts';
import type {
  ConfigMap,
  Container,
  DaemonSet,
  Deployment,
  Job,
  Namespace,
  Node,
  NodeSpec,
  Pod,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
  StatefulSet,
} from '../schema/generated/kinds.ts';
import { NOW } from './env.ts';

/**
 * The smallest objects that their kinds allow, as clients write them; `stored` (state.ts) makes of them what a cluster has. What is of the
 * `spec` may be given beside the rest.
 */

/** Seconds before (or, negative, after) NOW, as a Kubernetes time. */
export const ago = (seconds: number): string => timestamp(NOW - seconds * 1000);

interface Metadata {
  labels?: Record<string, string>;
  namespace?: string;
  metadata?: object;
}

export const namespace = (name: string, { metadata, ...rest }: { metadata?: object; spec?: object; status?: object } = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...metadata },
  ...rest,
});

export const configMap = (name: string, { labels, namespace = 'default', metadata, ...rest }: Metadata & Partial<ConfigMap> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ...(labels && { labels }), ...metadata },
  ...rest,
});

interface NodeOptions extends NodeSpec {
  labels?: Record<string, string>;
  metadata?: object;
  /** What of it pods may use, other than the 4 CPUs and 16 GiB that every node of the tests has. */
  allocatable?: Record<string, string>;
  declaredFeatures?: readonly string[];
}

export const node = (name: string, { labels, metadata, allocatable, declaredFeatures, ...spec }: NodeOptions = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels }, ...metadata },
  // One with an agent, of whose heartbeats none is missed.
  spec: { providerID: `logplane:///zone/${name}`, ...spec },
  status: {
    allocatable: { cpu: '4', memory: '16Gi', pods: '110', ...allocatable },
    conditions: [{ type: 'Ready', status: 'True' }],
    ...(declaredFeatures && { declaredFeatures: [...declaredFeatures] }),
  },
});

export interface PodOptions extends Partial<PodSpec> {
  labels?: Record<string, string>;
  owner?: KubeObject;
  metadata?: object;
  /** Of its only container. */
  container?: Partial<Container>;
  /** cpu, memory, … of its only container. */
  requests?: Record<string, string>;
  phase?: string;
  /** Seconds that it has been ready. */
  readyFor?: number;
  status?: object;
}

export const pod = (
  name: string,
  { labels = { app: 'web' }, owner, metadata, container, requests, phase = 'Pending', readyFor, status, ...spec }: PodOptions = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels, ...(owner && { ownerReferences: [controllerRef(owner) as OwnerReference] }), ...metadata },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27', ...(requests && { resources: { requests } }), ...container }], ...spec },
  status: {
    phase: readyFor === undefined ? phase : 'Running',
    ...(readyFor !== undefined && { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }] }),
    ...status,
  },
});

/** A ready pod on a node. */
export const readyPod = (name: string, options: PodOptions = {}): Pod => pod(name, { nodeName: 'node-1', readyFor: 30, ...options });

const labels = { app: 'web' };

export const template = (image = 'nginx:1', more: object = {}): PodTemplateSpec => ({
  metadata: { labels },
  spec: { containers: [{ name: 'web', image }], ...more },
});

/** Of a workload that has been there for an hour. */
const workload = (name: string, more: object = {}) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  creationTimestamp: ago(3600),
  generation: 1,
  ...more,
});

export const deployment = (spec: object = {}, more: { metadata?: object } = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: workload('web', more.metadata),
  spec: { replicas: 3, selector: { matchLabels: labels }, template: template(), progressDeadlineSeconds: 600, ...spec },
});

export const replicaSet = (spec: object = {}, more: { metadata?: object; status?: object } = {}): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: workload('web', more.metadata),
  spec: { replicas: 3, selector: { matchLabels: labels }, template: template(), ...spec },
  ...(more.status && { status: { replicas: 0, ...more.status } }),
});

export const statefulSet = (spec: object = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: workload('web'),
  spec: { replicas: 3, serviceName: 'web', selector: { matchLabels: labels }, template: template(), ...spec },
});

export const daemonSet = (spec: object = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: workload('web'),
  spec: { selector: { matchLabels: labels }, template: template(), ...spec },
});

export const job = (spec: object = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: workload('pi'),
  spec: { template: { spec: { containers: [{ name: 'pi', image: 'perl' }], restartPolicy: 'Never' } }, ...spec },
});
