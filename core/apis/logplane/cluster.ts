import type { KubeObject } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import { API_VERSION, GROUP } from './own-resource.ts';

/** A cluster of this host, as an object of the cluster `root` (docs/clusters.md). */
export interface Cluster extends KubeObject {
  spec: ClusterSpec;
  status?: ClusterStatus;
}

export interface ClusterSpec {
  readonly forkOf?: { readonly name: string; readonly at?: string | number };
  readonly ttl?: string;
  readonly expiresAt?: string;
  readonly nodes?: number;
  readonly clock?: ClockSpec;
  readonly retention?: string;
  readonly eventTTL?: string;
  readonly suspended?: boolean;
  /** An order: what came of it stands in the status, and no longer here. */
  readonly resetTo?: string | number;
}

export interface ClockSpec {
  readonly rate?: number;
  readonly paused?: boolean;
  /** An order, as `resetTo`. */
  readonly advance?: string;
}

export interface ClusterStatus {
  readonly phase?: ClusterPhase;
  readonly conditions?: readonly Condition[];
  /** Of the spec that has been carried out. */
  readonly observedGeneration?: number;
  /** The name of its log, which no other cluster of this name had or will have. */
  readonly log?: string;
  readonly expiresAt?: string;
  /** Where it left its parent's history. */
  readonly fork?: { readonly offset: Offset };
  /** By how much its clock was to be put forward, and has been, since it began; and whether the spec has set it. */
  readonly clock?: { readonly ordered?: string; readonly advanced?: string; readonly isSet?: boolean };
  readonly reset?: ResetStatus;
  /** Why it cannot be had. */
  readonly failure?: string;
}

/** The last reset, and how many were ordered and completed. */
export interface ResetStatus {
  readonly to: string;
  readonly offset: Offset;
  /** Where the cluster was when it was ordered. */
  readonly from: Offset;
  readonly ordered: number;
  readonly completed: number;
  /** Why it could not be done. */
  readonly failure?: string;
}

export type ClusterPhase = 'Ready' | 'Resetting' | 'Suspended' | 'Failed' | 'Terminating';

interface Condition {
  readonly type: 'Ready' | 'Suspended';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export const CLUSTERS = `clusters.${GROUP}`;

/** As long as it is there, a cluster's log is not removed. */
export const LOG_FINALIZER = `${GROUP}/log`;

export const clusterNamed = (name: string): Cluster => ({ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name }, spec: {} });
