import type { JSONSchemaProps } from './generated/kinds.ts';

/**
 * What is known of a type: one form for Kubernetes' own (`built-in-types.ts`) and for what a CustomResourceDefinition describes. Decoding, patches, protobuf and
 * OpenAPI all read it.
 */
export interface TypeSchema {
  /** The name of its OpenAPI definition: `io.k8s.api.core.v1.PodSpec`; '' for a type that stands in the field that is of it. */
  readonly name: string;
  /** What it is for; that of Kubernetes' own types is in `descriptions.ts`. */
  readonly description?: string;
  /** Absent on types that are not structs (Quantity, Time, IntOrString, RawExtension, JSON, …): see `type` and `format`. */
  readonly fields?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly type?: string;
  readonly format?: string;
  /** `atomic`: server-side apply replaces it whole. */
  readonly mapType?: string;
  readonly gvk?: readonly { group: string; version: string; kind: string }[];
  /** Fields that it does not have are kept all the same (`x-kubernetes-preserve-unknown-fields`). */
  readonly preserveUnknownFields?: true;
  /** Of a custom type: what its definition says of it, by which its objects are pruned, completed and validated (`custom/`). */
  readonly jsonSchema?: JSONSchemaProps;
  /** Of the list of a custom type: what it lists. */
  readonly listOf?: { readonly type: string; readonly kind: string; readonly plural: string };
  /** The structs that Go embeds in it, by name, with the number of the protobuf field that each is: `VolumeSource`, `RuleWithOperations.Rule`. */
  readonly embedded?: Readonly<Record<string, number>>;
}

export interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly format?: string;
  /** Another type of Kubernetes' own, by its name. */
  readonly ref?: string;
  /** A type that has no name. */
  readonly struct?: TypeSchema;
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
  readonly presence: Presence;
  /** What stands there when the value has none (`default` of a CustomResourceDefinition). The defaults of Kubernetes' own types are in their strategies. */
  readonly default?: unknown;
  /** What it is for; that of Kubernetes' own types is in `descriptions.ts`. */
  readonly description?: string;
  /** The number of its protobuf field. */
  readonly number?: number;
  /** The name of its Go type, for error messages, where that is not the name of what it is made of: `v1.DNSPolicy`. */
  readonly goType?: string;
  /** The struct of `TypeSchema.embedded` that it is a field of in Go. */
  readonly embedded?: string;
  /** Go declares the list as a type of its own: a message with one repeated field. */
  readonly message?: true;
}

/**
 * How Go holds a field, which decides what its absence means in JSON and on the wire:
 * - `pointer`: nothing stands for nothing, and a zero that was given stays (`replicas: 0`). So it is with every field of a custom resource.
 * - `value`: its zero is left out of the JSON (`omitempty`), and always written in protobuf.
 * - `always`: its zero stands in the JSON too (`name: ""`, `resources: {}`).
 */
export type Presence = 'pointer' | 'value' | 'always';
