import { field, fieldsOf, isFields } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Comparison, compare } from '../managed-fields/comparison.ts';
import type { FieldSet } from '../managed-fields/field-set.ts';
import { elementsOf, ListElementError, Repeated } from '../managed-fields/list-elements.ts';
import { deduced, type MergeType } from '../managed-fields/merge-type.ts';
import { displayed, nameOf, type PathElement } from '../managed-fields/path-element.ts';
import { union } from '../managed-fields/set-operations.ts';
import { storedVersions } from '../managed-fields/stored-versions.ts';
import type { Change } from './change.ts';

/** One field, or all that stands below one that was not there or is there no more. */
export interface Difference {
  /** As conflicts of server-side apply name it: `.spec.template.spec.containers[name="web"].image`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** A difference with the steps that lead to it. */
export interface FoundDifference extends Difference {
  readonly steps: readonly PathElement[];
}

/**
 * What a change changed, field by field, in the order of server-side apply: elements of lists are told apart as there. What was not there before, or is there no more, is one
 * difference with all that stands below it; of an object that was created or deleted, these are its parts.
 */
export function differencesOf({ type, object, previous }: Pick<Change, 'type' | 'object' | 'previous'>): readonly FoundDifference[] {
  if (type === 'ADDED') return partsOf(object, 'to');
  if (type === 'DELETED') return partsOf(object, 'from');
  return [...differencesBetween(previous!, object)];
}

/** The fields of an object, and those of its metadata. */
function partsOf(object: KubeObject, side: 'from' | 'to'): FoundDifference[] {
  const { metadata } = object;
  const ofMetadata = Object.entries(metadata).filter(([name]) => !IDENTITY.has(name));
  const others = Object.entries(fieldsOf(object)).filter(([name]) => name !== 'apiVersion' && name !== 'kind' && name !== 'metadata');
  return [
    ...ofMetadata.map(([name, value]) => found([`f:metadata`, `f:${name}`], { [side]: value })),
    ...others.map(([name, value]) => found([`f:${name}`], { [side]: value })),
  ];
}

/** A change says these of its object, or they follow from where it stands. */
export const IDENTITY: ReadonlySet<string> = new Set(['name', 'namespace', 'resourceVersion', 'managedFields']);

/** The same from one object to another: elements of lists by their keys, unless these do not tell them apart. */
export function* differencesBetween(before: KubeObject, after: KubeObject): Generator<FoundDifference> {
  const { set, type } = changedFields(before, after);
  for (const difference of below(set, before, after, type, [])) if (!isVersion(difference.steps)) yield difference;
}

/** The fields that are other than they were, that came, and that went; and by which type they are told apart. */
export function changedFields(before: KubeObject, after: KubeObject): { readonly set: FieldSet; readonly type: MergeType } {
  const known = mergeTypeOfObject(after);
  try {
    return { set: allOf(compare(before, after, known)), type: known };
  } catch (error) {
    // Elements of a list that cannot be told apart: then lists are taken as a whole.
    if (!(error instanceof ListElementError)) throw error;
    return { set: allOf(compare(before, after, deduced)), type: deduced };
  }
}

/** The type of a stored object, by which its fields have owners. */
export const mergeTypeOfObject = (object: KubeObject): MergeType => storedVersions(object, undefined).typeOf(object.apiVersion) ?? deduced;

const allOf = ({ modified, added, removed }: Comparison): FieldSet => union(union(modified, added), removed);

const isVersion = (steps: readonly PathElement[]): boolean => steps.length === 2 && steps[0] === 'f:metadata' && steps[1] === 'f:resourceVersion';

function* below(set: FieldSet, before: unknown, after: unknown, type: MergeType, steps: readonly PathElement[]): Generator<FoundDifference> {
  const [was, is] = [partsAt(before, type), partsAt(after, type)];
  for (const [i, element] of set.elements.entries()) {
    const child = set.children[i]!;
    const [from, to] = [was(element), is(element)];
    const path = [...steps, element];
    if (from === undefined || to === undefined || child.elements.length === 0) {
      if (from !== undefined || to !== undefined) yield found(path, { ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
      continue;
    }
    yield* below(child, from, to, typeAt(type, element), path);
  }
}

/** What a value has at each step. */
export function partsAt(value: unknown, type: MergeType): (element: PathElement) => unknown {
  if (Array.isArray(value)) {
    const elements = type.list && !type.list.isAtomic ? elementsOf(type.list, value) : new Map<PathElement, unknown>();
    return (element) => {
      const found = elements.get(element);
      return found instanceof Repeated ? found.items : found;
    };
  }
  return (element) => {
    const name = nameOf(element);
    return isFields(value) && name !== undefined ? field(value, name) : undefined;
  };
}

/** The type of what is there. */
export function typeAt(type: MergeType, element: PathElement): MergeType {
  const name = nameOf(element);
  return (name === undefined ? type.list?.element : type.map?.typeOf(name)) ?? deduced;
}

const found = (steps: readonly PathElement[], values: Pick<Difference, 'from' | 'to'>): FoundDifference => ({
  path: steps.map(displayed).join(''),
  ...values,
  steps,
});
