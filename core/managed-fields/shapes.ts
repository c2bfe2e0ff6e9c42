import { elementsIn } from './elements.ts';
import { FieldSet } from './field-set.ts';
import { type FieldsV1, fieldsV1Of } from './fields-v1.ts';
import { keptOnce } from './kept-once.ts';
import { type Head, headOf, type ManagedEntry } from './managed-entry.ts';
import { ownKey } from './own-key.ts';
import type { PathElement } from './path-element.ts';

/**
 * The managed fields of an object as a state keeps them: a shape, which all objects have in common that were written alike, and what is the object's own, which is the time of each
 * entry (in seconds) and the keys that no other object has. Ten thousand pods of one template have one shape.
 */
export type Ownership = readonly [shape: Shape, ...own: Own[]];

export type Own = number | string | null;

export interface Shape {
  readonly heads: readonly Head[];
  /** As many. Where the objects' own keys are there is a hole. */
  readonly sets: readonly FieldSet[];
}

/** Entries as they are kept; undefined for none. */
export function ownershipOf(entries: readonly ManagedEntry[]): Ownership | undefined {
  if (entries.length === 0) return undefined;
  const keys: string[] = [];
  const sets = entries.map(({ set }) => interned(set, keys));
  const times: Own[] = entries.map(({ time }) => time ?? null);
  // `concat` makes a list without room for more: every object of a state has one.
  return ([shapeOf(entries, sets)] as unknown[]).concat(times, keys) as unknown as Ownership;
}

/** The entries that are kept. */
export function entriesOf(ownership: Ownership | undefined): readonly ManagedEntry[] {
  if (!ownership) return [];
  const [{ heads, sets }, ...own] = ownership;
  const keys = own.slice(heads.length).values() as Iterator<string>;
  return heads.map((head, i) => ({ head, time: (own[i] as number | null) ?? undefined, set: filled(sets[i]!, keys) }));
}

/** A shape as a snapshot keeps it: once for all objects that are stored together. */
export type StoredShape = readonly (readonly [manager: string, operation: Head['operation'], apiVersion: string, subresource: string, fields: FieldsV1])[];

export const storedShape = ({ heads, sets }: Shape): StoredShape =>
  heads.map(({ manager, operation, apiVersion, subresource }, i) => [manager, operation, apiVersion, subresource, fieldsV1Of(sets[i]!)]);

/** What was kept of the first object of a shape. */
export function readOwnership(stored: StoredShape, own: readonly Own[]): Ownership | undefined {
  const keys = own.slice(stored.length).values() as Iterator<string>;
  return ownershipOf(
    stored.map(([manager, operation, apiVersion, subresource, fields], i) => ({
      head: headOf({ manager, operation, apiVersion, subresource }),
      time: (own[i] as number | null) ?? undefined,
      set: readSet(fields, keys),
    })),
  );
}

/** A set in whose holes are keys again. */
function readSet(fields: FieldsV1, keys: Iterator<string>): FieldSet {
  const { '.': self, ...below } = fields;
  const elements: PathElement[] = [];
  const children: FieldSet[] = [];
  for (const [element, inner] of Object.entries(below)) {
    elements.push(isHole(element) ? addressElement(keys) : element);
    children.push(Object.keys(inner).length === 0 ? FieldSet.leaf : readSet(inner, keys));
  }
  return new FieldSet(self !== undefined, elements, children);
}

function shapeOf(entries: readonly ManagedEntry[], sets: readonly FieldSet[]): Shape {
  let key = '';
  for (let i = 0; i < entries.length; i++) key += `${entries[i]!.head.id} ${sets[i]!.id} `;
  let shape = shapes.get(key);
  if (!shape) {
    shape = { heads: entries.map(({ head }) => head), sets };
    if (shapes.size >= MOST_SHAPES) shapes.clear();
    shapes.set(key, shape);
  }
  return shape;
}

/** A set of which there is one for all that have the same in it; the keys that are an object's own go to `keys`, in order. */
function interned(set: FieldSet, keys: string[]): FieldSet {
  if (set.id > 0 && set.holes === 0) return set;
  let holes = 0;
  let elements: PathElement[] | undefined;
  const children = set.children.map((child, i) => {
    const own = ownKey(set.elements[i]!);
    if (own !== undefined) {
      keys.push(own);
      holes++;
      elements ??= [...set.elements];
      elements[i] = holeAt(i);
    }
    const inner = interned(child, keys);
    holes += inner.holes;
    return inner;
  });
  return keptOnce(set.isMember, elementsIn(elements ?? set.elements), children, holes);
}

/** A set with an object's own keys in their places. */
function filled(set: FieldSet, keys: Iterator<string>): FieldSet {
  if (set.holes === 0) return set;
  const elements = [...set.elements];
  const children = set.children.map((child, i) => {
    if (isHole(elements[i]!)) elements[i] = addressElement(keys);
    return filled(child, keys);
  });
  return new FieldSet(set.isMember, elements, children);
}

/** Those of one node differ, so that they can be told apart in JSON. */
const holeAt = (i: number): PathElement => `${HOLE}${i}}`;
const HOLE = 'k:{"ip":?';

/** Where they are in the JSON of a set; what a key holds there is in quotes that are escaped. */
export const HOLES_IN_JSON = /(?<=(?<!\\)"k:\{\\"ip\\":)\?\d+(?=\}")/;

const isHole = (element: PathElement): boolean => element.startsWith(HOLE);

const addressElement = (keys: Iterator<string>): PathElement => `k:{"ip":"${keys.next().value}"}`;

const shapes = new Map<string, Shape>();
const MOST_SHAPES = 20_000;
