/** What every Kubernetes object has, and how an object is named inside Logplane. */

/**
 * Any Kubernetes object: what all have. Its other fields are those of its kind (`Pod`, `Deployment`, … in `schema/generated/kinds.ts`); code that treats
 * all kinds alike sees them as `fieldsOf(object)` (fields.ts).
 */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`. Times are RFC 3339 in UTC with whole seconds, as in Kubernetes. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
  selfLink?: string;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/**
 * A resource without its version, as apimachinery's GroupResource prints it: `pods`, `deployments.apps`,
 * `ingresses.networking.k8s.io`. Objects are stored under this name: one object for all versions of its API.
 */
export type GroupResource = string;

/** Where an object is: its resource, its namespace ('' when cluster-scoped) and its name. */
export interface ObjectKey {
  resource: GroupResource;
  namespace: string;
  name: string;
}

/** An ObjectKey as one string, `pods/default/web-0` or `nodes//node-1`: the key of a log event and of a state. */
export type Key = string;

export const keyOf = (resource: GroupResource, namespace: string | undefined, name: string): Key => `${resource}/${namespace ?? ''}/${name}`;

export function parseKey(key: Key): ObjectKey {
  const a = key.indexOf('/');
  const b = key.indexOf('/', a + 1);
  return { resource: key.slice(0, a), namespace: key.slice(a + 1, b), name: key.slice(b + 1) };
}

/** The ownerReference that controls `object`, if any (at most one may). */
export const controllerOf = (object: KubeObject): OwnerReference | undefined => object.metadata.ownerReferences?.find((ref) => ref.controller);

/** The ownerReference with which `owner` controls what it creates (apimachinery's NewControllerRef). */
export const controllerRef = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid!,
  controller: true,
  blockOwnerDeletion: true,
});

/** `ms` since the epoch as a Kubernetes Time: RFC 3339, UTC, whole seconds. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== last.second) last = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** Most times that follow each other are of one second. */
let last = { second: Number.NaN, text: '' };

/** `ms` since the epoch as a Kubernetes MicroTime: RFC 3339, UTC, microseconds. */
export const microTimestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000Z`;

/** A deep copy of a JSON value. Objects of a state are shared and never changed: copy before changing in place. */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const out = new Array(value.length);
    for (let i = 0; i < value.length; i++) out[i] = clone(value[i]);
    return out as T;
  }
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const copy = clone((value as Record<string, unknown>)[name]);
    // A plain assignment would set the prototype. It is a legal key of a ConfigMap.
    if (name === '__proto__') Object.defineProperty(out, name, { value: copy, writable: true, enumerable: true, configurable: true });
    else out[name] = copy;
  }
  return out as T;
}

/** Whether two JSON values are the same; a shared part is recognised without looking into it. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) {
    if (a.length !== (b as unknown[]).length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], (b as unknown[])[i])) return false;
    return true;
  }
  // `for in` over plain objects allocates nothing.
  let more = 0;
  for (const name in a) {
    const value = (a as Record<string, unknown>)[name];
    if (value === undefined) continue;
    if (!Object.hasOwn(b, name) || !same(value, (b as Record<string, unknown>)[name])) return false;
    more++;
  }
  for (const name in b) if ((b as Record<string, unknown>)[name] !== undefined) more--;
  return more === 0;
}
