import { type Environment, environment } from './environment.ts';
import { bindings } from './libraries/bindings.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { QUANTITY } from './libraries/quantity.ts';
import type { Range } from './library.ts';
import { ANY, BOOL, mapOf, STRING, structType, type Type } from './type.ts';

/**
 * What selectors of devices are compiled in (k8s.io/dynamic-resource-allocation/cel, compile.go). Attributes and capacities are in a map for each domain, which is there
 * even when the device has none of it.
 */
export const deviceEnvironment = (): Environment => {
  known ??= {
    ...environment({ variables: { device: DEVICE }, libraries: [...kubernetesLibraries, bindings] }),
    sizeOfPath: ([variable, ...path]) => (variable === 'device' ? sizeAt(path) : undefined),
  };
  return known;
};

let known: Environment | undefined;

const fields: Readonly<Record<string, Type>> = {
  driver: STRING,
  allowMultipleAllocations: BOOL,
  attributes: mapOf(STRING, mapOf(STRING, ANY)),
  capacity: mapOf(STRING, mapOf(STRING, QUANTITY)),
};

const DEVICE = structType('kubernetes.DRADevice', new Map(Object.entries(fields)));

/** How large values are at most, by the limits of a ResourceSlice (resource.k8s.io/v1, types.go). */
interface Sized {
  readonly most: number;
  readonly fields?: Readonly<Record<string, Sized>>;
  readonly keys?: Sized;
  readonly values?: Sized;
}

const DOMAIN: Sized = { most: 63 };
const IDENTIFIER: Sized = { most: 32 };
const ATTRIBUTE: Sized = { most: 64 };
const MAX_NAMES = 32;

const byName = (values: Sized): Sized => ({ most: MAX_NAMES, keys: DOMAIN, values: { most: MAX_NAMES, keys: IDENTIFIER, values } });

const SIZES: Sized = {
  most: 0,
  fields: { driver: { most: 63 }, allowMultipleAllocations: { most: 1 }, attributes: byName(ATTRIBUTE), capacity: byName({ most: 0 }) },
};

function sizeAt(path: readonly string[]): Range | undefined {
  let at: Sized | undefined = SIZES;
  for (const step of path) {
    if (step === '@items' || step === '@values') at = at.values;
    else if (step === '@keys') at = at.keys;
    // All attributes are of one size, whatever they are called.
    else at = at.fields?.[step] ?? (at.values === ATTRIBUTE ? ATTRIBUTE : undefined);
    if (!at) return undefined;
  }
  return { min: 0n, max: BigInt(at.most) };
}
