import type { Chance } from '../../simulation/chance.ts';

/** JSON of any shape. */
export function anyValue(chance: Chance, depth = 3): unknown {
  const leaf = () => chance.pick(LEAVES);
  if (depth === 0) return leaf();
  switch (chance.weighted({ leaf: 5, list: 2, object: 3, text: 1 })) {
    case 'leaf':
      return leaf();
    case 'list':
      return Array.from({ length: chance.whole(0, 3) }, () => anyValue(chance, depth - 1));
    case 'object':
      return Object.fromEntries(Array.from({ length: chance.whole(0, 3) }, () => [chance.pick(NAMES), anyValue(chance, depth - 1)]));
    case 'text':
      return chance.pick(NAMES);
  }
}

const LEAVES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  -(2 ** 31),
  '',
  'a',
  '🌍',
  '\u0000',
  'x'.repeat(300),
  [],
  {},
  '1',
  'null',
  '2026-01-01T00:00:00Z',
  '10Mi',
];

/** Names of fields, of which some mean something somewhere. */
const NAMES = [
  'metadata',
  'name',
  'namespace',
  'spec',
  'status',
  'kind',
  'apiVersion',
  'type',
  'items',
  'properties',
  'a',
  '',
  '__proto__',
  'constructor',
  'toString',
  '$patch',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  '$retainKeys',
  'resourceVersion',
  'uid',
  'managedFields',
  'ownerReferences',
  'finalizers',
  'labels',
  'annotations',
  'generateName',
  'deletionTimestamp',
  'é',
];

type Container = unknown[] | Record<string, unknown>;

/** A copy of a value in which one to three things have changed. */
export function mutated<T>(chance: Chance, value: T): T {
  const root = { value: structuredClone(value) as unknown };
  for (let left = chance.whole(1, 3); left > 0; left--) {
    const places = placesIn(root);
    if (places.length > 0) change(chance, ...chance.pick(places), places);
  }
  return root.value as T;
}

type Place = readonly [within: Container, key: string | number];

function placesIn(container: Container): Place[] {
  const keys = Array.isArray(container) ? container.keys() : Object.keys(container);
  return [...keys].flatMap((key): Place[] => {
    const inner = (container as Record<string | number, unknown>)[key];
    return [[container, key], ...(typeof inner === 'object' && inner !== null ? placesIn(inner as Container) : [])];
  });
}

function change(chance: Chance, within: Container, key: string | number, places: readonly Place[]): void {
  const fields = within as Record<string | number, unknown>;
  const put = (name: string | number, value: unknown) => Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true });
  switch (chance.weighted({ other: 4, null: 2, gone: 2, renamed: 1, twice: 1, within: 1, swapped: 1, more: 2, deep: 1 })) {
    case 'other':
      put(key, anyValue(chance));
      break;
    case 'null':
      put(key, null);
      break;
    case 'gone':
      if (Array.isArray(within)) within.splice(key as number, 1);
      else delete fields[key];
      break;
    case 'renamed':
      if (!Array.isArray(within)) put(chance.pick(NAMES), fields[key]);
      break;
    case 'twice':
      if (Array.isArray(within)) within.push(structuredClone(within[key as number]));
      break;
    case 'within':
      put(key, chance.happens(0.5) ? [fields[key]] : { [chance.pick(NAMES)]: fields[key] });
      break;
    case 'swapped': {
      const [other, name] = chance.pick(places);
      put(key, structuredClone((other as Record<string | number, unknown>)[name]));
      break;
    }
    case 'more':
      if (!Array.isArray(within)) put(chance.pick(NAMES), anyValue(chance));
      else within.push(anyValue(chance));
      break;
    case 'deep': {
      let value = anyValue(chance, 1);
      for (let i = chance.whole(1, 60); i > 0; i--) value = { a: value };
      put(key, value);
    }
  }
}
