import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FieldError } from '../kube/status.ts';
import type { User } from '../kube/user.ts';
import type { NameFormat } from '../kube/validation/names.ts';
import type { State } from '../state/state.ts';
import type { Mutation, UpdateMutation } from './mutation.ts';

/**
 * What a kind means: everything about it that is not common to all kinds. One strategy stands in one file, `apis/<group>/<kind>.ts`,
 * and every part is optional: the default is a kind whose objects are checked against the schema and kept.
 * (Kubernetes has the same seam: pkg/registry/<group>/<kind>/strategy.go.)
 *
 * `defaults`, `prepareForCreate` and `prepareForUpdate` may change the object that they are handed: it is the caller's own copy.
 * Everything else they see (`previous`, the state) is shared and must not be changed.
 */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds the strategies of all kinds in one list
export interface Strategy<T extends KubeObject = any> {
  /** Fills in what the API's defaults say (pkg/apis/<group>/<version>/defaults.go). Must be idempotent. */
  defaults?(object: T): void;
  /** Of a kind whose defaults follow from what is generated: a valid new object gets them once more, as Kubernetes fills them in whenever it reads. */
  defaultsWhenKept?: true;
  /** Drops what a client may not set (such as status), fills in what the server allocates (such as a Service's clusterIP). */
  prepareForCreate?(object: T, context: StrategyContext): void;
  /** Keeps what an update may not change; the generation is bumped elsewhere (`generation`). */
  prepareForUpdate?(object: T, previous: T, context: StrategyContext, subresource?: UpdateSubresource): void;
  prepareForStatusUpdate?(object: T, previous: T, context: Pick<StrategyContext, 'now'>): void;
  /** Of an update, `previous` is the object before: what it had may stay, though it would not be accepted today. */
  validate?(object: T, previous?: T): FieldError[];
  /** Checked of a new object, in addition to `validate(object)`. */
  validateCreate?(object: T, context: StrategyContext): FieldError[];
  /**
   * Checked in addition to `validate(object)`. With a `subresource`, the object differs from the previous one in the part that it speaks of
   * alone (decide/subresource-parts.ts), and by the rules for that part.
   */
  validateUpdate?(object: T, previous: T, subresource?: UpdateSubresource): FieldError[];
  /** Of a kind that forgives an update what was wrong before: it is asked in the place of `validate`. */
  validateChange?(object: T, previous: T): FieldError[];
  /** Whether an update is told of what `validateUpdate` finds before what `validate` does. Default: after. */
  updateRules?: 'first';
  validateStatusUpdate?(object: T, previous: T): FieldError[];
  /** Whether an object has its status as a subresource. Default: as the versions of the resource say. */
  ownStatus?(object: T): boolean;
  /** What of an object goes on with time and is never written: a GET or LIST shows it, a watch tells nothing of it. */
  shownInTime?: ShownInTime<T>;
  /** Warnings for the client (HTTP `Warning: 299`); with a `subresource` for a write of that part alone. */
  warnings?(object: T, previous?: T, subresource?: UpdateSubresource): string[];
  /**
   * What else follows from a write of the object, by the API server itself and in the same entry: what Kubernetes leaves to a controller inside of the API
   * server. `object` is as it is stored.
   */
  consequences?(object: T, context: Pick<StrategyContext, 'state' | 'now'>): Mutation[];
  /** Declared by a kind whose objects are kept and do nothing yet: their writers are told. */
  noEffect?: NoEffect<T>;
  /**
   * Of a kind whose objects have `metadata.generation`, what bumps it: a change of anything but metadata and status, of those or of a part of the metadata too,
   * or no change.
   */
  generation?: 'spec' | 'spec or labels' | 'spec or annotations' | 'never';
  /** How long a deletion takes when the client does not say, in seconds; 0 or none: it is gone at once. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
  /** Whether a client's PUT creates what is not there (AllowCreateOnUpdate). */
  createOnUpdate?: true;
  /** Of a kind whose PUT must name the version that it replaces (AllowUnconditionalUpdate). */
  unconditionalUpdate?: false;
  /** What of the metadata a client's write to the status subresource cannot change. Default: what only the server changes. */
  statusKeeps?: 'labels' | 'metadata';
  /**
   * What a write does not change, by subresource ('': the object itself), where that is not the usual: its managers do not come to own that (GetResetFields). The usual is the status, and, of a
   * write to the status, the spec and what `statusKeeps` says.
   */
  resetFields?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /**
   * By which rules the kind's own validation checks metadata. Default: those of pkg/apis/core/validation, by which a finalizer has a prefix or is a standard one.
   * `apimachinery`: those of apimachinery's pkg/api/validation, by which any qualified name is one. `generic`: by none, so that only those of all kinds are left
   * (rest.BeforeCreate, BeforeUpdate).
   */
  metadataRules?: 'apimachinery' | 'generic';
  /** Of a kind whose own validation checks an update's metadata as that of a new object, and not what must not change in it. */
  metadataUpdateRules?: 'generic';
  /** Whether something other than finalizers in the metadata holds a deleted object back (a Namespace's `spec.finalizers`). */
  pendingDeletion?(object: T): boolean;
  /** Why the object of this name cannot be deleted, where the kind's REST storage refuses it (403) before it looks for the object; deleted with all others of a collection, it is. */
  refuseDeletion?(name: string): string | undefined;
  /** What else changes when a deletion begins (a Namespace becomes Terminating). `object` is a shallow copy: replace parts, do not change them. */
  markDeleted?(object: T, now: ClusterInstant): void;
  /**
   * What a deletion does to dependents when the client does not say. Default: background. Unsupported: nothing, whatever the client says, as the garbage collector passes such objects over
   * (rest.GarbageCollectionUnsupported).
   */
  defaultPropagation?: 'Background' | 'Foreground' | 'Orphan' | 'Unsupported';
  /** What a client is warned of that does not say. */
  orphanWarning?: string;
  /** Which name a valid `metadata.name` must be (API concepts, "Object Names and IDs"). Default: `subdomain`. */
  nameFormat?: NameFormat;
  /** What else a name must be, or a generateName: messages (the NameFn of apimachinery's ValidateObjectMeta). */
  nameRule?(object: T, name: string, previous?: T): string[];
  /** Of a kind whose generateName is not checked: the name that is made of it is. */
  anyGenerateName?: true;
  /** The fields that a field selector may name, besides metadata.name and metadata.namespace. */
  selectableFields?: Record<string, (object: T) => string>;
  /** For the `scale` subresource: where it reads and writes. */
  scale?: Scaling<T>;
  /** The columns of a server-side Table (`kubectl get`); after Name and before nothing. None: Name and Age. */
  table?: Table<T>;
}

/** Where the scale of a kind is. */
interface Scaling<T extends KubeObject> {
  /** How many there should be; undefined when the object does not say. */
  replicas(object: T): number | undefined;
  withReplicas(object: T, replicas: number): T;
  statusReplicas(object: T): number;
  selector(object: T): string;
  /** The field that says how many, where an object may do without it: `.spec.replicas`. */
  readonly replicasPath?: string;
}

/** A subresource that writes a part of the object other than its status; undefined: the object itself is updated. */
export type UpdateSubresource = UpdateMutation['subresource'];

export interface StrategyContext {
  readonly state: State;
  readonly env: Env;
  /** One value for the whole commit. */
  readonly now: ClusterInstant;
  /** The user who makes the request. */
  readonly user: User;
  /** Nothing is kept of what the strategy is asked for. */
  readonly dryRun?: boolean;
  /** Adds a warning for the client, of what it wrote and does not find again. */
  readonly warn: (text: string) => void;
}

/** How a kind prints as a Table (pkg/printers/internalversion/printers.go). */
export interface Table<T extends KubeObject> {
  columns: readonly TableColumn[];
  /** One cell for each column. `now` in ms since the epoch (ages are durations up to it). */
  cells(object: T, now: number): Cell[];
}

/** null: nothing is there, or nothing that the column could show. */
export type Cell = string | number | boolean | null;

export interface TableColumn {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date' | 'number';
  /** '', `name`, or one of OpenAPI's. */
  format?: string;
  description: string;
  /** 0: always shown; more: with `-o wide`. */
  priority: number;
}

/** Of a kind that is checked and kept, and of which nothing comes yet (`Strategy.noEffect`). Removing the declaration removes all that follows from it. */
export interface NoEffect<T extends KubeObject> {
  /** `custom resources are not served yet` */
  readonly why: string;
  /** The condition by which clients wait for the effect: it is False from the beginning. */
  readonly condition?: string;
  /** Objects of the kind that have all the effect that they can have. */
  readonly unless?: (object: T) => boolean;
}

/** What of a kind's objects is derived from the time at which they are read. */
export interface ShownInTime<T extends KubeObject> {
  /** For how long it stays the same, ms: `time` is the beginning of such a period. */
  readonly periodMs: number;
  /** The object as it is at a time (ms since the epoch); itself, where nothing of it is derived. */
  at(object: T, context: { readonly state: State; readonly time: number }): T;
}
