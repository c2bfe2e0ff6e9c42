import type { Answer, Answers, Ask } from '../admission/ask.ts';
import type { AdmissionPlugin, AdmissionReview, Annotate, MutatingReview } from '../admission/plugin.ts';
import { Reinvocation } from '../admission/reinvocation.ts';
import type { ApiResource } from '../apis/api-resource.ts';
import { apisOf } from '../apis/apis.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { Strategy, StrategyContext } from '../apis/strategy.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import { groupVersionOf } from '../kube/group-version-kind.ts';
import type { KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { FieldManager, Offset } from '../log/event.ts';
import type { FieldSet } from '../managed-fields/field-set.ts';
import type { ManagedEntry } from '../managed-fields/managed-entry.ts';
import type { State } from '../state/state.ts';
import type { Deciding } from './decision.ts';
import { versionAt } from './field-versions.ts';
import type { Taking } from './subresource-parts.ts';
import { inVersion } from './versions.ts';

/**
 * One write on its way through the stages of its decision: what the strategy of its kind and the admission plugins are shown, and what they
 * make of it. `object` is as it is to be so far, and the decision's own copy; none for a deletion.
 */
export class Draft<O extends KubeObject | undefined = KubeObject> implements StrategyContext, MutatingReview {
  readonly operation: AdmissionReview['operation'];
  readonly resource: ApiResource;
  /** The resource of the object that is changed: a Binding that is created changes a pod. */
  readonly changes: ApiResource;
  readonly version: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** The name in the path of the request; '' for a creation in a collection. */
  readonly requestName: string;
  object: O;
  /** The object as it came. */
  readonly given: O;
  /** Of an update: what it takes of the object that it is given. */
  readonly taking: Taking | undefined;
  readonly old: KubeObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly state: State;
  readonly now: ClusterInstant;
  readonly env: Env;
  readonly cause: Offset | undefined;
  readonly plugins: readonly AdmissionPlugin[];
  /** Whether the write must name a version where its kind demands that. */
  readonly versionRequired: boolean;
  /** How the object scales, of a write to its scale: plugins are shown that. */
  readonly scale: Strategy['scale'];
  /** As which field manager; none: who owns what stays as it is. */
  readonly manager: FieldManager | undefined;
  /** The `metadata.managedFields` that came with the object. */
  readonly sentManagedFields: readonly unknown[] | undefined;
  /** Of an apply, what was applied. */
  readonly applied: FieldSet | undefined;
  /** Of a creation, the object as it was sent, where the owners of its fields follow from that alone (`sentAlone`). */
  readonly sent: KubeObject | undefined;
  #managedFields: readonly ManagedEntry[] | (() => readonly ManagedEntry[]) | undefined;
  /** Of a write to the status, that as it was sent. */
  sentStatus: unknown;
  readonly warnings: string[] = [];
  /** How many of them came before the object was judged: those of its kind stand behind these. */
  warningsBeforeJudging = 0;
  readonly reinvocation = new Reinvocation();
  readonly further: Mutation[];
  /** Not empty: the decision ends after the plugin that asked. */
  readonly asks: Ask[] = [];
  readonly #answers: Answers | undefined;

  constructor(
    of: DraftOf<O>,
    { state, now, env, actor, cause, plugins, dryRun = false, options = {}, version, answers, annotate = nowhere, further }: Deciding,
  ) {
    this.operation = of.operation;
    this.resource = of.resource;
    this.changes = of.changes ?? of.resource;
    this.version = versionOf(of, version);
    this.subresource = of.subresource;
    this.namespace = of.resource.namespaced ? of.namespace : undefined;
    this.name = of.name;
    this.requestName = of.requestName ?? of.name;
    this.object = of.object;
    this.given = of.object;
    this.taking = of.taking;
    this.old = of.old;
    this.user = actor;
    this.dryRun = dryRun;
    this.options = options;
    this.state = state;
    this.now = now;
    this.env = env;
    this.cause = cause;
    this.plugins = plugins;
    this.further = further;
    this.versionRequired = of.versionRequired ?? false;
    this.scale = of.scale;
    this.manager = of.manager;
    this.sentManagedFields = of.sentManagedFields;
    this.applied = of.applied;
    this.#managedFields = of.managedFields;
    this.sent = of.sent;
    this.#answers = answers;
    this.annotate = annotate;
  }

  /** Who owns what then, once that is known. */
  get managedFields(): readonly ManagedEntry[] | undefined {
    if (typeof this.#managedFields === 'function') this.#managedFields = this.#managedFields();
    return this.#managedFields;
  }

  /** A function is called when that is asked for, if it is. */
  set managedFields(owners: readonly ManagedEntry[] | (() => readonly ManagedEntry[]) | undefined) {
    this.#managedFields = owners;
  }

  /** Whether nothing has asked who owns what. */
  get isOwnershipOpen(): boolean {
    return typeof this.#managedFields === 'function';
  }

  readonly warn = (text: string): void => {
    this.warnings.push(text);
  };

  readonly annotate: Annotate;

  readonly inVersion = (object: KubeObject, apiVersion: string, resource = this.resource): KubeObject | undefined => {
    const { state, ask } = this;
    if (object.apiVersion === apiVersion || object.kind !== resource.kind) return object;
    if (resource.custom) return inVersion(object, { resource, apiVersion, ask });
    const apis = apisOf(state);
    const [from, to] = [object.apiVersion, apiVersion].map((version) => versionAt(resource, apis, version));
    const stored = from?.conversion?.toStorage(object) ?? object;
    return to?.conversion?.fromStorage(stored) ?? { ...stored, apiVersion };
  };

  readonly also = (mutation: Mutation): void => {
    this.further.push(mutation);
  };

  readonly ask = (ask: Ask): Answer | undefined => {
    const answer = this.#answers?.to(ask);
    if (!answer) this.asks.push(ask);
    return answer;
  };
}

const nowhere = (): void => undefined;

/** A custom object says itself of which version it is. */
function versionOf({ resource, object, old }: Pick<DraftOf<KubeObject | undefined>, 'resource' | 'object' | 'old'>, requested: string | undefined): string {
  const { versions, storageVersion, custom, kind } = resource;
  const shown = custom && (object ?? old);
  const named = requested ?? (shown?.kind === kind ? groupVersionOf(shown.apiVersion).version : undefined);
  return versions.find(({ version }) => version === named)?.version ?? versions[0]?.version ?? storageVersion.version;
}

type DraftOf<O> = Pick<AdmissionReview, 'operation' | 'resource' | 'subresource' | 'namespace' | 'name' | 'old'> & {
  readonly object: O;
  readonly changes?: ApiResource;
  readonly versionRequired?: boolean;
  readonly requestName?: string;
} & Partial<Pick<Draft, 'scale' | 'taking' | 'manager' | 'sentManagedFields' | 'applied' | 'managedFields' | 'sent'>>;
