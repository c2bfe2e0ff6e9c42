import type { ApiResource } from '../apis/api-resource.ts';
import { apisOf } from '../apis/apis.ts';
import type { ApplyMutation } from '../apis/mutation.ts';
import { SCALE, scaleOf, scalingOf } from '../apis/scale.ts';
import { apiVersionOf } from '../kube/group-version-kind.ts';
import type { KubeObject } from '../kube/object.ts';
import { invalid, notFound } from '../kube/status.ts';
import { nonNegative } from '../kube/validation/field.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { headOf, inOrder, type ManagedEntry } from '../managed-fields/managed-entry.ts';
import { mergeTypeOf } from '../managed-fields/merge-type.ts';
import { entriesIn } from '../managed-fields/ownership.ts';
import { difference } from '../managed-fields/set-operations.ts';
import { schemaOf } from '../schema/built-in-types.ts';
import type { Scale } from '../schema/generated/kinds.ts';
import { applyConfig, checkConfig } from './apply-config.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { storageApiVersion } from './field-versions.ts';
import { decideUpdate } from './update.ts';

const apiVersion = apiVersionOf(SCALE);

/** Where a Scale has the replicas, and where the objects that scale have them. */
const REPLICAS = ['f:spec', 'f:replicas'];
const replicas = FieldSet.of(REPLICAS);

/**
 * The configuration of a Scale: who owns the replicas of the object owns them in its Scale, and who owns them there in the end owns them in the object (apimachinery's
 * managedfields/scalehandler.go). Throws 400, 404, 409, 422.
 */
export function decideApplyScale(
  { name, namespace, config, manager, force, resource: of }: ApplyMutation,
  resource: ApiResource,
  context: Deciding,
): Decision | Asking {
  const old = context.state.get(resource.storedAs, namespace, name);
  if (!old) throw notFound(resource, name);
  const type = mergeTypeOf(schemaOf('io.k8s.api.autoscaling.v1.Scale')!);
  checkConfig(config, { apiVersion, kind: SCALE.kind, type });
  const scale = scalingOf(resource, apiVersionOf({ group: resource.group, version: resource.storageVersion.version }));
  const live = scaleOf(old, scale);
  const before = entriesIn(old);
  const write = {
    live,
    empty: {},
    config,
    entries: before.filter(({ set }) => set.has(REPLICAS)).map((entry) => ({ ...entry, head: { ...entry.head, apiVersion }, set: replicas })),
    by: { manager: manager.name, apiVersion, subresource: 'scale' },
    versions: versionsOfScale(type),
    now: Math.floor(context.now / 1000),
    force,
  };
  const { value, entries } = applyConfig(write, type);
  const { metadata, spec } = (value ?? live) as Scale;
  const errors = nonNegative('spec.replicas', spec?.replicas);
  if (errors.length > 0) throw invalid(SCALE, name, errors);
  const scaled: KubeObject = scale.withReplicas(old, spec?.replicas ?? 0);
  const { uid, resourceVersion } = metadata;
  const object = { ...scaled, metadata: { ...scaled.metadata, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
  const managedFields = inObject(before, entries, storageApiVersion(resource, apisOf(context.state)));
  const own = managedFields.find(({ head }) => head.manager === manager.name && head.operation === 'Apply' && head.subresource === 'scale');
  const tracked = { manager: { ...manager, subresource: 'scale' }, applied: own?.set ?? FieldSet.empty, managedFields };
  return decideUpdate({ type: 'update', resource: of, object, replace: true, scaled: true }, resource, context, tracked);
}

const versionsOfScale = (type: ReturnType<typeof mergeTypeOf>) => ({
  typeOf: (version: string) => (version === apiVersion ? type : undefined),
  convert: ({ value }: { value: unknown }) => value,
  ignored: () => FieldSet.empty,
});

/** The managers of an object, of which some own its replicas through its Scale. */
function inObject(before: readonly ManagedEntry[], ofScale: readonly ManagedEntry[], ofObject: string): ManagedEntry[] {
  const owners = new Map(ofScale.filter(({ set }) => set.has(REPLICAS)).map((entry) => [entry.head.identity, entry]));
  const out: ManagedEntry[] = [];
  for (const entry of before) {
    const isOwner = owners.delete(entry.head.identity);
    const set = isOwner ? entry.set : difference(entry.set, replicas);
    if (!set.isEmpty) out.push(set === entry.set ? entry : { ...entry, set });
  }
  for (const { head } of owners.values()) out.push({ head: headOf({ ...head, apiVersion: ofObject }), time: undefined, set: replicas });
  return inOrder(out);
}
