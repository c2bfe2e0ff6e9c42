import { apiVersionOf, type GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type ManagedEntry, servedEntry } from '../../managed-fields/managed-entry.ts';
import { entriesIn } from '../../managed-fields/ownership.ts';
import { definitionOf, schemaOf } from '../../schema/built-in-types.ts';
import { withZeros } from '../../schema/zero-values.ts';
import type { Shown } from '../matching/shown.ts';
import type { AdmissionReview } from '../plugin.ts';

/** The objects of a request as webhooks are sent them: as Go encodes them, with those who own their fields. */
export function encodedObjects(
  { object, old }: Shown,
  kind: GroupVersionKind,
  review: AdmissionReview,
): { object: KubeObject | null; oldObject: KubeObject | null } {
  const encode = (one: KubeObject | undefined, entries: readonly ManagedEntry[]): KubeObject | null => {
    if (!one) return null;
    const type = typeOf(kind);
    const filled = type ? withZeros<KubeObject>(type)(one) : one;
    return entries.length === 0 ? filled : { ...filled, metadata: { ...filled.metadata, managedFields: entries.map(servedEntry) } };
  };
  return { object: encode(object, object ? ownersOf(review) : []), oldObject: encode(old, entriesIn(review.old)) };
}

/** Of one of Kubernetes' own kinds; undefined: the cluster defines it. */
export const typeOf = (kind: GroupVersionKind) => {
  const definition = definitionOf(apiVersionOf(kind), kind.kind);
  return definition === undefined ? undefined : schemaOf(definition);
};

/** Who owns the fields of the object that is to be: those of before, unless the write has changed that. Objects of subresources have no owners. */
export function ownersOf({ managedFields, object, old, resource }: AdmissionReview): readonly ManagedEntry[] {
  return object?.kind === resource.kind ? (managedFields ?? entriesIn(old)) : [];
}
