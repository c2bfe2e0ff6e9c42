import type { KubeObject } from '../object.ts';

/** The objects of one resource by `namespace/name`, listed in that order. Sorting waits until somebody lists. */
export class Bucket {
  readonly #objects = new Map<string, KubeObject>();
  #sorted: string[] = [];
  #added: string[] = [];
  #removed = false;
  #listed: readonly KubeObject[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(path: string): KubeObject | undefined {
    return this.#objects.get(path);
  }

  set(path: string, object: KubeObject): void {
    if (!this.#objects.has(path)) this.#added.push(path);
    this.#objects.set(path, object);
    this.#listed = undefined;
  }

  delete(path: string): void {
    if (!this.#objects.delete(path)) return;
    this.#removed = true;
    this.#listed = undefined;
  }

  list(namespace?: string): readonly KubeObject[] {
    this.#sort();
    if (namespace === undefined) {
      this.#listed ??= this.#sorted.map((path) => this.#objects.get(path)!);
      return this.#listed;
    }
    const start = lowerBound(this.#sorted, `${namespace}/`);
    const out: KubeObject[] = [];
    for (let i = start; i < this.#sorted.length && this.#sorted[i]!.startsWith(`${namespace}/`); i++) out.push(this.#objects.get(this.#sorted[i]!)!);
    return out;
  }

  #sort(): void {
    if (this.#removed) {
      // A path that went and came again stands in both: once is enough.
      this.#sorted = this.#sorted.filter((path) => this.#objects.has(path));
      const known = new Set(this.#sorted);
      this.#added = [...new Set(this.#added)].filter((path) => this.#objects.has(path) && !known.has(path));
      this.#removed = false;
    }
    if (this.#added.length === 0) return;
    this.#added.sort(byText);
    this.#sorted = merge(this.#sorted, this.#added);
    this.#added = [];
  }
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function merge(a: string[], b: string[]): string[] {
  if (a.length === 0 || a[a.length - 1]! < b[0]!) return a.length === 0 ? b : a.concat(b);
  const out: string[] = [];
  let i = 0;
  for (const path of b) {
    while (i < a.length && a[i]! < path) out.push(a[i++]!);
    out.push(path);
  }
  while (i < a.length) out.push(a[i++]!);
  return out;
}

function lowerBound(sorted: readonly string[], path: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < path) low = middle + 1;
    else high = middle;
  }
  return low;
}
