import type { Apis } from '../core/apis/apis.ts';
import { isFields } from '../core/kube/fields.ts';
import { apiVersionOf } from '../core/kube/group-version-kind.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { Status } from '../core/kube/status.ts';
import { schemaOf } from '../core/schema/built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../core/schema/schema.ts';

type Applied = 'created' | 'configured' | 'unchanged';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Applies one object as `kubectl apply` does on the client's side: creates it, or patches it with what the manifest says now and without
 * what it said the last time (Kubernetes documentation, "Declarative Management of Kubernetes Objects Using Configuration Files").
 * `fetch` is the API server's, with a client's rights; it is given the target of the request line. `apis`: what that serves. Throws an Error with the message of the Status when the API refuses it.
 */
export async function apply(fetch: (target: string, init: RequestInit) => Promise<Response>, object: KubeObject, apis: Apis): Promise<Applied> {
  const { collection, type, namespace } = pathOf(object, apis);
  const manifest = withLastApplied({ ...object, metadata: { ...object.metadata, ...(namespace && { namespace }) } });
  const created = await fetch(`${collection}?${OPTIONS}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(manifest) });
  if (created.ok) return 'created';
  const refusal = (await created.json()) as Status;
  if (refusal.reason !== 'AlreadyExists') throw new Error(refusal.message);

  const path = `${collection}/${encodeURIComponent(object.metadata.name)}`;
  const live = (await answered(await fetch(path, { method: 'GET' }))) as KubeObject;
  const last = live.metadata.annotations?.[LAST_APPLIED];
  const body = last ? withDeletions(manifest, JSON.parse(last) as Json, { struct: type }) : manifest;
  const patched = await answered(
    await fetch(`${path}?${OPTIONS}`, { method: 'PATCH', headers: { 'content-type': 'application/strategic-merge-patch+json' }, body: JSON.stringify(body) }),
  );
  return (patched as KubeObject).metadata.resourceVersion === live.metadata.resourceVersion ? 'unchanged' : 'configured';
}

type Json = Record<string, unknown>;

// As kubectl sends them: a field that the server does not know is a mistake.
const OPTIONS = 'fieldManager=kubectl-client-side-apply&fieldValidation=Strict';

function pathOf(object: KubeObject, apis: Apis): { collection: string; type: TypeSchema; namespace: string | undefined } {
  const resource = apis.ofKind(object.apiVersion, object.kind);
  const served = resource?.versions.find(({ version }) => apiVersionOf({ group: resource.group, version }) === object.apiVersion);
  if (!resource || !served) throw new Error(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
  const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
  const base = resource.group ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  return { collection: `${base}${namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/${resource.resource}`, type: served.type, namespace };
}

function withLastApplied(object: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  const plain = { ...object, metadata: { ...object.metadata, annotations } };
  return { ...plain, metadata: { ...plain.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(plain)}\n` } } };
}

/** `wanted` as a strategic merge patch that also removes what `last` had and `wanted` has not. */
export function withDeletions(wanted: Json | KubeObject, last: Json, schema: Field): Json {
  const out: Json = { ...wanted };
  for (const name of new Set([...Object.keys(last), ...Object.keys(wanted)])) {
    const [before, now, field] = [last[name], (wanted as Json)[name], fieldOf(schema, name) ?? {}];
    if (now === undefined || now === null) {
      if (before !== null) out[name] = null;
    } else if (isFields(now)) {
      out[name] = retaining(field, withDeletions(now, isFields(before) ? before : {}, field), now);
    } else if (Array.isArray(now) && strategiesOf(field).includes('merge')) {
      mergeList(out, { name, now, before: Array.isArray(before) ? before : [], field });
    }
  }
  return out;
}

/** A list that merges keeps what the patch does not name: what is to go must be named. */
function mergeList(out: Json, { name, now, before, field }: { name: string; now: unknown[]; before: unknown[]; field: Field }): void {
  const key = field.patchMergeKey;
  if (!key) {
    const gone = before.filter((value) => !now.includes(value));
    if (gone.length > 0) out[`$deleteFromPrimitiveList/${name}`] = gone;
    return;
  }
  const within = (list: unknown[], value: unknown) => list.find((element) => isFields(element) && element[key] === value) as Json | undefined;
  const kept = (now as Json[]).map((element) => retaining(field, withDeletions(element, within(before, element[key]) ?? {}, field.items ?? {}), element));
  const gone = (before as Json[]).filter((element) => !within(now, element[key])).map((element) => ({ $patch: 'delete', [key]: element[key] }));
  out[name] = [...kept, ...gone];
}

/** Of a union, such as a volume, only what is named may stay: what the server filled in for another kind of it must go. */
function retaining(field: Field, patch: Json, wanted: Json): Json {
  return strategiesOf(field).includes('retainKeys') ? { ...patch, $retainKeys: Object.keys(wanted) } : patch;
}

const strategiesOf = (field: Field): string[] => field.patchStrategy?.split(',') ?? [];

function fieldOf(schema: Field, name: string): FieldSchema | undefined {
  const type = schema.struct ?? (schema.ref === undefined ? undefined : schemaOf(schema.ref));
  return schema.map ?? type?.fields?.[name];
}

/** As much of a field's schema as is known of it. */
type Field = Partial<FieldSchema>;

async function answered(response: Response): Promise<unknown> {
  const body = await response.json();
  if (!response.ok) throw new Error((body as Status).message);
  return body;
}
