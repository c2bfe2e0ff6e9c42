import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { ApiextensionsWebhookClientConfig } from '../schema/generated/kinds.ts';
import type { TypeSchema } from '../schema/schema.ts';
import type { Strategy, Table } from './strategy.ts';

/**
 * One served resource, all its versions together: built in (`built-in.ts`) or established by an object of the cluster (`definers.ts`). `Apis` is the list
 * of them; discovery, OpenAPI, tables and admission derive from it.
 */
export interface ApiResource {
  /** `pods`, `deployments.apps`. */
  readonly groupResource: GroupResource;
  /** '' for the legacy group. */
  readonly group: string;
  /** The plural: `deployments`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The served versions, preferred first. */
  readonly versions: readonly ServedVersion[];
  /** The version that objects are stored in; it need not be served. */
  readonly storageVersion: StorageVersion;
  /** The resource under whose name objects are stored: the resource itself, but `events` for `events.events.k8s.io`, where both APIs show the same objects. */
  readonly storedAs: GroupResource;
  readonly strategy: Strategy;
  /** Established by an object of the cluster. */
  readonly custom?: CustomResource;
  /** It is served in the name of an APIService, and nothing of it is kept: what it tells is found out when it is asked for. */
  readonly aggregated?: true;
}

/** What is particular to a resource that an object of the cluster establishes. It has neither a protobuf form nor strategic merge patches. */
export interface CustomResource {
  /** All its versions, by their apiVersions: objects may be stored in each, served or not. */
  readonly types: ReadonlyMap<string, StorageVersion>;
  /** Converts between versions; none: only their apiVersions differ. */
  readonly webhook?: ConversionWebhook;
  /** Its definition is being deleted: nothing may be created any more. */
  readonly terminating: boolean;
}

export interface ConversionWebhook {
  readonly client: ApiextensionsWebhookClientConfig;
  /** The version of ConversionReview that it is asked in. */
  readonly reviewVersion: string;
}

export interface StorageVersion {
  readonly version: string;
  readonly type: TypeSchema;
}

export interface ServedVersion extends StorageVersion {
  /** `create`, `delete`, `deletecollection`, `get`, `list`, `patch`, `update`, `watch`; Kubernetes' own set for this resource. */
  readonly verbs: readonly string[];
  readonly subresources: Readonly<Record<string, Subresource>>;
  /** Converts from the storage version into this one, and back; none when the versions have the same shape and only apiVersion differs. */
  readonly conversion?: Conversion;
  /** The columns of this version, where they are not those of the strategy (`additionalPrinterColumns` of a CustomResourceDefinition). */
  readonly table?: Table<KubeObject>;
  /** The same of the fields that select (`selectableFields`), */
  readonly selectableFields?: Strategy['selectableFields'];
  /** and of the scale (`subresources.scale`). */
  readonly scale?: Strategy['scale'];
  /** What clients of this version are warned of: it goes. */
  readonly deprecation?: string;
}

export interface Conversion {
  readonly fromStorage: (object: KubeObject) => KubeObject;
  readonly toStorage: (object: KubeObject) => KubeObject;
}

export interface Subresource {
  /** The kind that it speaks: `Deployment` for status, `Scale` (autoscaling/v1) for scale, `Eviction`, `Binding`, … */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}
