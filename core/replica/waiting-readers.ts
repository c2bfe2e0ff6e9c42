import type { GroupResource } from '../kube/object.ts';
import type { Offset } from '../log/event.ts';
import type { Change } from '../state/change.ts';

/** What a reader waits for: the changes of a resource, of its objects in one namespace ('' for those that are in none), or of one object. */
export interface Scope {
  readonly resource: GroupResource;
  readonly namespace?: string;
  readonly name?: string;
}

/** The readers that wait for a change. Each is woken by one of its scope alone, so that a change costs nothing for all the others. */
export class WaitingReaders {
  /** By the beginning of the keys that their scope takes in: `pods`, `pods/default`, `pods/default/web-0`; those that wait for any change by ''. */
  readonly #readers = new Map<string, Set<Reader>>();

  /**
   * Resolves once something of the scope changes, or `signal` aborts, to an offset up to which nothing of it has changed since the call. `now` says what the
   * newest offset is. Rejects when the log cannot be read.
   */
  wait(scope: Scope | undefined, { signal, now }: { signal: AbortSignal; now: () => Offset }): Promise<Offset> {
    if (signal.aborted) return Promise.resolve(now());
    const place = placeOf(scope);
    return new Promise((resolve, reject) => {
      const stop = () => {
        const readers = this.#readers.get(place);
        readers?.delete(reader);
        if (readers?.size === 0) this.#readers.delete(place);
        resolve(now());
      };
      const reader: Reader = {
        wake(offset) {
          signal.removeEventListener('abort', stop);
          resolve(offset);
        },
        fail(error) {
          signal.removeEventListener('abort', stop);
          reject(error);
        },
      };
      const readers = this.#readers.get(place);
      if (readers) readers.add(reader);
      else this.#readers.set(place, new Set([reader]));
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Wakes the readers that some changes concern; up to `before`, nothing did. */
  wake(changes: readonly Change[], before: Offset): void {
    if (changes.length > 0) this.#wake('', before);
    for (const { key } of changes) {
      if (this.#readers.size === 0) return;
      const resource = key.indexOf('/');
      this.#wake(key.slice(0, resource), before);
      this.#wake(key.slice(0, key.indexOf('/', resource + 1)), before);
      this.#wake(key, before);
    }
  }

  /** Wakes them all: what comes next does not follow `before`. */
  wakeAll(before: Offset): void {
    for (const place of [...this.#readers.keys()]) this.#wake(place, before);
  }

  /** Tells them all that the log cannot be read. */
  failAll(error: Error): void {
    const all = [...this.#readers.values()];
    this.#readers.clear();
    for (const readers of all) for (const reader of readers) reader.fail(error);
  }

  #wake(place: string, before: Offset): void {
    const readers = this.#readers.get(place);
    if (!readers) return;
    this.#readers.delete(place);
    for (const reader of readers) reader.wake(before);
  }
}

interface Reader {
  readonly wake: (offset: Offset) => void;
  readonly fail: (error: Error) => void;
}

function placeOf(scope: Scope | undefined): string {
  if (!scope) return '';
  const { resource, namespace, name } = scope;
  if (namespace === undefined) return resource;
  return name === undefined ? `${resource}/${namespace}` : `${resource}/${namespace}/${name}`;
}
