import type { Ask } from '../admission/ask.ts';
import type { ApiResource } from '../apis/api-resource.ts';
import { apisOf } from '../apis/apis.ts';
import type { ApplyMutation } from '../apis/mutation.ts';
import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { conflict, notFound } from '../kube/status.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { headOf, sameEntries } from '../managed-fields/managed-entry.ts';
import { type MergeType, mergeTypeOf } from '../managed-fields/merge-type.ts';
import { entriesIn } from '../managed-fields/ownership.ts';
import type { TrackedApply } from '../managed-fields/tracking.ts';
import { coerceObject } from '../schema/custom/decode-custom.ts';
import { decoderOf } from '../schema/structural.ts';
import { applyConfig, type Configuration, checkConfig, converted } from './apply-config.ts';
import { decideCreate } from './create.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { storageApiVersion, Unanswered, versionAt, versionsOf } from './field-versions.ts';
import { withLastApplied } from './last-applied.ts';
import { decideUpdate } from './update.ts';
import { asking, inVersion } from './versions.ts';

type OfScale = Extract<ApplyMutation, { readonly subresource?: 'scale' }>;
type OfObject = Exclude<ApplyMutation, OfScale>;

export const isScale = (mutation: ApplyMutation): mutation is OfScale => mutation.subresource === 'scale';

/**
 * A configuration, laid over the object as it is and then decided as the update that this comes to, or, where there is none, as a creation (apiserver's handlers/patch.go, applyPatcher;
 * apimachinery's FieldManager.Apply). Throws 400, 404, 409 (fields belong to others), 422, 500 in Kubernetes' words.
 */
export function decideApply(mutation: OfObject, resource: ApiResource, context: Deciding): Decision | Asking {
  const { name, config, manager, subresource } = mutation;
  const namespace = resource.namespaced ? mutation.namespace : undefined;
  const old = context.state.get(resource.storedAs, namespace, name);
  if (!old && subresource) throw notFound(resource, name);
  const apis = apisOf(context.state);
  const apiVersion = manager.apiVersion ?? storageApiVersion(resource, apis);
  const { type, conversion } = versionAt(resource, apis, apiVersion)!;
  const by = { manager: manager.name, apiVersion, subresource };
  const asks: Ask[] = [];
  const ask = asking(context.answers, asks);
  const versions = versionsOf(resource, { apis, subresource, ask });
  const shown = old && inVersion(old, { resource, apiVersion, ask });
  if (asks.length > 0) return { asks };
  const live = shown ? versions.convert({ value: shown, apiVersion: shown.apiVersion }, apiVersion) : {};
  const applying = { old, by, force: mutation.force };
  const isEffectless = wasEffectless(config, applying);
  if (!isEffectless) checkConfig(config, { apiVersion, kind: resource.kind, type: mergeTypeOf(type) });
  const write: Configuration = {
    live,
    empty: {},
    config,
    entries: entriesIn(old),
    by,
    versions,
    now: Math.floor(context.now / 1000),
    force: mutation.force,
  };
  const laid = isEffectless ? { value: undefined, entries: write.entries } : applied(write, mergeTypeOf(type));
  if (!laid) return { asks };
  const { value, entries } = laid;
  // The type of a custom object may change while the object does not.
  if (old && value === undefined && !resource.custom && sameEntries(entries, write.entries)) effectless.set(config, { ...applying, old: new WeakRef(old) });
  const merged = converted(config, { apiVersion, kind: resource.kind }, () =>
    type.jsonSchema
      ? coerceObject((value ?? live) as object, type.jsonSchema)
      : value === undefined
        ? (live as KubeObject)
        : (decoderOf(type).decode(value, { path: [], words: 'conversion' }) as KubeObject),
  );
  const synced = manager.name === 'kubectl' ? withLastApplied(merged, config) : merged;
  // A custom object says itself of which version it is, and is stored in that of its resource by the last stage.
  const stored = resource.custom
    ? { ...synced, apiVersion }
    : { ...(conversion ? conversion.toStorage(synced) : synced), apiVersion: storageApiVersion(resource, apis) };
  const object = { ...stored, kind: resource.kind };
  if (!old && object.metadata.uid) {
    throw conflict(resource, name, `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`);
  }
  const { identity } = headOf({ ...by, operation: 'Apply' });
  const set = entries.find(({ head }) => head.identity === identity)?.set ?? FieldSet.empty;
  const tracked = { manager: { ...manager, ...(subresource && { subresource }) }, applied: set, managedFields: entries };
  const located = inNamespace(object, namespace);
  if (!old) return decideCreate({ type: 'create', resource: mutation.resource, object: unversioned(located), named: true }, resource, context, tracked);
  return decideUpdate(
    { type: 'update', resource: mutation.resource, object: located, replace: true, ...(subresource && { subresource }) },
    resource,
    context,
    tracked,
  );
}

interface Applying {
  readonly old: KubeObject | undefined;
  readonly by: Configuration['by'];
  readonly force: boolean;
}

/** Of configurations that changed nothing, what they were last laid over. The same again, while that is still there, changes nothing either. What is gone is not kept for it. */
const effectless = new WeakMap<Fields, Omit<Applying, 'old'> & { readonly old: WeakRef<KubeObject> }>();

function wasEffectless(config: Fields, { old, by, force }: Applying): boolean {
  const last = effectless.get(config);
  return old !== undefined && last?.old.deref() === old && last.force === force && same(last.by, by);
}

/** Undefined: a webhook that has to bring it into the version of another manager has not answered yet. */
function applied(write: Configuration, type: MergeType): TrackedApply | undefined {
  try {
    return applyConfig(write, type);
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}

const inNamespace = (object: KubeObject, namespace: string | undefined): KubeObject =>
  namespace === undefined || object.metadata.namespace ? object : { ...object, metadata: { ...object.metadata, namespace } };

function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return objectOf({ ...fieldsOf(object), metadata });
}
