import { compareText } from './code-points.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** Elements in their order, of which there is one value for all that are the same. */
export interface Elements {
  readonly id: number;
  readonly list: readonly PathElement[];
}

export function elementsIn(list: readonly PathElement[]): Elements {
  const text = list.length === 1 ? list[0]! : list.join('\n');
  let elements = known.get(text);
  if (!elements) {
    elements = { id: ++lastId, list };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, elements);
  }
  return elements;
}

/** The fields of a map, and which of the names each is. Objects of one kind have few sets of names: each is sorted once. */
export interface OrderedNames {
  readonly elements: Elements;
  /** For each element the place of its name. */
  readonly places: readonly number[];
}

export function orderedNames(names: readonly string[]): OrderedNames {
  const key = names.length === 1 ? names[0]! : names.join('\n');
  let found = ordered.get(key);
  if (!found) {
    const places = names.map((_, i) => i).sort((a, b) => compareText(names[a]!, names[b]!));
    found = { elements: elementsIn(places.map((place) => fieldElement(names[place]!))), places };
    if (ordered.size >= MOST_KNOWN) ordered.clear();
    ordered.set(key, found);
  }
  return found;
}

const known = new Map<string, Elements>();
const ordered = new Map<string, OrderedNames>();
let lastId = 0;
const MOST_KNOWN = 10_000;
