import type { PathElement } from './path-element.ts';

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

const known = new Map<string, Elements>();
let lastId = 0;
const MOST_KNOWN = 10_000;
