import { apiVersionOf } from '../kube/group-version-kind.ts';
import { type GroupResource, type Key, parseKey } from '../kube/object.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import type { View } from '../state/view.ts';
import type { ApiResource } from './api-resource.ts';
import { builtIn } from './built-in.ts';
import { definers } from './definers.ts';
import { ownResources } from './logplane/own-resources.ts';

/** What is served in a state: the built-in resources and Logplane's own, which all clusters share, and those that objects of this one establish. */
export const apisOf = (state: State): Apis => state.view(view);

/** Whether a change of an object changes what is served. */
export function changesApis({ key, type, object, previous }: Change): boolean {
  const { resource } = parseKey(key);
  if (!Object.hasOwn(definers, resource)) return false;
  const define = definers[resource]!;
  const [before, after] = [previous ? define(previous) : [], type === 'DELETED' ? [] : define(object)];
  return before !== after && before.length + after.length > 0;
}

/** A set of served resources, by each of their names. A value: what another state serves is another one, unless it serves the same. */
export class Apis {
  /** What a cluster without definitions of its own serves. One value for all of them. */
  static readonly builtIn = new Apis(new Map());

  /** What all clusters serve, and what each object of a cluster establishes. */
  static with(established: ReadonlyMap<Key, readonly ApiResource[]>): Apis {
    return established.size === 0 ? Apis.builtIn : new Apis(established);
  }

  /** The built-in ones in the order of Kubernetes' discovery, then Logplane's own, then the established ones. */
  readonly resources: readonly ApiResource[];
  /** What each object of the cluster establishes. */
  readonly #established: ReadonlyMap<Key, readonly ApiResource[]>;
  readonly #byName = new Map<GroupResource, ApiResource>();
  /** By `group/version/plural`. */
  readonly #byPath = new Map<string, ApiResource>();
  /** By `apiVersion/kind`. */
  readonly #byKind = new Map<string, ApiResource>();
  /** By `kind.group`. */
  readonly #byGroupKind = new Map<string, ApiResource>();
  readonly #groups = new Set<string>();

  private constructor(established: ReadonlyMap<Key, readonly ApiResource[]>) {
    this.#established = established;
    // In the order of their keys, whatever the order in which they came.
    const defined = [...established].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, resources]) => resources);
    this.resources = [...builtIn, ...ownResources, ...defined].filter((resource) => this.#add(resource));
  }

  /** Of two resources of one name the first is served. */
  #add(resource: ApiResource): boolean {
    const { groupResource, group, kind, versions } = resource;
    if (this.#byName.has(groupResource)) return false;
    this.#byName.set(groupResource, resource);
    this.#groups.add(group);
    if (!this.#byGroupKind.has(`${kind}.${group}`)) this.#byGroupKind.set(`${kind}.${group}`, resource);
    for (const { version } of versions) {
      this.#byPath.set(`${group}/${version}/${resource.resource}`, resource);
      const ofKind = `${apiVersionOf({ group, version })}/${kind}`;
      if (!this.#byKind.has(ofKind)) this.#byKind.set(ofKind, resource);
    }
    return true;
  }

  /** The resource of a name such as `deployments.apps`. */
  resource(groupResource: GroupResource): ApiResource | undefined {
    return this.#byName.get(groupResource);
  }

  /** The resource behind a path of the API, such as `apps`, `v1`, `deployments`; undefined when it is not served in that version. */
  atPath(group: string, version: string, resource: string): ApiResource | undefined {
    return this.#byPath.get(`${group}/${version}/${resource}`);
  }

  /** The resource whose objects are of a kind, such as `apps/v1`, `Deployment`. */
  ofKind(apiVersion: string, kind: string): ApiResource | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** The same in whatever version (meta.RESTMapper's RESTMappings of a GroupKind). */
  ofGroupKind({ group, kind }: { readonly group: string; readonly kind: string }): ApiResource | undefined {
    return this.#byGroupKind.get(`${kind}.${group}`);
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  /** After some objects that establish APIs changed. */
  after(changes: readonly Change[]): Apis {
    const established = new Map(this.#established);
    for (const { key, type, object } of changes) {
      const resources = type === 'DELETED' ? [] : definers[parseKey(key).resource]!(object);
      if (resources.length > 0) established.set(key, resources);
      else established.delete(key);
    }
    const isSame = established.size === this.#established.size && [...established].every(([key, resources]) => this.#established.get(key) === resources);
    return isSame ? this : Apis.with(established);
  }
}

const view: View<Apis> = { of: Object.keys(definers), initial: Apis.builtIn, evolve: (apis, changes) => apis.after(changes) };
