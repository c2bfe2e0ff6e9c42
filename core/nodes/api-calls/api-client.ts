import type { ApiResource } from '../../apis/api-resource.ts';
import { apisOf } from '../../apis/apis.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { scalingOf } from '../../apis/scale.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { decide } from '../../decide/decide.ts';
import { isAsking } from '../../decide/decision.ts';
import { clusterInstant } from '../../instant.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import { type LabelRequirements, matchesLabels } from '../../kube/selectors.ts';
import { forbidden, internalError, notFound, StatusError, unsupportedMediaType } from '../../kube/status.ts';
import { decodeObject } from '../../schema/decode.ts';
import { jsonPatch } from '../../schema/patching/json-patch.ts';
import { mergePatch } from '../../schema/patching/merge-patch.ts';
import { strategicMergePatch } from '../../schema/patching/strategic-merge.ts';
import { evolve } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';
import type { Caller } from './caller.ts';

/** An object by its name, or its resource as a whole. */
export interface Target {
  readonly api: ApiResource;
  /** None: it is in no namespace. */
  readonly namespace?: string;
  readonly name: string;
}

export type PatchType = 'strategic' | 'merge' | 'json';
type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/**
 * The API as a program in a container has it: reads answer what is, in the version that clients prefer, and what is to be written goes the way of all mutations. Each request is
 * permitted by the roles of the pod's service account, or throws 403; the other Statuses are those of the API (404, 409, 400, 422). What a webhook would
 * have to be asked is taken for accepted.
 */
export class ApiClient {
  readonly mutations: Mutation[] = [];
  /** When what was looked for comes about, of what was made after the time of the call, in ms since the epoch. */
  readonly later: number[] = [];
  /** How many objects it has looked at. */
  looked = 0;
  readonly #caller: Caller;
  /** As it is once the mutations before have come about. */
  #state: State;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#state = caller.state;
  }

  get(target: Target): KubeObject {
    this.permit('get', target);
    return this.existing(target);
  }

  list({ api, namespace }: Omit<Target, 'name'>, selector: LabelRequirements | undefined): KubeObject[] {
    this.permit('list', { api, name: '', ...(namespace !== undefined && { namespace }) });
    const all = this.#state.list(api.storedAs, namespace) as readonly KubeObject[];
    this.looked += all.length;
    return all.filter((object) => this.#isThere(object) && (!selector || matchesLabels(selector, object.metadata.labels))).map((object) => shown(api, object));
  }

  /** `object` is in one of the versions that are served. */
  create({ api, namespace }: Target, object: KubeObject, manager: string): void {
    this.permit('create', { api, name: '', ...(namespace !== undefined && { namespace }) });
    this.#want({ type: 'create', resource: api.storedAs, object: toStorage(api, object), manager: { name: manager } } as Mutation);
  }

  /** Whether it changes anything. */
  patch(target: Target, patch: unknown, type: PatchType, manager: string, apiVersion?: string): boolean {
    this.permit('patch', target);
    const { api } = target;
    if (type === 'strategic' && api.custom) {
      throw unsupportedMediaType(
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      );
    }
    const version = versionOf(api, apiVersion);
    const object = shown(api, this.existing(target), apiVersion);
    const patched =
      type === 'strategic' ? strategicMergePatch(object, patch, version.type) : type === 'merge' ? mergePatch(object, patch) : jsonPatch(object, patch);
    if (same(patched, object)) return false;
    this.#update(target, toStorage(api, patched), { replace: true, patched: true, manager: { name: manager } });
    return true;
  }

  /** All of an object: what the new one leaves out goes. */
  replace(target: Target, object: KubeObject, manager: string): void {
    this.permit('update', target);
    this.#update(target, toStorage(target.api, object), { replace: true, manager: { name: manager } });
  }

  scale(target: Target, replicas: number): void {
    this.permit('patch', target, { subresource: 'scale' });
    const object = this.existing(target);
    this.#update(target, scalingOf(target.api, object.apiVersion).withReplicas(object, replicas), {
      scaled: true,
      manager: { name: 'kubectl', subresource: 'scale' },
    });
  }

  delete(target: Target, options: { gracePeriodSeconds?: number; propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' }): void {
    this.permit('delete', target);
    const { api, namespace, name } = target;
    this.#want({ type: 'delete', resource: api.storedAs, ...(namespace !== undefined && { namespace }), name, ...options });
  }

  /** Server-side apply. */
  apply({ api, namespace, name }: Target, config: KubeObject, { manager, force }: { manager: string; force: boolean }): void {
    this.permit('patch', { api, name, ...(namespace !== undefined && { namespace }) });
    this.#want({
      type: 'apply',
      resource: api.storedAs,
      ...(namespace !== undefined && { namespace }),
      name,
      config: config as never,
      manager: { name: manager, operation: 'Apply', apiVersion: config.apiVersion },
      force,
    });
  }

  /** Throws 404. */
  existing({ api, namespace, name }: Target): KubeObject {
    const found = this.#state.get(api.storedAs, namespace, name) as KubeObject | undefined;
    if (!found || !this.#isThere(found)) throw notFound(api, name);
    return shown(api, found);
  }

  /** What reads at a time that is over sees nothing of what was made after that. */
  #isThere({ metadata: { creationTimestamp } }: KubeObject): boolean {
    const made = creationTimestamp === undefined ? 0 : Date.parse(creationTimestamp);
    if (made > this.#caller.now) this.later.push(made);
    return made <= this.#caller.now;
  }

  /** Throws 403. */
  permit(verb: Verb, { api, namespace, name }: Target, { subresource }: { subresource?: string } = {}): void {
    const { user } = this.#caller;
    const { group, resource, versions } = api;
    const attributes = { user, verb, group, version: versions[0]!.version, resource, ...(namespace !== undefined && { namespace }), ...(name && { name }) };
    if (clusterAuthorizer.authorize({ ...attributes, ...(subresource && { subresource }) }, this.#state).allowed) return;
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const what = subresource ? `${resource}/${subresource}` : resource;
    throw forbidden(api, name, `User "${user.username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`);
  }

  #update({ api }: Target, object: KubeObject, more: object): void {
    const { resourceVersion, ...metadata } = object.metadata;
    // A version is a precondition, which some kinds demand; others take what comes with it from elsewhere.
    const versioned = api.strategy.unconditionalUpdate === false && resourceVersion !== undefined ? { ...metadata, resourceVersion } : metadata;
    this.#want({ type: 'update', resource: api.storedAs, object: { ...object, metadata: versioned }, ...more } as Mutation);
  }

  #want(mutation: Mutation): void {
    const { env, plugins, user: actor } = this.#caller;
    const now = clusterInstant(this.#caller.now);
    const decided = decidedOr500(() => decide(this.#state, mutation, { env, now, actor, plugins }));
    if (!isAsking(decided)) this.#state = evolve(this.#state, decided.events, { time: now }).state;
    this.mutations.push(mutation);
  }
}

/** An API server that fails says so, and goes on: what a container sends it does not keep its node's agent from its other pods. */
function decidedOr500<T>(decision: () => T): T {
  try {
    return decision();
  } catch (error) {
    throw error instanceof StatusError ? error : internalError((error as Error).message);
  }
}

/** A resource by one of its names: `deployments.apps`, `deployments.v1.apps`, `deployment`, `deploy`. */
export function resourceNamed(name: string, { state }: Pick<Caller, 'state'>): ApiResource | undefined {
  const lower = name.toLowerCase();
  const names = ({ group, resource, singular, shortNames, versions }: ApiResource) => [
    ...[resource, singular, ...shortNames],
    ...(group ? [resource, singular].flatMap((each) => [`${each}.${group}`, ...versions.map(({ version }) => `${each}.${version}.${group}`)]) : []),
  ];
  return apisOf(state).resources.find((api) => names(api).includes(lower));
}

const versionOf = ({ group, versions }: ApiResource, apiVersion: string | undefined) =>
  versions.find(({ version }) => apiVersionOf({ group, version }) === apiVersion) ?? versions[0]!;

function shown(api: ApiResource, object: KubeObject, apiVersion?: string): KubeObject {
  const version = versionOf(api, apiVersion);
  return version.conversion?.fromStorage(object) ?? { ...object, apiVersion: apiVersionOf({ group: api.group, version: version.version }), kind: api.kind };
}

function toStorage(api: ApiResource, object: KubeObject): KubeObject {
  const { version, type, conversion } = versionOf(api, object.apiVersion);
  const decoded = decodeObject({ value: object, type, gvk: { group: api.group, version, kind: api.kind }, strict: false }).object;
  if (conversion) return conversion.toStorage(decoded);
  return api.custom ? decoded : { ...decoded, apiVersion: apiVersionOf({ group: api.group, version: api.storageVersion.version }) };
}
