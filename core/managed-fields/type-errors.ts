import { goText } from '../kube/go-text.ts';
import { type Atoms, handle } from './atoms.ts';
import { elementOf, ListElementError } from './list-elements.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { displayed, fieldElement, type PathElement } from './path-element.ts';

/**
 * What is wrong with a value by its type, in the words of Go's structured-merge-diff (typed/validate.go); undefined: nothing. Elements of a list that
 * is keyed may not repeat.
 */
export function typeErrors(value: unknown, type: MergeType): string | undefined {
  const errors = errorsOf(value, type);
  if (errors.length === 0) return undefined;
  const texts = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return texts.length === 1 ? texts[0] : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

interface TypeError {
  readonly path: string;
  readonly message: string;
}

const errorsOf = (value: unknown, type: MergeType): readonly TypeError[] => handle(type, value, new Checking(value));

/** Of nearly all values there is nothing wrong. */
const none: readonly TypeError[] = [];

class Checking implements Atoms<readonly TypeError[]> {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  scalar(type: NonNullable<MergeType['scalar']>): readonly TypeError[] {
    const value = this.#value;
    if (value === null) return none;
    const isScalar = typeof value !== 'object';
    if (type === 'numeric') return typeof value === 'number' ? none : [wrong(`expected numeric (int or float), got ${goType(value)}`)];
    if (type === 'string') return typeof value === 'string' ? none : [wrong(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`)];
    if (type === 'boolean') return typeof value === 'boolean' ? none : [wrong(`expected boolean, got &{${goText(value)}}`)];
    return isScalar ? none : [wrong(`expected any scalar, got &{${goText(value)}}`)];
  }

  list(type: ListType): readonly TypeError[] {
    const value = this.#value;
    if (value === null) return none;
    if (!Array.isArray(value)) return [wrong(`expected list, got &{${goText(value)}}`)];
    const errors: TypeError[] = [];
    const seen = new Set<PathElement>();
    for (let i = 0; i < value.length; i++) {
      let element: PathElement;
      try {
        element = isKeyed(type) ? elementOf(type, value[i]) : `i:${i}`;
      } catch (error) {
        if (error instanceof ListElementError) return [...errors, wrong(`element ${i}: ${error.message}`)];
        throw error;
      }
      if (seen.has(element)) errors.push(wrong(`duplicate entries for key ${displayed(element)}`));
      seen.add(element);
      const inner = errorsOf(value[i], type.element);
      if (inner.length > 0) errors.push(...within(element, inner));
    }
    return errors;
  }

  map(type: MapType): readonly TypeError[] {
    const value = this.#value;
    if (value === null) return none;
    if (typeof value !== 'object' || Array.isArray(value)) return [wrong(`expected map, got &{${goText(value)}}`)];
    const errors: TypeError[] = [];
    for (const name of Object.keys(value as object)) {
      const of = type.typeOf(name);
      // Nothing behind it is looked at.
      if (!of) return [...errors, ...within(fieldElement(name), [wrong('field not declared in schema')])];
      const inner = errorsOf((value as Record<string, unknown>)[name], of);
      if (inner.length > 0) errors.push(...within(fieldElement(name), inner));
    }
    return errors;
  }
}

const isKeyed = ({ isAtomic }: ListType) => !isAtomic;

const wrong = (message: string): TypeError => ({ path: '', message });

const within = (element: PathElement, errors: readonly TypeError[]): TypeError[] =>
  errors.map(({ path, message }) => ({ path: `${displayed(element)}${path}`, message }));

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** A JSON value as Go's %#v prints it. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.keys(value).sort();
    return `map[string]interface {}{${fields.map((name) => `${JSON.stringify(name)}:${goSyntax((value as Record<string, unknown>)[name])}`).join(', ')}}`;
  }
  if (value === null) return 'interface {}(nil)';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
