/**
 * Texts that are made of what a client sent, with an end. Errors quote the request; a request may be megabytes and have thousands
 * of mistakes, and its answer must not be their product. Nothing here looks at more of a value than it shows.
 */

import { type Fields, isFields } from './fields.ts';

/** How much of one value is shown, in characters: all of what a URL can hold. */
export const SHOWN = 16 * 1024;

/** The beginning of a text. */
export const cut = (text: string, limit = SHOWN): string => (text.length > limit ? `${text.slice(0, limit)}...` : text);

/** A value as JSON.stringify writes it, up to a limit. */
export function jsonText(value: unknown, limit = SHOWN): string {
  const text = new Writer(limit);
  text.value(value);
  return text.end();
}

/** A list whose elements are made when they are looked at. */
export abstract class LazyList {
  abstract [Symbol.iterator](): Iterator<unknown>;
}

/** An object whose members are. */
export abstract class LazyObject {
  abstract [Symbol.iterator](): Iterator<[name: string, value: unknown]>;
}

/** A value that is written with the keys of its objects in order. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return new SortedList(value);
  return isFields(value) ? new SortedObject(value) : value;
}

class SortedList extends LazyList {
  readonly #elements: readonly unknown[];

  constructor(elements: readonly unknown[]) {
    super();
    this.#elements = elements;
  }

  *[Symbol.iterator](): Iterator<unknown> {
    for (const element of this.#elements) yield withSortedKeys(element);
  }
}

class SortedObject extends LazyObject {
  readonly #fields: Fields;

  constructor(fields: Fields) {
    super();
    this.#fields = fields;
  }

  *[Symbol.iterator](): Iterator<[string, unknown]> {
    for (const name of Object.keys(this.#fields).sort()) yield [name, withSortedKeys(this.#fields[name])];
  }
}

class Writer {
  #text = '';
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  value(value: unknown): void {
    if (Array.isArray(value) || value instanceof LazyList) this.#all('[', value, (element) => this.value(element ?? null), ']');
    else if (typeof value === 'object' && value !== null) this.#all('{', membersOf(value), ([name, member]) => this.#member(name, member), '}');
    else if (typeof value === 'string') this.#string(value);
    else this.#add(JSON.stringify(value) ?? 'null');
  }

  end(): string {
    return this.#left < 0 ? `${this.#text}...` : this.#text;
  }

  #all<T>(open: string, elements: Iterable<T>, write: (element: T) => void, close: string): void {
    this.#add(open);
    let first = true;
    for (const element of elements) {
      if (this.#left < 0) return;
      if (!first) this.#add(',');
      first = false;
      write(element);
    }
    this.#add(close);
  }

  #member(name: string, value: unknown): void {
    this.#string(name);
    this.#add(':');
    this.value(value);
  }

  #string(text: string): void {
    this.#add(JSON.stringify(text.length > this.#left ? text.slice(0, Math.max(0, this.#left) + 1) : text));
  }

  #add(text: string): void {
    if (this.#left < 0) return;
    this.#text += text.length > this.#left ? text.slice(0, this.#left) : text;
    this.#left -= text.length;
  }
}

function* membersOf(value: object): Generator<[name: string, value: unknown]> {
  if (value instanceof LazyObject) {
    yield* value;
    return;
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (Object.hasOwn(value, name) && member !== undefined) yield [name, member];
  }
}
