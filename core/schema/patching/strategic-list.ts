import { type Fields, isFields } from '../../kube/fields.ts';
import { goText } from '../../kube/go-text.ts';
import { cleaned } from './directives.ts';
import type { FieldShape, Shape } from './patch-shape.ts';
import { badArgument, badPatchType, noMergeKey, PatchError } from './strategic-errors.ts';

/** Lists in a strategic merge patch: of objects with a merge key, or of scalars as a set. */

type List = readonly unknown[];

/** Merges a patch's element into the one that has its key. */
export type MergeFields = (original: Fields | undefined, patch: Fields, shape: Shape) => Fields;

/** Merges a patch's list into the one there is. What the patch names comes in the patch's order, the rest stays where it was, as far as that goes. */
export function mergeList(current: List, patch: List, field: FieldShape, merge: MergeFields): unknown[] {
  const kind = elementKind(current, patch);
  if (kind === 'none') return [];
  if (kind === 'scalar') return arrange([...new Set([...current, ...patch])], { first: patch, before: current, identity: (element) => element });
  const key = field.mergeKey;
  if (!key) throw new PatchError('cannot merge lists without merge key for struct');
  const { kept, changes } = takeDirectives(current as Fields[], patch as Fields[], key);
  return arrange(mergeElements(kept, changes, { key, shape: field.shape, merge }), {
    first: changes,
    before: kept,
    identity: (element) => keyOf(element as Fields, key),
  });
}

/** Puts a list, merged with what the patch adds to it, into the order that `$setElementOrder` says. */
export function orderList({ current, added, order, field }: Ordered, merge: MergeFields): unknown[] {
  const key = field.mergeKey;
  checkOrder(added ?? [], order, key);
  const merged = !added
    ? current!
    : !current
      ? (cleaned(added) as unknown[])
      : field.strategy === 'merge'
        ? mergeList(current, added, field, merge)
        : (cleaned(added) as unknown[]);
  return arrange(merged, { first: order, before: current ?? [], identity: (element) => (key ? keyOf(requireFields(element), key) : element) });
}

/** A list, what a patch adds to it, and the order that it says. */
interface Ordered {
  readonly current: List | undefined;
  readonly added: List | undefined;
  readonly order: List;
  readonly field: FieldShape;
}

/** A list of scalars without some of them. */
export function deleteFrom(current: List, values: unknown): unknown[] {
  if (!Array.isArray(values)) throw badArgument([], values);
  if (elementKind(current, values) === 'object') throw new PatchError('invalid patch format of primitive list', 400);
  const gone = new Set(values);
  return current.filter((element) => !gone.has(element));
}

type ElementKind = 'object' | 'scalar' | 'none';

function elementKind(...lists: List[]): ElementKind {
  let type: string | undefined;
  for (const element of lists.flat(1)) {
    const own = element === null ? 'null' : Array.isArray(element) ? 'list' : typeof element;
    if (type === undefined && own === 'list') throw new PatchError('lists of lists are not supported', 422);
    if (type !== undefined && type !== own) throw new PatchError(`list element types are not identical: ${goText(lists)}`);
    type = own;
  }
  return type === undefined ? 'none' : type === 'object' ? 'object' : 'scalar';
}

function requireFields(element: unknown): Fields {
  if (!isFields(element)) throw badArgument({}, element);
  return element;
}

function keyOf(element: Fields, key: string): unknown {
  if (!Object.hasOwn(element, key)) throw noMergeKey(element, key);
  return element[key];
}

/** Carries out `$patch: delete` and `$patch: replace` among a patch's elements. */
function takeDirectives(current: readonly Fields[], patch: readonly Fields[], key: string): { kept: readonly Fields[]; changes: Fields[] } {
  const changes: Fields[] = [];
  const gone = new Set<unknown>();
  for (const element of patch) {
    const directive = element['$patch'];
    if (directive === undefined) {
      changes.push(element);
    } else if (directive === 'delete') {
      gone.add(keyOf(element, key));
    } else if (directive === 'merge') {
      throw new PatchError('merging lists cannot yet be specified in the patch');
    } else if (directive !== 'replace') {
      throw badPatchType(directive, element);
    }
  }
  const replaces = patch.some((element) => element['$patch'] === 'replace');
  return { kept: replaces ? [] : gone.size > 0 ? current.filter((element) => !gone.has(element[key])) : current, changes };
}

function mergeElements(
  current: readonly Fields[],
  changes: readonly Fields[],
  { key, shape, merge }: { key: string; shape: Shape; merge: MergeFields },
): Fields[] {
  const out = [...current];
  const places = new Map<unknown, number>();
  for (const [i, element] of out.entries()) if (!places.has(element[key])) places.set(element[key], i);
  for (const change of changes) {
    const value = keyOf(change, key);
    const at = places.get(value) ?? out.length;
    places.set(value, at);
    out[at] = at < out.length ? merge(out[at], change, shape) : (cleaned(change) as Fields);
  }
  return out;
}

/** Fails unless the patch's elements come in the order that it says they come in. */
function checkOrder(patch: List, order: List, key: string | undefined): void {
  if (patch.length === 0 || order.length === 0) return;
  const identity = (element: unknown) => (key ? keyOf(requireFields(element), key) : element);
  const named = patch.filter((element) => !(isFields(element) && Object.hasOwn(element, '$patch')));
  let at = 0;
  for (const element of order) if (at < named.length && identity(named[at]) === identity(element)) at++;
  if (at < named.length) throw new PatchError(`The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
}

/**
 * Two orders become one: elements that `first` names stand in its order; the others keep theirs from `before`, each placed ahead of the first
 * named element that came after it (apimachinery's normalizeElementOrder).
 */
function arrange(list: List, { first, before, identity }: { first: List; before: List; identity: (element: unknown) => unknown }): unknown[] {
  const rankIn = (order: List) => {
    const ranks = new Map<unknown, number>();
    for (const [i, element] of order.entries()) if (!ranks.has(identity(element))) ranks.set(identity(element), i);
    return (element: unknown) => ranks.get(identity(element));
  };
  const named = rankIn(first);
  const was = rankIn(before);
  const left = list.filter((element) => named(element) === undefined).sort((a, b) => (was(a) ?? 0) - (was(b) ?? 0));
  const right = list.filter((element) => named(element) !== undefined).sort((a, b) => named(a)! - named(b)!);
  const out: unknown[] = [];
  while (left.length > 0 && right.length > 0) {
    const l = was(left[0]);
    const r = was(right[0]);
    out.push(l !== undefined && r !== undefined && l < r ? left.shift() : right.shift());
  }
  return [...out, ...left, ...right];
}
