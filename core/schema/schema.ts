import type { KubeObject } from '../kube/object.ts';

/**
 * The Kubernetes 1.36 schema, as generated from `@kubernetes/client-node` and the tables in `facts/` (see scripts/generate).
 * Types are named by their OpenAPI definition: `io.k8s.api.core.v1.PodSpec`.
 */

export interface TypeSchema {
  /** Absent on types that are not structs (Quantity, Time, IntOrString, RawExtension, JSON, …): see `type` and `format`. */
  readonly fields?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly type?: string;
  readonly format?: string;
  /** `atomic`: server-side apply replaces it whole. */
  readonly mapType?: string;
  readonly gvk?: readonly { group: string; version: string; kind: string }[];
}

export interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly format?: string;
  /** Another type, by its name. */
  readonly ref?: string;
  /** Of an array. */
  readonly items?: FieldSchema;
  /** Of an object with free keys (`map[string]T`): the schema of its values. */
  readonly map?: FieldSchema;
  readonly mapType?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  /** `merge`, `replace`, `retainKeys`, `merge,retainKeys` */
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

export type { KubeObject };
