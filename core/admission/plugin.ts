import type { ApiResource } from '../apis/api-resource.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import { forbidden, type StatusError } from '../kube/status.ts';
import type { User } from '../kube/user.ts';
import type { ManagedEntry } from '../managed-fields/managed-entry.ts';
import type { KindOf } from '../schema/kind-of.ts';
import type { State } from '../state/state.ts';
import type { Answer, Ask } from './ask.ts';
import type { Reinvocation } from './reinvocation.ts';

/**
 * An admission plugin: what looks at a write after it was authorized and decoded, and may change it or refuse it (Kubernetes documentation,
 * "Admission Control in Kubernetes"). Clients, reconcilers and the first objects of a cluster go through the same list of plugins.
 * What a kind itself demands is in its strategy (`apis/`).
 */
export interface AdmissionPlugin {
  /** `PodSecurity`, `ResourceQuota`, … as in `kube-apiserver --enable-admission-plugins`. */
  readonly name: string;
  /**
   * Kubernetes' MutationInterface: sees the object with its defaults, before the server's own metadata and before validation, and may change
   * `review.object` in place (it is the decision's own copy) or put another in its place. Throws the Status that refuses the write.
   */
  mutate?(review: MutatingReview): void;
  /** Kubernetes' ValidationInterface: sees the object as it would be stored. Throws the Status that refuses the write. */
  validate?(review: AdmissionReview): void;
}

/** One write, as a plugin sees it (Kubernetes' admission.Attributes). All that is in it is shared, except the object for `mutate`: never change it in place. */
export interface AdmissionReview {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: ApiResource;
  /** The version of it that the request names: `v1`. */
  readonly version: string;
  /** `status`, `binding`, `eviction`, … With a subresource of a kind of its own, `object` is of that kind. */
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  /** '' as long as a name is still to be generated. */
  readonly name: string;
  /** As it is to be; none for a deletion or a connection. */
  readonly object: KubeObject | undefined;
  /** As it was; none for a creation. */
  readonly old: KubeObject | undefined;
  /** Who owns the fields of the object then; undefined: as before. */
  readonly managedFields: readonly ManagedEntry[] | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  /** CreateOptions, UpdateOptions or DeleteOptions; of a connection, its query. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly state: State;
  /** ms since the epoch */
  readonly now: ClusterInstant;
  readonly env: Env;
  /** Adds a warning for the client (HTTP `Warning: 299`); a reconciler gets none. */
  readonly warn: (text: string) => void;
  /** Adds to what is audited of the request, under a qualified key (`pod-security.kubernetes.io/audit-violations`), also where the write is refused. */
  readonly annotate: Annotate;
  /**
   * `object` or `old`, or an object of another resource, in a version of that; undefined: a webhook that has to convert it has been asked, and has not answered yet. An object of a kind of a
   * subresource stays as it is. Throws the Status that says what went wrong.
   */
  readonly inVersion: (object: KubeObject, apiVersion: string, resource?: ApiResource) => KubeObject | undefined;
  /** Adds a mutation that goes into the same entry, by the API server, after the write itself. */
  readonly also: (mutation: Mutation) => void;
  /**
   * The answer to a question; undefined when there is none yet. The plugin then returns: the decision ends after it, and is made again once
   * all that it asked has been answered. A plugin that has several questions asks them all at once.
   */
  readonly ask: (ask: Ask) => Answer | undefined;
}

/** Takes an annotation of the audit. `level`: as of which level of audit it is told; Metadata, unless said. */
export type Annotate = (key: string, value: string, level?: 'Metadata' | 'Request') => void;

export interface MutatingReview extends AdmissionReview {
  object: KubeObject | undefined;
  managedFields: readonly ManagedEntry[] | undefined;
  readonly reinvocation: Reinvocation;
}

/** 403 in the words of admission.NewForbidden: an object that has no name yet goes by what its name will begin with. */
export function refusal({ resource, name, object }: AdmissionReview, why: string): StatusError {
  const { name: given, generateName } = object?.metadata ?? {};
  return forbidden(resource, name || given || generateName || 'Unknown', why);
}

/** What a write to a resource itself, by one of some operations, makes of its object; undefined for all other writes. */
export function writeTo<R extends GroupResource>(review: AdmissionReview, resource: R, ...operations: ('CREATE' | 'UPDATE')[]): Written<R> | undefined {
  const isIt = review.resource.groupResource === resource && review.subresource === undefined && operations.some((operation) => operation === review.operation);
  return isIt ? ({ object: review.object, old: review.old } as Written<R>) : undefined;
}

interface Written<R extends GroupResource> {
  readonly object: KindOf<R>;
  /** None for a creation. */
  readonly old: KindOf<R> | undefined;
}
