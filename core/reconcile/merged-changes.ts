import { type Fields, field, fieldsOf, isFields, objectOf, put } from '../kube/fields.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { definitionOf, schemaOf } from '../schema/built-in-types.ts';
import { type FieldShape, fieldOf, type Shape } from '../schema/patching/patch-shape.ts';

/** An object as two writers meant it: as it was when one of them looked at it, as that one wants it, and as the other has left it. */
export interface ThreeWay<T> {
  readonly known: T;
  readonly meant: T;
  readonly current: T;
}

/**
 * The current object with what one writer meant to change of it. Where both changed something, its word counts; but of lists that a strategic merge patch merges
 * (finalizers, owner references, conditions), each writer changes its own elements.
 */
export function mergedChanges({ known, meant, current }: ThreeWay<KubeObject>): KubeObject {
  const definition = definitionOf(current.apiVersion, current.kind);
  const type = (definition && schemaOf(definition)) || OF_ANY_KIND;
  return objectOf(mergedFields({ known: fieldsOf(known), meant: fieldsOf(meant), current: fieldsOf(current) }, { type }));
}

/** What is known of objects of every kind. */
const OF_ANY_KIND = {
  name: 'unknown kind',
  fields: { metadata: schemaOf('io.k8s.api.core.v1.Pod')!.fields!['metadata']! },
};

function mergedFields({ known, meant, current }: ThreeWay<Fields>, shape: Shape): Fields {
  const out: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(current), ...Object.keys(meant)])) {
    const value = mergedField({ known: field(known, name), meant: field(meant, name), current: field(current, name) }, () => shapeOf(shape, name));
    if (value !== undefined) put(out, name, value);
  }
  return out;
}

function mergedField(values: ThreeWay<unknown>, shape: () => FieldShape | undefined): unknown {
  const { known, meant, current } = values;
  if (same(known, meant)) return current;
  if (same(known, current)) return meant;
  if (isFields(meant) && isFields(current)) {
    return mergedFields({ known: isFields(known) ? known : {}, meant, current }, shape()?.shape ?? 'free');
  }
  const lists = { known: known ?? [], meant: meant ?? [], current: current ?? [] };
  const field = shape();
  return areLists(lists) && field?.strategy === 'merge' ? mergedLists(lists, field) : meant;
}

/** In the order of the current list, and what is new at its end; none, when nothing is left. */
function mergedLists({ known, meant, current }: ThreeWay<readonly unknown[]>, field: FieldShape): readonly unknown[] | undefined {
  const { mergeKey } = field;
  const byKey = (list: readonly unknown[]) => new Map(list.map((element) => [isFields(element) && mergeKey ? element[mergeKey] : element, element]));
  const [had, wanted, there] = [byKey(known), byKey(meant), byKey(current)];
  // Keys that are not told apart by the merge key alone, as of ports: nothing to go by.
  if (had.size < known.length || wanted.size < meant.length || there.size < current.length) return meant;
  const merged = [...new Set([...there.keys(), ...wanted.keys()])]
    .map((key) => mergedField({ known: had.get(key), meant: wanted.get(key), current: there.get(key) }, () => field))
    .filter((element) => element !== undefined);
  return merged.length > 0 ? merged : undefined;
}

function areLists(values: ThreeWay<unknown>): values is ThreeWay<readonly unknown[]> {
  return Object.values(values).every(Array.isArray);
}

/** A field that the type does not know is merged as JSON is. */
function shapeOf(shape: Shape, name: string): FieldShape | undefined {
  return typeof shape === 'object' && 'type' in shape && !Object.hasOwn(shape.type.fields!, name) ? undefined : fieldOf(shape, name);
}
