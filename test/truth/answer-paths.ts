import { isDeepStrictEqual } from 'node:util';
import type { Step } from './case.ts';

/** Paths into answers: `a.b[0]["x.y"][type=Ready][*]`. */

type Segment = string | number | '*' | { readonly field: string; readonly value: string };

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any;

export function valuesAt(root: unknown, path: string): Json[] {
  const found: Json[] = [];
  locate(root, parsePath(path), (parent, key) => found.push(parent[key]));
  return found;
}

/** Whether an answer has at a path what a case waits for: a literal, null (absent), or one of `$exists`, `$match`, `$gte`, `$length`, `$in`. */
export function holds(answer: unknown, path: string, wanted: Json): boolean {
  const found = valuesAt(answer, path).filter((value) => value !== null);
  if (wanted === null || wanted?.$exists === false) return found.length === 0;
  if (wanted?.$length !== undefined) return (found[0]?.length ?? 0) === wanted.$length;
  return found.length > 0 && found.every((value) => isAsWanted(value, wanted));
}

function isAsWanted(value: Json, wanted: Json): boolean {
  if (wanted?.$exists) return true;
  if (wanted?.$match !== undefined) return new RegExp(wanted.$match).test(value);
  if (wanted?.$gte !== undefined) return value >= wanted.$gte;
  if (wanted?.$in) return wanted.$in.some((one: unknown) => isDeepStrictEqual(one, value));
  return isDeepStrictEqual(value, wanted);
}

/** What a step keeps of a body: the parts that it picks, or all but those that it drops. */
export function selected(body: Json, { pick, drop = [] }: Pick<Step, 'pick' | 'drop'>): Json {
  if (body === null || typeof body !== 'object') return body;
  if (pick) return Object.fromEntries(pick.map((path) => [path, path.includes('[*]') ? valuesAt(body, path) : (valuesAt(body, path)[0] ?? null)]));
  const copy = structuredClone(body);
  for (const path of drop.map(parsePath)) {
    const found: [Json, string][] = [];
    locate(copy, path, (parent, key) => found.push([parent, key]));
    for (const [parent, key] of found.reverse()) Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key];
    // What has nothing in it any more is as good as absent.
    if (path.length > 1) locate(copy, path.slice(0, -1), (parent, key) => isDeepStrictEqual(parent[key], {}) && delete parent[key]);
  }
  return copy;
}

const SEGMENT = /\[["']([^"']+)["']\]|\[(\d+)\]|\[(\*)\]|\[([^=\]]+)=([^\]]*)\]|([^.[\]]+)/g;

const parsePath = (path: string): Segment[] =>
  [...path.matchAll(SEGMENT)].map(([, quoted, index, all, field, value, name]): Segment => {
    if (index !== undefined) return Number(index);
    if (field !== undefined) return { field, value: value! };
    return (quoted ?? all ?? name)!;
  });

/** Calls `visit` for every place that a path leads to. */
function locate(root: Json, [first, ...others]: Segment[], visit: (parent: Json, key: string) => unknown): void {
  if (root === null || typeof root !== 'object' || first === undefined) return;
  for (const key of keysOf(root, first)) {
    if (others.length === 0) visit(root, key);
    else locate(root[key], others, visit);
  }
}

function keysOf(root: Json, segment: Segment): string[] {
  if (segment === '*') return Object.keys(root);
  if (typeof segment !== 'object') return Object.hasOwn(root, segment) ? [String(segment)] : [];
  const valueIn = (item: Json) => segment.field.split('.').reduce((value, name) => value?.[name], item);
  return Object.keys(root).filter((key) => String(valueIn(root[key])) === segment.value);
}
