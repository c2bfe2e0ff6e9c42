import { apisOf } from '../apis/apis.ts';
import type { AppliedChanges, ChangedObject, ObjectName, RefusedObject, Warned } from '../apis/logplane/plan-status.ts';
import type { Mutation } from '../apis/mutation.ts';
import { noEffectWarnings } from '../apis/no-effect.ts';
import { refused } from '../auth/authorizer.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import type { Decision } from '../decide/decision.ts';
import { type Fields, fieldsOf, isFields, objectOf } from '../kube/fields.ts';
import { groupVersionOf } from '../kube/group-version-kind.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import { badRequest, methodNotSupported, StatusError } from '../kube/status.ts';
import type { User } from '../kube/user.ts';
import { givenToServerSide } from './client-side-applied.ts';
import { fieldDifferences } from './field-differences.ts';
import type { Trial } from './trial.ts';

/** What the user who makes a plan does in it, with the permissions that they have in the state that it has come to. */
export class Deeds {
  readonly created: Warned[] = [];
  readonly changed: ChangedObject[] = [];
  readonly deleted: ObjectName[] = [];
  readonly unchanged: Warned[] = [];
  readonly refused: RefusedObject[] = [];
  /** Each object as it was left; undefined: it is gone. */
  readonly left = new Map<Key, KubeObject | undefined>();
  readonly #trial: Trial;
  readonly #user: User;
  readonly #manager: string;
  readonly #force: boolean;
  /** Of what does not name one. */
  readonly #namespace: string;

  constructor({ trial, user, manager, force, namespace }: { trial: Trial; user: User; manager: string; force: boolean; namespace: string }) {
    this.#trial = trial;
    this.#user = user;
    this.#manager = manager;
    this.#force = force;
    this.#namespace = namespace;
  }

  get told(): AppliedChanges {
    const { created, changed, deleted, unchanged, refused } = this;
    return { created, changed, deleted, unchanged, refused };
  }

  /**
   * Applies manifests server-side, in their order. What names something that is not there is tried again once the controllers have done what the others ask for: a definition and its objects, a
   * namespace and its pods may come together.
   */
  async apply(manifests: readonly Fields[]): Promise<void> {
    for (let left = manifests; left.length > 0; ) {
      const waiting: { readonly manifest: Fields; readonly error: StatusError }[] = [];
      for (const manifest of left) {
        try {
          await this.#applyOne(manifest);
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          if (isMissing(error)) waiting.push({ manifest, error });
          else this.refuse(nameIn(manifest), error);
        }
      }
      if (waiting.length === left.length) {
        for (const { manifest, error } of waiting) this.refuse(nameIn(manifest), error);
        return;
      }
      if (waiting.length > 0) await this.#trial.settle();
      left = waiting.map(({ manifest }) => manifest);
    }
  }

  async #applyOne(manifest: Fields): Promise<void> {
    const { apiVersion, kind, name, namespace: named } = nameIn(manifest);
    const resource = apisOf(this.#trial.state).ofKind(apiVersion, kind);
    if (!resource) throw noMatches(apiVersion, kind);
    if (!name) throw badRequest(`${kind}: cannot use generateName with apply, and metadata.name is missing`);
    const { version } = groupVersionOf(apiVersion);
    if (!resource.versions.find((served) => served.version === version)!.verbs.includes('patch')) throw methodNotSupported(resource, 'patch');
    const namespace = resource.namespaced ? (named ?? this.#namespace) : undefined;
    const isStored = resource.storageVersion.version === version && resource.storedAs === resource.groupResource;
    const mutation: Mutation = {
      type: 'apply',
      resource: resource.groupResource,
      ...(namespace !== undefined && { namespace }),
      name,
      config: inNamespace(manifest, namespace),
      manager: { name: this.#manager, operation: 'Apply', ...(!isStored && { apiVersion }) },
      force: this.#force,
    };
    const given = givenToServerSide(this.#trial.state.get(resource.storedAs, namespace, name), this.#manager);
    const attributes = { verb: 'patch' };
    if (given) {
      this.#permit(mutation, attributes);
      await this.#trial.mutate(
        { type: 'update', resource: resource.groupResource, object: given, replace: true, manager: { name: this.#manager } },
        { actor: this.#user },
      );
    }
    await this.do(mutation, attributes);
  }

  /** Does what the user wants, if they may. Throws the Status that refuses it. */
  async do(mutation: Mutation, attributes: Asked): Promise<Decision> {
    this.#permit(mutation, attributes);
    const decision = await this.#trial.mutate(mutation, { actor: this.#user, options: { fieldManager: this.#manager } });
    this.#note(mutation, decision);
    return decision;
  }

  /** Throws 403. */
  #permit(mutation: Mutation, { verb, subresource }: Asked): void {
    const resource = apisOf(this.#trial.state).resource(mutation.resource)!;
    const { namespace, name } = 'object' in mutation ? mutation.object.metadata : mutation;
    const { group, versions, resource: plural } = resource;
    const attributes = {
      user: this.#user,
      verb,
      group,
      version: versions[0]!.version,
      resource: plural,
      ...(subresource !== undefined && { subresource }),
      ...(namespace && { namespace }),
      name,
    };
    const { allowed, reason } = clusterAuthorizer.authorize(attributes, this.#trial.state);
    if (!allowed) throw refused(attributes, reason);
  }

  refuse(name: ObjectName, { status }: StatusError): void {
    this.refused.push({ ...name, code: status.code ?? 500, reason: status.reason ?? '', message: status.message ?? '' });
  }

  #note(mutation: Mutation, { key, object, old, deleted, events, warnings }: Decision): void {
    const resource = apisOf(this.#trial.state).resource(mutation.resource)!;
    const name = nameIn(fieldsOf(object));
    // An eviction, and all else that takes time, is told of where it comes to its end.
    if (mutation.type === 'delete' && (mutation.eviction || !deleted)) return;
    const now = this.#trial.state.get(resource.storedAs, resource.namespaced ? name.namespace : undefined, name.name);
    this.left.set(key, now);
    const all = [...new Set([...warnings, ...noEffectWarnings(resource, object), ...(resource.strategy.warnings?.(object, old) ?? [])])];
    const warned = { ...name, ...(all.length > 0 && { warnings: all }) };
    if (deleted) this.deleted.push(name);
    else if (!old) this.created.push(warned);
    else if (events.length === 0) this.unchanged.push(warned);
    else this.changed.push({ ...warned, fields: fieldDifferences(old, now ?? object, resource.groupResource) });
  }
}

/** As what a request would have been authorized. */
interface Asked {
  readonly verb: string;
  readonly subresource?: string;
}

/** What an object calls itself, whatever else is wrong with it. */
export function nameIn(object: Fields): ObjectName {
  const metadata = isFields(object['metadata']) ? object['metadata'] : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const namespace = text(metadata['namespace']);
  return { apiVersion: text(object['apiVersion']), kind: text(object['kind']), ...(namespace && { namespace }), name: text(metadata['name']) };
}

function inNamespace(manifest: Fields, namespace: string | undefined): Fields {
  const { namespace: _, ...metadata } = isFields(manifest['metadata']) ? manifest['metadata'] : {};
  return fieldsOf(objectOf({ ...manifest, metadata: { ...metadata, ...(namespace !== undefined && { namespace }) } }));
}

/** Such as kubectl says it (meta.NoKindMatchError). */
const noMatches = (apiVersion: string, kind: string) =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
    reason: 'NotFound',
    code: 404,
  });

/** Also what admission says of a service account, or of a class, that is not there, or of a quota that nothing has counted yet. */
const isMissing = ({ status: { reason, message } }: StatusError): boolean =>
  reason === 'NotFound' || (reason === 'Forbidden' && /not found|status unknown for quota/.test(message ?? ''));
