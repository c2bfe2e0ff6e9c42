import { compareText } from './code-points.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** The fields of a map in their order, and which of the names each is. Objects of one kind have few sets of names: each is sorted, and kept, once. */
export interface OrderedNames {
  readonly elements: readonly PathElement[];
  /** For each element the place of its name. */
  readonly places: readonly number[];
}

export function orderedNames(names: readonly string[]): OrderedNames {
  const key = names.join('\n');
  let ordered = known.get(key);
  if (!ordered) {
    const places = names.map((_, i) => i).sort((a, b) => compareText(names[a]!, names[b]!));
    ordered = { elements: places.map((place) => fieldElement(names[place]!)), places };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, ordered);
  }
  return ordered;
}

const known = new Map<string, OrderedNames>();
const MOST_KNOWN = 5_000;
