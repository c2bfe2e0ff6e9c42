/** What a file holds: its text, or undefined where that is not known. */
export interface FileState {
  readonly text: string | undefined;
  /** Where only that is known: the last of it. */
  readonly end?: string | undefined;
}

/** What happens to a file, and when. */
export interface Write {
  readonly at: number;
  /** None: it was removed. */
  readonly file: FileState | undefined;
}

/** What is known of a path that nothing has written or removed: that it is there, that it is not, or neither. */
export type Untouched = (path: string) => FileState | undefined | 'unknown';

/** How much of what was written is known, over all times, in characters. Of what is written then it is known that it is there. */
const MOST_CHARACTERS = 1024 * 1024;

/** The files of a container, at every time: what was written and removed, and when, in ms of the simulation. */
export class Files {
  readonly #writes = new Map<string, Write[]>();
  readonly #untouched: Untouched;
  #characters = 0;
  /** Counts what has changed. */
  version = 0;

  constructor(untouched: Untouched) {
    this.#untouched = untouched;
  }

  read(path: string, at: number): FileState | undefined | 'unknown' {
    const last = this.#writes.get(path)?.findLast((write) => write.at <= at);
    return last ? last.file : this.#untouched(path);
  }

  remove(path: string, at: number): void {
    this.write(path, at, undefined);
    for (const below of this.#writes.keys()) if (below.startsWith(`${path}/`)) this.write(below, at, undefined);
  }

  write(path: string, at: number, file: FileState | undefined): void {
    const before = this.read(path, at);
    const writes = this.#writes.get(path) ?? [];
    this.#writes.set(path, writes);
    if (before !== 'unknown' && before?.text === file?.text && before?.end === file?.end && (before === undefined) === (file === undefined)) return;
    this.version++;
    this.#characters += (file?.text ?? file?.end)?.length ?? 0;
    const known = this.#characters <= MOST_CHARACTERS ? file : file && { text: undefined };
    const next = writes.findIndex((write) => write.at > at);
    writes.splice(next < 0 ? writes.length : next, 0, { at, file: known });
  }

  /** The names in a directory, of what was written. */
  list(directory: string, at: number): string[] {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    const below = [...this.#writes.keys()].filter((path) => path.startsWith(prefix) && isThere(this.read(path, at)));
    return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0]!))].sort();
  }

  /** The times at which something changes, in their order. */
  get times(): number[] {
    return [...new Set([...this.#writes.values()].flat().map(({ at }) => at))].sort((a, b) => a - b);
  }

  /** The first time after this one at which something changes. */
  changesAfter(at: number): number | undefined {
    let next: number | undefined;
    for (const writes of this.#writes.values()) for (const write of writes) if (write.at > at && (next === undefined || write.at < next)) next = write.at;
    return next;
  }

  /** All that happened below a directory, by the rest of the paths. */
  below(directory: string): (Write & { readonly path: string })[] {
    return [...this.#writes].flatMap(([path, writes]) =>
      path.startsWith(`${directory}/`) ? writes.map((write) => ({ ...write, path: path.slice(directory.length) })) : [],
    );
  }

  /** The same files, of which what is written from now on is another's business. */
  fork(): Files {
    const fork = new Files(this.#untouched);
    for (const [path, writes] of this.#writes) fork.#writes.set(path, [...writes]);
    fork.#characters = this.#characters;
    return fork;
  }
}

const isThere = (file: FileState | undefined | 'unknown'): file is FileState => file !== undefined && file !== 'unknown';

/** A path from the root, without `.`, `..` and double slashes. */
export function absolute(path: string, directory: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
