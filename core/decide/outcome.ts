import type { ApiResource } from '../apis/api-resource.ts';
import type { StrategyContext } from '../apis/strategy.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import { conflict, type FieldError, invalid, type StatusError } from '../kube/status.ts';
import { validateObjectMeta } from '../kube/validation/metadata.ts';
import type { LogEvent } from '../log/log.ts';
import { diff } from '../log/patch.ts';
import type { DecideContext, Decision } from './decision.ts';

/** What every decision has before it: the kind's rules, the state, and who wants it. */
export type Draft = DecideContext & StrategyContext & { readonly resource: ApiResource };

export const added = (object: KubeObject, draft: Draft): Decision => ({
  events: [{ type: 'ADDED', key: keyIn(draft.resource, object), object, ...by(draft) }],
  object,
  deleted: false,
});

/** The change from `previous` to `object`; no event when they are the same (etcd3's GuaranteedUpdate writes nothing then). */
export function modified(object: KubeObject, previous: KubeObject, draft: Draft): Decision {
  const patch = diff(previous, object);
  if (patch && Object.keys(patch).length === 0) return unchanged(previous);
  const key = keyIn(draft.resource, object);
  const event: LogEvent = patch ? { type: 'MODIFIED', key, patch, ...by(draft) } : { type: 'MODIFIED', key, object, ...by(draft) };
  return { events: [event], object, deleted: false };
}

export const deleted = (object: KubeObject, draft: Draft): Decision => ({
  events: [{ type: 'DELETED', key: keyIn(draft.resource, object), ...by(draft) }],
  object,
  deleted: true,
});

export const unchanged = (object: KubeObject): Decision => ({ events: [], object, deleted: false });

/** Throws 422 when there is anything wrong. */
export function refuse({ group, kind }: ApiResource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group, kind }, object.metadata.name ?? '', errors);
}

export const metadataErrors = ({ namespaced, strategy }: ApiResource, object: KubeObject): FieldError[] =>
  validateObjectMeta(object, { namespaced, nameFormat: strategy.nameFormat ?? 'subdomain' });

/** storage.Preconditions: the object of this name must still be the one that is meant. */
export const uidConflict = (of: { group: string; resource: string }, { name, uid }: KubeObject['metadata'], expected: string): StatusError =>
  conflict(of, name, `Precondition failed: UID in precondition: ${expected}, UID in object meta: ${uid}`);

const keyIn = ({ groupResource, namespaced }: ApiResource, { metadata }: KubeObject): Key =>
  keyOf(groupResource, namespaced ? metadata.namespace : undefined, metadata.name);

const by = ({ actor, cause }: DecideContext) => ({ actor, ...(cause !== undefined && { cause }) });
