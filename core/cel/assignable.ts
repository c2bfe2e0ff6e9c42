import { DYN, OPTIONAL_NAME, Type } from './type.ts';

/**
 * What type parameters stand for, as far as a check has come. Types are unified as cel-go's checker does it (checker/types.go); what a failed
 * attempt has found out is undone.
 */
export class Substitutions {
  readonly #types = new Map<string, Type>();
  /** What was there before each change, for undoing them. */
  readonly #changes: [name: string, before: Type | undefined][] = [];
  #fresh = 0;

  /** A type parameter that is none of any declaration's. */
  freshParameter(): Type {
    return new Type('parameter', `_var${this.#fresh++}`);
  }

  /** Whether a value of the second type can stand where one of the first is wanted. */
  assignable(wanted: Type, given: Type): boolean {
    return this.#attempt(() => this.#fits(wanted, given));
  }

  allAssignable(wanted: readonly Type[], given: readonly Type[]): boolean {
    return this.#attempt(() => this.#allFit(wanted, given));
  }

  /** The type with its parameters replaced; with `dyn` also those that stand for nothing yet. */
  apply(type: Type, unboundIsDyn = false): Type {
    return replaced(type, (parameter) => this.#types.get(parameter.name) ?? (unboundIsDyn ? DYN : undefined));
  }

  #attempt(unify: () => boolean): boolean {
    const mark = this.#changes.length;
    if (unify()) return true;
    while (this.#changes.length > mark) {
      const [name, before] = this.#changes.pop()!;
      if (before) this.#types.set(name, before);
      else this.#types.delete(name);
    }
    return false;
  }

  #bind(parameter: Type, type: Type): void {
    this.#changes.push([parameter.name, this.#types.get(parameter.name)]);
    this.#types.set(parameter.name, type);
  }

  #fits(a: Type, b: Type): boolean {
    if (b.kind === 'parameter') {
      const { valid, bound } = this.#substitutes(a, b);
      if (valid) return true;
      if (bound) return false;
    }
    if (a.kind === 'parameter') return this.#substitutes(b, a).valid;
    if (isDynOrError(a) || isDynOrError(b)) return true;
    if (a.kind === 'null') return takesNull(b);
    if (b.kind === 'null') return takesNull(a);
    switch (a.kind) {
      case 'type':
        return b.kind === 'type';
      case 'opaque':
      case 'list':
      case 'map':
        return a.kind === b.kind && a.name === b.name && this.#allFit(a.parameters, b.parameters);
      default:
        return a.kind === b.kind && a.name === b.name;
    }
  }

  #allFit(a: readonly Type[], b: readonly Type[]): boolean {
    return a.length === b.length && a.every((type, i) => this.#fits(type, b[i]!));
  }

  /** Whether the parameter can stand for the type, and whether it stood for one before. */
  #substitutes(type: Type, parameter: Type): { valid: boolean; bound: boolean } {
    if (sameType(type, parameter)) return { valid: true, bound: true };
    const bound = this.#types.get(parameter.name);
    if (bound) {
      if (sameType(type, bound)) return { valid: true, bound: true };
      if (!this.#fits(type, bound)) return { valid: false, bound: true };
      const general = mostGeneral(type, bound);
      if (!this.#occurs(parameter, general)) this.#bind(parameter, general);
      return { valid: true, bound: true };
    }
    if (this.#occurs(parameter, type)) return { valid: false, bound: false };
    this.#bind(parameter, type);
    return { valid: true, bound: false };
  }

  /** Whether a type is made of the parameter, which therefore cannot stand for it. */
  #occurs(parameter: Type, within: Type): boolean {
    if (sameType(parameter, within)) return true;
    if (within.kind === 'parameter') {
      const bound = this.#types.get(within.name);
      return bound !== undefined && this.#occurs(parameter, bound);
    }
    return within.parameters.some((type) => this.#occurs(parameter, type));
  }
}

/** The type with its parameters replaced, and those of what replaces them. */
export function replaced(type: Type, by: (parameter: Type) => Type | undefined): Type {
  if (type.kind === 'parameter') {
    const replacement = by(type);
    return replacement ? replaced(replacement, by) : type;
  }
  if (type.parameters.length === 0) return type;
  const parameters = type.parameters.map((inner) => replaced(inner, by));
  if (parameters.every((inner, i) => inner === type.parameters[i])) return type;
  return new Type(type.kind, type.name, parameters, { nullable: type.nullable });
}

/** Whether two types are the same; with `anyParameter` also when their type parameters have other names. */
export function sameType(a: Type, b: Type, anyParameter = false): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.parameters.length !== b.parameters.length) return false;
  if (a.name !== b.name && !(anyParameter && a.kind === 'parameter')) return false;
  return a.parameters.every((type, i) => sameType(type, b.parameters[i]!, anyParameter));
}

/** The one of two types that go together that says less. */
export const mostGeneral = (a: Type, b: Type): Type => (saysNoMore(a, b) ? a : b);

function saysNoMore(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === 'parameter') return true;
  if (isDyn(b) || b.kind === 'parameter' || a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'opaque':
      return a.name === b.name && a.parameters.length === b.parameters.length && a.parameters.every((type, i) => saysNoMore(type, b.parameters[i]!));
    case 'list':
    case 'map':
      return a.parameters.every((type, i) => saysNoMore(type, b.parameters[i]!));
    case 'type':
      return true;
    default:
      return sameType(a, b);
  }
}

export const isDyn = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'any';

export const isDynOrError = (type: Type): boolean => isDyn(type) || type.kind === 'error';

/** What null can be a value of. */
const takesNull = ({ kind, nullable }: Type): boolean => nullable || NULLABLE.has(kind);

const NULLABLE = new Set(['null', 'any', 'opaque', 'struct', 'duration', 'timestamp']);

/** What an optional may hold; the type itself when it is none. */
export const unwrapped = (type: Type): { type: Type; optional: boolean } =>
  type.kind === 'opaque' && type.name === OPTIONAL_NAME ? { type: type.parameters[0]!, optional: true } : { type, optional: false };
