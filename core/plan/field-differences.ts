import type { ApiResource } from '../apis/api-resource.ts';
import type { FieldDifference } from '../apis/logplane/plan-status.ts';
import { jsonText } from '../kube/bounded-text.ts';
import { type Fields, fieldsOf, isFields } from '../kube/fields.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { compare } from '../managed-fields/comparison.ts';
import type { FieldSet } from '../managed-fields/field-set.ts';
import { mergeTypeOf } from '../managed-fields/merge-type.ts';
import { nameOf, type PathElement } from '../managed-fields/path-element.ts';
import { union } from '../managed-fields/set-operations.ts';

/** What a person would call a change from one object to another: the fields that differ but for the status and what the server keeps, the elements of lists told apart by their keys. */
export function fieldDifferences(before: KubeObject, after: KubeObject, resource: ApiResource): FieldDifference[] {
  const [was, is] = [told(before), told(after)];
  const hidden = resource.groupResource === 'secrets' ? SECRET : NONE;
  try {
    const { added, modified, removed } = compare(was, is, mergeTypeOf(resource.storageVersion.type));
    const out: FieldDifference[] = [];
    walk(union(union(added, modified), removed), { was, is, path: '' }, hidden, out);
    return out;
  } catch {
    // A list whose elements cannot be told apart: what is compared is the fields of the object itself.
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((name) => !same(was[name], is[name]))
      .map((name) => difference({ was: was[name], is: is[name], path: `.${name}` }, hidden));
  }
}

/** The object without what changes by itself. */
function told(object: KubeObject): Fields {
  const { status: _, ...rest } = fieldsOf(object);
  const { resourceVersion: _v, generation: _g, uid: _u, creationTimestamp: _c, managedFields: _m, ...metadata } = object.metadata;
  return { ...rest, metadata };
}

interface Pair {
  readonly was: unknown;
  readonly is: unknown;
  readonly path: string;
}

/** Down to where one of them has nothing, or both have something else. */
function walk(set: FieldSet, pair: Pair, hidden: ReadonlySet<string>, out: FieldDifference[]): void {
  if (out.length >= MOST) return;
  const goesOn = set.elements.length > 0 && pair.was !== undefined && pair.is !== undefined;
  if (!goesOn && !same(pair.was, pair.is)) return void out.push(difference(pair, hidden));
  for (const [i, element] of set.elements.entries()) {
    walk(set.children[i]!, { was: at(pair.was, element), is: at(pair.is, element), path: `${pair.path}${shown(element)}` }, hidden, out);
  }
}

function difference({ was, is, path }: Pair, hidden: ReadonlySet<string>): FieldDifference {
  const isHidden = [...hidden].some((start) => path === start || path.startsWith(`${start}.`));
  const text = (value: unknown) => (isHidden ? '"***"' : jsonText(value, LONGEST));
  return { path, ...(was !== undefined && { before: text(was) }), ...(is !== undefined && { after: text(is) }) };
}

const NONE: ReadonlySet<string> = new Set();
/** Who may create a Secret may not therefore read it. */
const SECRET: ReadonlySet<string> = new Set(['.data', '.stringData']);

const MOST = 100;
const LONGEST = 256;

function at(value: unknown, element: PathElement): unknown {
  const name = nameOf(element);
  if (name !== undefined) return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (!Array.isArray(value)) return undefined;
  const content: unknown = JSON.parse(element.slice(2));
  if (element.startsWith('k:'))
    return value.find((item) => isFields(item) && Object.entries(content as Fields).every(([key, is]) => (item[key] ?? DEFAULTS[key]) === is));
  return element.startsWith('v:') ? value.find((item) => same(item, content)) : value[content as number];
}

/** Of keys that elements of lists need not name. */
const DEFAULTS: Fields = { protocol: 'TCP' };

/** As kubectl names it: `.spec.containers[name="web"].image`. */
function shown(element: PathElement): string {
  const name = nameOf(element);
  if (name !== undefined) return PLAIN.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  const content: unknown = JSON.parse(element.slice(2));
  if (element.startsWith('k:'))
    return `[${Object.entries(content as Fields)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join(',')}]`;
  return element.startsWith('v:') ? `[=${JSON.stringify(content)}]` : `[${content}]`;
}

const PLAIN = /^[A-Za-z_][\w-]*$/;
