import { FieldSet } from './field-set.ts';
import type { MergeType } from './merge-type.ts';
import { nameOf, type PathElement } from './path-element.ts';

/**
 * A set with the fields that a type names and that something below them is in: `spec` for `spec.replicas`, and not a key of a map (fieldpath/set.go,
 * EnsureNamedFieldsAreMembers).
 */
export function withNamedFields(set: FieldSet, type: MergeType | undefined): FieldSet {
  let differs = false;
  const entries = set.elements.map((element, i): [PathElement, FieldSet] => {
    const child = set.children[i]!;
    if (child.elements.length === 0) return [element, child];
    const name = nameOf(element);
    const inner = withNamedFields(child, name === undefined ? type?.list?.element : type?.map?.typeOf(name));
    const isMember = inner.isMember || (name !== undefined && type?.map?.isNamed(name) === true);
    const after = isMember === inner.isMember ? inner : new FieldSet(isMember, inner.elements, inner.children);
    if (after !== child) differs = true;
    return [element, after];
  });
  return differs
    ? new FieldSet(
        set.isMember,
        set.elements,
        entries.map(([, child]) => child),
      )
    : set;
}
