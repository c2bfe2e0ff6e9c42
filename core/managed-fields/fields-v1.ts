import { isFields } from '../kube/fields.ts';
import { FieldSet } from './field-set.ts';
import { type PathElement, readElement } from './path-element.ts';
import { union } from './set-operations.ts';

/** `metav1.FieldsV1`: a set of fields as JSON (sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go). */
export type FieldsV1 = { readonly [element: PathElement]: FieldsV1 };

/** What is in a set below its root, each field in its order. */
export function fieldsV1Of(set: FieldSet): FieldsV1 {
  const out: Record<string, FieldsV1> = {};
  set.elements.forEach((element, i) => {
    const child = set.children[i]!;
    out[element] = child.isMember && !child.isLeaf ? { '.': {}, ...fieldsV1Of(child) } : fieldsV1Of(child);
  });
  return out;
}

/** The set that was written. Throws a SyntaxError when there is an element that is none; those of a type that is not known are passed over. */
export function readFieldsV1(value: unknown): FieldSet {
  const { isMember, entries } = readNode(value);
  const set = FieldSet.from(false, entries);
  return isMember && entries.length === 0 ? FieldSet.empty : set;
}

function readNode(value: unknown): { isMember: boolean; entries: [PathElement, FieldSet][] } {
  if (value !== null && !isFields(value)) throw new SyntaxError('expect { or n');
  let isMember = false;
  const entries = new Map<PathElement, FieldSet>();
  for (const [name, below] of Object.entries(value ?? {})) {
    if (name === '.') {
      isMember = true;
      continue;
    }
    const element = readElement(name);
    if (element === undefined) continue;
    const inner = readNode(below);
    const child = FieldSet.from(inner.isMember || inner.entries.length === 0, inner.entries);
    const other = entries.get(element);
    entries.set(element, other ? union(other, child) : child);
  }
  return { isMember, entries: [...entries] };
}
