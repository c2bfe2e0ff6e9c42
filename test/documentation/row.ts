import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** A row of `pages/*.yaml`: a page of the documentation of Kubernetes, and the state that it says its reader ends in. */
export interface Row {
  /** Below kubernetes.io/docs/. */
  readonly page: string;
  /** What the page says, in a few words of our own. */
  readonly what: string;
  /** Created first, without a pause between them. */
  readonly objects?: Objects;
  readonly then?: readonly Step[];
  readonly ends: Ends;
  /** Events, as `Pod/web BackOff the beginning or a part of its message`; the name may end in `*`. With a `!` before it, there is no such Event. */
  readonly events?: readonly string[];
  /** The part of the product that does not do yet what the page says: the row fails, and when it does not, this is to be removed. */
  readonly waits?: 'scheduler' | 'hpa' | 'kubelet' | 'storage' | 'nodes' | 'controllers';
}

/**
 * By `Kind/name`, or `Kind/namespace/name` (of the namespace `default` otherwise): what an object has besides its kind, its name and, of a
 * built-in kind, its apiVersion.
 */
export type Objects = Readonly<Record<string, Part>>;

/** A part of an object. */
export type Part = Readonly<Record<string, unknown>>;

/** What the reader does, one of these each; half a minute passes after it, unless `pass` says how much. */
export interface Step {
  readonly create?: Objects;
  /** Merge patches. */
  readonly patch?: Objects;
  readonly status?: Objects;
  /** Adds a condition to the status of each. */
  readonly condition?: Objects;
  /** The same, by the subresource `approval`. */
  readonly approval?: Objects;
  /** By the subresource `resize`. */
  readonly resize?: Objects;
  readonly ephemeral?: Objects;
  /** How many replicas. */
  readonly scale?: Readonly<Record<string, number>>;
  /** The options of the deletion. */
  readonly delete?: Objects;
  /** All of `Kind(app=web)`. */
  readonly deleteAll?: string;
  readonly evict?: string;
  /** Takes no new pods, and those on it that no DaemonSet made are evicted. */
  readonly drain?: string;
  /** Of the cluster's time: `90s`, `5m`, `3h`. */
  readonly pass?: string;
  /** The step is refused with this code, and words that include these. */
  readonly refused?: readonly [code: number, message: string];
}

/**
 * By `Kind/name`, what of it is so, or null: there is none. By `Kind(app=web)` (or `Kind(namespace; app=web)`), how many there are, what all of
 * them are (`{each: …}`), or what each of so many is (a list, in any order).
 */
export type Ends = Readonly<Record<string, unknown>>;

const PAGES = path.join(import.meta.dirname, 'pages');

/** The rows of all areas, by the area's name. */
export const areas: ReadonlyMap<string, readonly Row[]> = new Map(
  readdirSync(PAGES)
    .toSorted()
    .map((file) => [path.basename(file, '.yaml'), parse(readFileSync(path.join(PAGES, file), 'utf8')) as Row[]]),
);
