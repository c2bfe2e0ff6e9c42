import type { GroupResource } from '../kube/object.ts';
import type { Strategy } from './strategy.ts';

/** One served resource, all its versions together. The registry (`registry.ts`) is the list of them, written once; discovery, OpenAPI, tables and admission derive from it. */
export interface Resource {
  /** `pods`, `deployments.apps`: the name under which its objects are kept. */
  readonly groupResource: GroupResource;
  /** '' for the legacy group. */
  readonly group: string;
  /** The plural: `deployments`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The served versions, preferred first. Objects are kept in the preferred version of the resource that keeps them. */
  readonly versions: readonly ServedVersion[];
  readonly strategy: Strategy;
  /**
   * Set when another resource keeps the objects: `events.events.k8s.io` shows the objects of `events`.
   * The API reads and writes `keptAs`, and converts with `versions[i].fromKept` and `toKept`.
   */
  readonly keptAs?: GroupResource;
}

export interface ServedVersion {
  readonly version: string;
  /** The OpenAPI definition of the kind: `io.k8s.api.apps.v1.Deployment`. */
  readonly type: string;
  /** `create`, `delete`, `deletecollection`, `get`, `list`, `patch`, `update`, `watch`; Kubernetes' own set for this resource. */
  readonly verbs: readonly string[];
  readonly subresources: Readonly<Record<string, Subresource>>;
  /** Converts a kept object into this version and back; none when the versions have the same shape and only apiVersion differs. */
  readonly fromKept?: (object: import('../kube/object.ts').KubeObject) => import('../kube/object.ts').KubeObject;
  readonly toKept?: (object: import('../kube/object.ts').KubeObject) => import('../kube/object.ts').KubeObject;
}

export interface Subresource {
  /** The kind that it speaks: `Deployment` for status, `Scale` (autoscaling/v1) for scale, `Eviction`, `Binding`, … */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}
