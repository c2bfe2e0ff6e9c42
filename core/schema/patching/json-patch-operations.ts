import { type Fields, isFields, put } from '../../kube/fields.ts';
import { clone, same } from '../../kube/object.ts';

/**
 * `document` with the operations of a JSON patch applied, as evanphx/json-patch (v4), which kube-apiserver uses, understands RFC 6902: what is null counts as
 * absent, `replace` and `copy` ask no more of a field than that its object is there, an index below zero counts from the end. Neither argument is changed.
 * Throws a JsonPatchError in the words of the library.
 */
export function applyOperations(document: unknown, operations: readonly Fields[]): unknown {
  const patching = new Patching(clone(document));
  for (const operation of operations) patching.apply(operation);
  return patching.document;
}

/** A patch as a list of operations. Throws in the words of Go when it is none. */
export function operationsOf(patch: unknown): Fields[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw new JsonPatchError(`json: cannot unmarshal ${goKind(patch)} into Go value of type jsonpatch.Patch`);
  for (const operation of patch) {
    if (operation !== null && !isFields(operation)) {
      throw new JsonPatchError(`json: cannot unmarshal ${goKind(operation)} into Go value of type jsonpatch.Operation`);
    }
  }
  return patch.map((operation) => operation ?? {});
}

export class JsonPatchError extends Error {}

/** A `test` that does not hold. */
export class TestFailed extends JsonPatchError {}

const goKind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value);

/** How much `copy` may add up to, in bytes of JSON: a list copied into itself doubles each time (kube-apiserver's JSONPatchMaxCopyBytes). */
const MAX_COPIED = 3 * 1024 * 1024;

class Patching {
  document: unknown;
  #copied = 0;

  constructor(document: unknown) {
    this.document = document;
  }

  apply(operation: Fields): void {
    const op = typeof operation['op'] === 'string' ? operation['op'] : 'unknown';
    switch (op) {
      case 'add':
        this.#add(operation);
        break;
      case 'remove':
        this.#remove(operation);
        break;
      case 'replace':
        this.#replace(operation);
        break;
      case 'move':
        this.#move(operation);
        break;
      case 'test':
        this.#test(operation);
        break;
      case 'copy':
        this.#copy(operation);
        break;
      default:
        throw new JsonPatchError(`Unexpected kind: ${op}`);
    }
  }

  #add(operation: Fields): void {
    const path = text(operation, 'path', () => `add operation failed to decode path: ${MISSING}`);
    const at = this.#place(path) ?? fail(`add operation does not apply: doc is missing path: "${path}": ${MISSING}`);
    because(`error in add for path: '${path}'`, () => add(at, givenValue(operation)));
  }

  #remove(operation: Fields): void {
    const path = text(operation, 'path', () => `remove operation failed to decode path: ${MISSING}`);
    const at = this.#place(path) ?? fail(`remove operation does not apply: doc is missing path: "${path}": ${MISSING}`);
    because(`error in remove for path: '${path}'`, () => remove(at));
  }

  #replace(operation: Fields): void {
    const path = text(operation, 'path', (why) => `replace operation failed to decode path: ${why}`);
    if (path === '') {
      const value = givenValue(operation);
      if (typeof value !== 'object' || value === null) fail('replace operation value must be object or array: %!w(<nil>)');
      this.document = value;
      return;
    }
    const at = this.#place(path) ?? fail(`replace operation does not apply: doc is missing path: ${path}: ${MISSING}`);
    if (Array.isArray(at.container)) {
      if (!isThere(at)) fail(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
      at.container[indexOf(at.container, at.key)] = givenValue(operation);
    } else put(at.container, at.key, givenValue(operation));
  }

  #move(operation: Fields): void {
    const from = text(operation, 'from', (why) => `move operation failed to decode from: ${why}`);
    const source = this.#place(from) ?? fail(`move operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
    const value = because(`error in move for path: '${source.key}'`, () => {
      const found = get(source);
      remove(source);
      return found;
    });
    const path = text(operation, 'path', (why) => `move operation failed to decode path: ${why}`);
    const to = this.#place(path) ?? fail(`move operation does not apply: doc is missing destination path: ${path}: ${MISSING}`);
    because(`error in move for path: '${path}'`, () => add(to, value));
  }

  #test(operation: Fields): void {
    const path = text(operation, 'path', (why) => `test operation failed to decode path: ${why}`);
    const found = path === '' ? this.document : because(`error in test for path: '${path}'`, () => get(this.#tested(path)));
    // Clients ask "is it absent?" by testing for null.
    if (!same(found, givenValue(operation))) throw new TestFailed(`testing value ${path} failed: test failed`);
  }

  #tested(path: string): Place {
    const at = this.#place(path);
    if (!at) throw new Final(`test operation does not apply: is missing path: ${path}: ${MISSING}`);
    return at;
  }

  #copy(operation: Fields): void {
    const from = text(operation, 'from', (why) => `copy operation failed to decode from: ${why}`);
    const source = this.#place(from) ?? fail(`copy operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
    const value = because(`error in copy for from: '${from}'`, () => get(source));
    const path = text(operation, 'path', () => `copy operation failed to decode path: ${MISSING}`);
    const to = this.#place(path) ?? fail(`copy operation does not apply: doc is missing destination path: ${path}: ${MISSING}`);
    if (value !== null) this.#copied += JSON.stringify(value).length;
    if (this.#copied > MAX_COPIED) {
      fail(`Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, exceeding the limit ${MAX_COPIED}`);
    }
    because('error while adding value during copy', () => add(to, clone(value)));
  }

  /** What a path leads to, all but its last part followed; undefined: that is not there. What stands before the first slash is not looked at. */
  #place(path: string): Place | undefined {
    const [, ...parts] = path.split('/');
    if (parts.length === 0) return undefined;
    let container = this.document;
    for (const part of parts.slice(0, -1)) {
      const next = isContainer(container) ? lookedUp({ container, key: decodedKey(part) }) : undefined;
      if (next === undefined) return undefined;
      container = next;
    }
    return isContainer(container) ? { container, key: decodedKey(parts.at(-1)!) } : undefined;
  }
}

const MISSING = 'missing value';

/** A field of an object, or a place of a list. */
interface Place {
  readonly container: Record<string, unknown> | unknown[];
  readonly key: string;
}

const isContainer = (value: unknown): value is Place['container'] => typeof value === 'object' && value !== null;

const decodedKey = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

const givenValue = (operation: Fields): unknown => clone(operation['value'] ?? null);

function text(operation: Fields, name: 'path' | 'from', failure: (why: string) => string): string {
  const value = operation[name] ?? undefined;
  if (typeof value === 'string') return value;
  const why =
    value === undefined
      ? `operation${name === 'path' ? '' : ','} missing ${name} field: ${MISSING}`
      : `json: cannot unmarshal ${goKind(value)} into Go value of type string`;
  throw new JsonPatchError(failure(why));
}

/** An error that says all there is to say. */
class Final extends JsonPatchError {}

function fail(message: string): never {
  throw new JsonPatchError(message);
}

/** What is wrong in a step, with what the step was for before it. */
function because<T>(step: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof JsonPatchError && !(error instanceof Final)) throw new JsonPatchError(`${step}: ${error.message}`);
    throw error;
  }
}

/** Null when there is none. Throws for a place that a list does not have. */
function get({ container, key }: Place): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : null;
  const index = indexOf(container, key);
  return index < container.length ? container[index] : invalidIndex(index);
}

function lookedUp(at: Place): unknown {
  return isThere(at) ? (get(at) ?? undefined) : undefined;
}

function isThere(at: Place): boolean {
  try {
    get(at);
    return true;
  } catch {
    return false;
  }
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) put(container, key, value);
  else container.splice(key === '-' ? container.length : insertionIndex(container, key), 0, value);
}

function insertionIndex({ length }: readonly unknown[], key: string): number {
  if (!INTEGER.test(key)) fail(`value was not a proper array index: '${key}': ${notAnIndex(key)}`);
  const given = Number(key);
  const index = given < 0 ? given + length + 1 : given;
  return index < 0 || index > length ? invalidIndex(given) : index;
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) {
    const index = indexOf(container, key);
    if (index >= container.length) invalidIndex(index);
    container.splice(index, 1);
  } else {
    if (!Object.hasOwn(container, key)) fail(`Unable to remove nonexistent key: ${key}: ${MISSING}`);
    delete container[key];
  }
}

/** What Go's strconv.Atoi takes. */
const INTEGER = /^[+-]?[0-9]+$/;

const notAnIndex = (key: string) => `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`;

/** Not below zero; it may lie beyond the end. */
function indexOf(list: readonly unknown[], key: string): number {
  if (!INTEGER.test(key)) fail(notAnIndex(key));
  const index = Number(key);
  if (index >= 0) return index;
  return index < -list.length ? invalidIndex(index) : index + list.length;
}

const invalidIndex = (index: number): never => fail(`Unable to access invalid index: ${index}: invalid index referenced`);
