import type { ApiResource } from '../apis/api-resource.ts';
import type { Fields } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { compare } from '../managed-fields/comparison.ts';
import type { FieldSet } from '../managed-fields/field-set.ts';
import { ListElementError } from '../managed-fields/list-elements.ts';
import { type MergeType, mergeTypeOf } from '../managed-fields/merge-type.ts';
import { entriesIn } from '../managed-fields/ownership.ts';
import { displayed } from '../managed-fields/path-element.ts';
import { intersection, union } from '../managed-fields/set-operations.ts';

/** The type of a stored object, by which elements of lists are told apart. */
export const typeOf = ({ custom, storageVersion }: ApiResource, { apiVersion }: KubeObject): MergeType =>
  mergeTypeOf((custom?.types.get(apiVersion) ?? storageVersion).type);

/** The fields in which two contents differ; undefined where that cannot be told of a list. */
export function differing(before: Fields, after: Fields, type: MergeType): FieldSet | undefined {
  try {
    const { added, modified, removed } = compare(before, after, type);
    return union(union(added, modified), removed);
  } catch (error) {
    if (error instanceof ListElementError) return undefined;
    throw error;
  }
}

/** Fields as a reader is told of them: the topmost of those that are in the set, and no more than a few. */
export function pathsOf(fields: FieldSet | undefined): string[] {
  if (!fields) return ['.'];
  const paths: string[] = [];
  for (const path of fields.paths()) {
    const text = path.map(displayed).join('');
    if (!paths.some((above) => text.startsWith(`${above}.`) || text.startsWith(`${above}[`))) paths.push(text);
    if (paths.length === MAX_PATHS) break;
  }
  return paths;
}

const MAX_PATHS = 50;

/** What of the fields of an object is declared by field managers who will declare it again, or is scaled by an autoscaler: by path, whose it is. */
export function ownedByOthers(
  object: KubeObject,
  fields: FieldSet | undefined,
  manager: string,
): readonly { readonly field: string; readonly manager: string }[] {
  return entriesIn(object).flatMap(({ head, set }) => {
    const isScaled = head.subresource === 'scale' && head.manager === 'kube-controller-manager' && fields !== undefined;
    if (head.manager === manager || (head.operation !== 'Apply' && !isScaled)) return [];
    const theirs = fields ? intersection(fields, set) : set;
    return pathsOf(theirs).map((field) => ({ field, manager: head.manager }));
  });
}
