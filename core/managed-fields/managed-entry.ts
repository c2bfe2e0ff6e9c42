import { isFields } from '../kube/fields.ts';
import { timestamp } from '../kube/object.ts';
import { type FieldSet, sameFields } from './field-set.ts';
import { type FieldsV1, fieldsV1Of, readFieldsV1 } from './fields-v1.ts';

/** What one manager owns of an object, by one way of writing it: an entry of `metadata.managedFields` (metav1.ManagedFieldsEntry). */
export interface ManagedEntry {
  readonly head: Head;
  /** When it came to own something last, in seconds since the epoch; it is not known of all. */
  readonly time: number | undefined;
  readonly set: FieldSet;
}

/** Whose an entry is. */
export interface Head {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** What tells entries apart: of what a manager applies there is one, whatever the version (apimachinery's BuildManagerIdentifier). */
  readonly identity: string;
  /** Of this one among all heads that were made. */
  readonly id: number;
}

export type HeadOf = Pick<Head, 'manager' | 'operation' | 'apiVersion'> & { readonly subresource?: string | undefined };

/** One value for all entries that are alike. */
export function headOf({ manager, operation, apiVersion, subresource = '' }: HeadOf): Head {
  const key = `${operation}\n${apiVersion}\n${subresource}\n${manager}`;
  let head = heads.get(key);
  if (!head) {
    const told = { manager: manager || undefined, operation, ...(operation === 'Update' && { apiVersion }), subresource: subresource || undefined };
    head = { manager, operation, apiVersion, subresource, identity: JSON.stringify(told), id: ++lastId };
    if (heads.size >= MOST_HEADS) heads.clear();
    heads.set(key, head);
  }
  return head;
}

const heads = new Map<string, Head>();
let lastId = 0;
const MOST_HEADS = 10_000;

/** Whether entries say the same, and, unless only the fields are of interest, since when. */
export const sameEntries = (a: readonly ManagedEntry[], b: readonly ManagedEntry[], { times = true } = {}): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every(
      ({ head, time, set }, i) =>
        (head === b[i]!.head || (head.identity === b[i]!.head.identity && head.apiVersion === b[i]!.head.apiVersion)) &&
        (!times || time === b[i]!.time) &&
        sameFields(set, b[i]!.set),
    ));

/** As `metadata.managedFields` has it. */
export interface ServedEntry {
  readonly manager?: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldsV1;
  readonly subresource?: string;
}

export const servedEntry = ({ head: { manager, operation, apiVersion, subresource }, time, set }: ManagedEntry): ServedEntry => ({
  ...(manager && { manager }),
  operation,
  apiVersion,
  ...(time !== undefined && { time: timestamp(time * 1000) }),
  fieldsType: 'FieldsV1',
  fieldsV1: fieldsV1Of(set),
  ...(subresource && { subresource }),
});

/** The entries that a client wrote (managedfields.go, DecodeManagedFields); undefined when they are no entries. */
export function readEntries(served: readonly unknown[]): readonly ManagedEntry[] | undefined {
  const entries = new Map<string, ManagedEntry>();
  for (const one of served) {
    const entry = readEntry(one);
    if (!entry) return undefined;
    entries.set(entry.head.identity, entry);
  }
  return inOrder([...entries.values()]);
}

function readEntry(served: unknown): ManagedEntry | undefined {
  if (!isFields(served)) return undefined;
  const { manager = '', operation, apiVersion, subresource = '', time, fieldsType, fieldsV1 = {} } = served as Record<string, unknown>;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (!apiVersion || fieldsType !== 'FieldsV1') return undefined;
  let set: FieldSet;
  try {
    set = readFieldsV1(fieldsV1);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const head = headOf({ manager: String(manager), operation, apiVersion: String(apiVersion), subresource: String(subresource) });
  return { head, time: typeof time === 'string' ? Math.floor(Date.parse(time) / 1000) : undefined, set };
}

/** The order in which they are served (sortEncodedManagedFields): by operation, time, manager, version, subresource. */
export const inOrder = (entries: ManagedEntry[]): ManagedEntry[] =>
  entries.sort(
    ({ head: a, time: s = 0 }, { head: b, time: t = 0 }) =>
      compareText(a.operation, b.operation) ||
      s - t ||
      compareText(a.manager, b.manager) ||
      compareText(a.apiVersion, b.apiVersion) ||
      compareText(a.subresource, b.subresource),
  );

const compareText = (a: string, b: string) => (a < b ? -1 : a === b ? 0 : 1);
