import { type Fields, isFields } from '../../kube/fields.ts';
import { badRequest } from '../../kube/status.ts';
import type { TypeSchema } from '../schema.ts';
import { cleaned, DELETE_FROM, ELEMENT_ORDER, PATCH, RETAIN_KEYS, withoutNulls } from './directives.ts';
import { fieldOf, type Shape } from './patch-shape.ts';
import { badArgument, badPatchType, PatchError, statusOfPatchError } from './strategic-errors.ts';
import { deleteFrom, mergeList, orderList } from './strategic-list.ts';

/**
 * `object` with a strategic merge patch applied (sig-api-machinery/strategic-merge-patch.md in kubernetes/community; apimachinery's
 * pkg/util/strategicpatch): like a JSON merge patch, but lists with a merge key are merged element by element, and directives in the patch say
 * what a merge cannot. Neither argument is changed, and what the patch does not touch is shared with the result.
 * @param type That of the object.
 * Throws 400 BadRequest when the patch is not an object or breaks the format, 422 Invalid when it has lists of lists, 500 for what else is wrong with it.
 */
export function strategicMergePatch<T extends object>(object: T, patch: unknown, type: TypeSchema): T {
  if (!isFields(patch)) throw badRequest(badArgument({}, patch).message);
  try {
    return mergeFields(object as Fields, patch, { type }) as T;
  } catch (error) {
    throw error instanceof PatchError ? statusOfPatchError(error) : error;
  }
}

function mergeFields(original: Fields | undefined, patch: Fields, shape: Shape): Fields {
  if (Object.hasOwn(patch, PATCH)) return directed(patch);
  // A Map in between: its keys are only keys, `__proto__` among them.
  const out = new Map(Object.entries(original ?? {}));
  const rest = new Map(Object.entries(patch));
  retainKeys(out, rest);
  setElementOrders(out, rest, shape);
  for (const [name, value] of rest) {
    if (name.startsWith(DELETE_FROM)) deleteFromList(out, name.slice(DELETE_FROM.length), value);
    else mergeField(out, name, value, shape);
  }
  return Object.fromEntries(out);
}

/** `$patch: replace`: the patch itself; `$patch: delete`: nothing. */
function directed(patch: Fields): Fields {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return withoutNulls(rest) as Fields;
  if (directive === 'delete') return {};
  throw badPatchType(directive, patch);
}

function mergeField(out: Map<string, unknown>, name: string, value: unknown, shape: Shape): void {
  if (value === null) {
    out.delete(name);
    return;
  }
  const current = out.get(name);
  if (isFields(current) && isFields(value)) {
    const field = fieldOf(shape, name);
    out.set(name, field.strategy === 'replace' ? withoutNulls(value) : mergeFields(current, value, field.shape));
  } else if (Array.isArray(current) && Array.isArray(value)) {
    const field = fieldOf(shape, name);
    out.set(name, field.strategy === 'merge' ? mergeList(current, value, field, mergeFields) : withoutNulls(value));
  } else {
    add(out, name, value);
  }
}

/** Takes a value that has nothing to be merged with. Its directives have nothing to direct. */
function add(out: Map<string, unknown>, name: string, value: unknown): void {
  const kept = cleaned(value);
  if (kept === undefined) out.delete(name);
  else out.set(name, kept);
}

/** `$retainKeys: [a, b]`: only these fields stay. The patch may set no others. */
function retainKeys(out: Map<string, unknown>, patch: Map<string, unknown>): void {
  if (!patch.has(RETAIN_KEYS)) return;
  const keys = patch.get(RETAIN_KEYS);
  patch.delete(RETAIN_KEYS);
  if (!Array.isArray(keys)) throw new PatchError('invalid patch format of retainKeys', 400);
  const kept = new Set(keys);
  for (const [name, value] of patch) {
    if (value !== null && !name.startsWith(DELETE_FROM) && !name.startsWith(ELEMENT_ORDER) && !kept.has(name))
      throw new PatchError('invalid patch format of retainKeys', 400);
  }
  for (const name of [...out.keys()]) if (!kept.has(name)) out.delete(name);
}

/** `$setElementOrder/x: […]`: list x in this order; merged here with what the patch has for x. */
function setElementOrders(out: Map<string, unknown>, patch: Map<string, unknown>, shape: Shape): void {
  for (const [directive, order] of [...patch]) {
    if (!directive.startsWith(ELEMENT_ORDER)) continue;
    patch.delete(directive);
    const name = directive.slice(ELEMENT_ORDER.length);
    const current = out.get(name);
    const added = patch.get(name);
    if (!Array.isArray(order)) throw badArgument([], order);
    if (current !== undefined && !Array.isArray(current)) throw badArgument([], current);
    if (added !== undefined && !Array.isArray(added)) throw badArgument([], added);
    if (!current && !added) continue;
    patch.delete(name);
    out.set(name, orderList({ current, added, order, field: fieldOf(shape, name) }, mergeFields));
  }
}

/** `$deleteFromPrimitiveList/x: […]`: list x without these. */
function deleteFromList(out: Map<string, unknown>, name: string, values: unknown): void {
  const current = out.get(name);
  if (values === null) out.delete(name);
  else if (Array.isArray(current)) out.set(name, deleteFrom(current, values));
}
