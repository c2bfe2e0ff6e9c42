import { type Atoms, handle } from './atoms.ts';
import { deduced, type ListType, type MapType, type MergeType } from './merge-type.ts';

/** The paths of all that is owned as a whole in a value: `.spec.selector`, `.spec.list[0].args` (apiserver's policy/mutating/patch/smd.go, `findAtomics`). */
export const atomicParts = (value: unknown, type: MergeType, path = ''): readonly string[] =>
  value === null || typeof value !== 'object' ? none : handle(type, value, new Finding(value, path));

const none: readonly string[] = [];

class Finding implements Atoms<readonly string[]> {
  readonly #value: object;
  readonly #path: string;

  constructor(value: object, path: string) {
    this.#value = value;
    this.#path = path;
  }

  scalar(): readonly string[] {
    return none;
  }

  list({ isAtomic, element }: ListType): readonly string[] {
    const inner = Array.isArray(this.#value) ? this.#value.flatMap((item, i) => atomicParts(item, element, `${this.#path}[${i}]`)) : none;
    return isAtomic ? [this.#path, ...inner] : inner;
  }

  /** The values of a map that is no struct are not looked at. */
  map({ isAtomic, isNamed, typeOf }: MapType): readonly string[] {
    const inner = Object.entries(this.#value).flatMap(([name, value]) =>
      isNamed(name) ? atomicParts(value, typeOf(name) ?? deduced, `${this.#path}.${name}`) : none,
    );
    return isAtomic ? [this.#path, ...inner] : inner;
  }
}
