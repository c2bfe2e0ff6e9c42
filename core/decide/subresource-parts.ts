import type { ApiResource } from '../apis/api-resource.ts';
import type { UpdateMutation } from '../apis/mutation.ts';
import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import { clone, type KubeObject, type ObjectMeta } from '../kube/object.ts';
import type { Container, PodSpec } from '../schema/generated/kinds.ts';

/**
 * What an update takes from the object that it is given, and what stays as it was: each subresource has its part of the object, and a plain
 * update all but the status, where that is a subresource (the PrepareForUpdate of each kind's strategies). The answer is the caller's own:
 * what it may change of it is copied.
 */
export function taken(given: KubeObject, previous: KubeObject, { resource, subresource, whole }: Taking): KubeObject {
  return subresource ? parts[subresource](given, previous, { resource, whole }) : withoutStatusOf(given, previous, resource);
}

export interface Taking {
  readonly resource: ApiResource;
  readonly subresource: UpdateMutation['subresource'];
  /** It is given whole, by a client: what it leaves out is to go. */
  readonly whole: boolean;
}

type Part = (given: KubeObject, previous: KubeObject, taking: Omit<Taking, 'subresource'>) => KubeObject;

const parts: Readonly<Record<NonNullable<UpdateMutation['subresource']>, Part>> = {
  status: (given, previous, { resource, whole }) => {
    const { status: _, ...rest } = fieldsOf(previous);
    const { status } = fieldsOf(given);
    const metadata = whole ? metadataWithStatus(given, previous, resource) : withAnnotationsOf(given, previous);
    return objectOf({ ...rest, metadata, ...(status !== undefined && { status }) });
  },

  finalize: (given, previous, { whole }) => withMetadataOf(given, withSpec(previous, { finalizers: clone(specOf(given)['finalizers']) }), whole),

  ephemeralcontainers: (given, previous) => withSpec(previous, { ephemeralContainers: clone(specOf(given)['ephemeralContainers']) }),

  resize: (given, previous) => {
    const { containers, initContainers, resources }: Partial<PodSpec> = specOf(given);
    const before: Partial<PodSpec> = specOf(previous);
    return withSpec(previous, {
      containers: resized(containers, before.containers),
      initContainers: resized(initContainers, before.initContainers),
      resources: clone(resources),
    });
  },

  approval: (given, previous, { whole }) => {
    const { status: _s, ...others } = fieldsOf(previous);
    const { conditions: _c, ...rest } = statusOf(previous);
    const { conditions } = statusOf(given);
    return withMetadataOf(given, objectOf(clone({ ...others, status: { ...rest, ...(conditions ? { conditions } : {}) } })), whole);
  },
};

/** What clients give with these parts, they take too: labels, annotations and the like. */
const withMetadataOf = (given: KubeObject, taken: KubeObject, whole: boolean): KubeObject =>
  whole ? objectOf({ ...fieldsOf(taken), metadata: clone(ownedMetadata(given, taken)) }) : taken;

function withoutStatusOf(given: KubeObject, previous: KubeObject, resource: ApiResource): KubeObject {
  const fields: Record<string, unknown> = clone({ ...fieldsOf(given), metadata: ownedMetadata(given, previous) });
  if (resource.strategy.ownStatus?.(given) ?? resource.versions.some(({ subresources }) => 'status' in subresources)) {
    const { status } = fieldsOf(previous);
    if (status === undefined) delete fields['status'];
    else fields['status'] = status;
  }
  return objectOf(fields);
}

/** A reconciler that has a status to tell may give annotations with it, or that there are none any more (`{}`). */
function withAnnotationsOf({ metadata: { annotations } }: KubeObject, { metadata }: KubeObject): ObjectMeta {
  if (!annotations) return { ...metadata };
  const { annotations: _, ...rest } = metadata;
  return Object.keys(annotations).length > 0 ? { ...metadata, annotations } : rest;
}

/** Most kinds take all metadata with the status that a client gives (PrepareForUpdate of their status strategies). */
function metadataWithStatus(given: KubeObject, previous: KubeObject, { strategy: { statusKeeps } }: ApiResource): KubeObject['metadata'] {
  if (statusKeeps === 'metadata') return { ...previous.metadata };
  const metadata = ownedMetadata(given, previous);
  if (statusKeeps !== 'labels') return metadata;
  const { labels: _, ...others } = metadata;
  return { ...others, ...(previous.metadata.labels && { labels: previous.metadata.labels }) };
}

/** The metadata of an update: what the server owns is as it was. Lists and maps without anything in them do not exist. */
function ownedMetadata(given: KubeObject, previous: KubeObject): KubeObject['metadata'] {
  const { uid, resourceVersion, creationTimestamp, generation, namespace, deletionTimestamp, deletionGracePeriodSeconds } = previous.metadata;
  // Another uid has been refused already, but that of a patch: validation does that.
  const metadata = { ...given.metadata, uid: given.metadata.uid || uid, resourceVersion, creationTimestamp, generation, namespace };
  // Only a deletion sets these. An update that sets them is refused later, for changing what is immutable.
  metadata.deletionTimestamp = deletionTimestamp ?? metadata.deletionTimestamp;
  metadata.deletionGracePeriodSeconds = deletionGracePeriodSeconds ?? metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  // Who owns what is no field of the object (field-tracking.ts).
  delete metadata.managedFields;
  for (const name of Object.keys(metadata) as (keyof typeof metadata)[]) if (isNothing(metadata[name])) delete metadata[name];
  return metadata as KubeObject['metadata'];
}

const isNothing = (value: unknown): boolean => value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** A deep copy of `previous` with other parts in its spec; undefined takes a part out. */
function withSpec(previous: KubeObject, changes: Readonly<Record<string, unknown>>): KubeObject {
  const { status, ...rest } = fieldsOf(previous);
  const spec: Record<string, unknown> = { ...specOf(previous), ...changes };
  for (const name of Object.keys(changes)) if (changes[name] === undefined) delete spec[name];
  return objectOf({ ...clone({ ...rest, spec }), ...(status !== undefined && { status }) });
}

const specOf = (object: KubeObject): Fields => (fieldsOf(object)['spec'] ?? {}) as Fields;
const statusOf = (object: KubeObject): Fields => (fieldsOf(object)['status'] ?? {}) as Fields;

/**
 * The containers as they were, with the given resources. Containers that were added, removed, renamed or reordered are taken as they are
 * given: validation then says what is wrong with them (dropNonResizeUpdates).
 */
function resized(given: Container[] | undefined, before: Container[] | undefined): Container[] | undefined {
  if (given?.length !== before?.length || given?.some(({ name }, i) => name !== before![i]!.name)) return clone(given);
  return before?.map((container, i) => {
    const { resources: _r, resizePolicy: _p, ...rest } = container;
    const { resources, resizePolicy } = given![i]!;
    return clone({ ...rest, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) });
  });
}
