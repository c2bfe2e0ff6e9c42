import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { same } from '../kube/object.ts';
import { type User, userNamed } from '../kube/user.ts';
import { type FieldsV1, fieldsV1Of, readFieldsV1 } from '../managed-fields/fields-v1.ts';
import { readEntries, type ServedEntry, servedEntry } from '../managed-fields/managed-entry.ts';
import { dictionary1 } from './dictionary.ts';
import type { FieldManager, LogEvent } from './event.ts';
import type { LogEntry } from './log.ts';
import type { Proposal } from './proposals.ts';

/**
 * An entry as an adapter stores it: one byte that names the format, then a zstd frame (with a checksum) of its JSON.
 * Why JSON, zstd and a dictionary, and how a new format is brought in: docs/decisions/0002-entry-encoding.md.
 */
export function encodeEntry({ events, ...head }: LogEntry): Uint8Array {
  return encode({ ...head, ...withInternedActors(events) });
}

/** The entry that `encodeEntry` stored. Throws `CorruptEntry` when the bytes are not one. */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  const stored = decode(bytes);
  if (!isStored(stored)) throw new CorruptEntry('what was decoded is not an entry');
  const { users, events, ...head } = stored;
  return { ...head, events: withActors({ events, users }) };
}

/** What a proposal holds, in the form of an entry: it is made of the same. */
export const encodeContent = ({ events, reads }: ProposalContent): Uint8Array => encode({ ...withInternedActors(events), reads });

/** Throws `CorruptEntry` when the bytes are not what `encodeContent` made. */
export function decodeContent(bytes: Uint8Array): ProposalContent {
  const { reads, ...stored } = decode(bytes) as StoredEvents & Pick<Proposal, 'reads'>;
  return { events: withActors(stored), reads };
}

type ProposalContent = Pick<Proposal, 'events' | 'reads'>;

function encode(value: object): Uint8Array {
  const frame = zstdCompressSync(JSON.stringify(value), compression);
  const bytes = new Uint8Array(frame.length + 1);
  bytes[0] = FORMAT;
  bytes.set(frame, 1);
  return bytes;
}

function decode(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new CorruptEntry('the entry is empty');
  if (bytes[0] !== FORMAT) throw new CorruptEntry(`the entry has format ${bytes[0]}, and this version of Logplane reads format ${FORMAT}`);
  try {
    return JSON.parse(zstdDecompressSync(bytes.subarray(1), { dictionary }).toString());
  } catch (cause) {
    throw new CorruptEntry('the entry cannot be decoded', { cause });
  }
}

/** The bytes are not an entry of a format that is known here. Nothing can be folded past it. */
export class CorruptEntry extends Error {
  override readonly name = 'CorruptEntry';
}

const FORMAT = 1;

const dictionary = Buffer.from(dictionary1);

// Level 1: higher ones take longer and save little on text that the dictionary already knows.
const compression = { dictionary, params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

/** Events as they are stored: an actor is a name, where that says all, or stands in `users`, once. */
interface StoredEvents {
  readonly users?: readonly User[];
  readonly events: readonly StoredEvent[];
}

type Stored = Omit<LogEntry, 'events'> & StoredEvents;

type StoredEvent = Omit<LogEvent, 'actor' | keyof Ownership> & StoredOwnership & { readonly actor: string | number };

/** What an event says of who owns its fields. */
type Ownership = Pick<LogEvent, 'manager' | 'unowned' | 'applied' | 'managedFields'>;

/** A manager is a short list that ends where nothing more is to be said: most are a name alone, or a name and a subresource. */
interface StoredOwnership {
  readonly manager?: readonly string[];
  readonly unowned?: FieldsV1;
  readonly applied?: FieldsV1;
  readonly managedFields?: readonly ServedEntry[];
}

function withInternedActors(given: readonly LogEvent[]): StoredEvents {
  const users: User[] = [];
  const known = new Map<User, string | number>();
  const interned = (user: User) => {
    if (same(user, userNamed(user.username))) return user.username;
    const at = users.findIndex((other) => same(user, other));
    return at === -1 ? users.push(user) - 1 : at;
  };
  const events = given.map((event): StoredEvent => {
    const actor = known.get(event.actor) ?? interned(event.actor);
    known.set(event.actor, actor);
    return { ...event, actor, ...storedOwnership(event) } as StoredEvent;
  });
  return { ...(users.length > 0 && { users }), events };
}

function withActors({ events, users = [] }: StoredEvents): LogEvent[] {
  const actorOf = ({ actor }: StoredEvent) => (typeof actor === 'string' ? userNamed(actor) : users[actor]!);
  return events.map((event) => ({ ...event, actor: actorOf(event), ...readOwnership(event) }) as LogEvent);
}

function storedOwnership({ manager, unowned, applied, managedFields }: Ownership): StoredOwnership | undefined {
  if (!manager && !managedFields) return undefined;
  return {
    ...(manager && { manager: storedManager(manager) }),
    ...(unowned && { unowned: fieldsV1Of(unowned) }),
    ...(applied && { applied: fieldsV1Of(applied) }),
    ...(managedFields && { managedFields: managedFields.map(servedEntry) }),
  };
}

function readOwnership({ manager, unowned, applied, managedFields }: StoredOwnership): Ownership | undefined {
  if (!manager && !managedFields) return undefined;
  return {
    ...(manager && { manager: readManager(manager) }),
    ...(unowned && { unowned: readFieldsV1(unowned) }),
    ...(applied && { applied: readFieldsV1(applied) }),
    ...(managedFields && { managedFields: readEntries(managedFields) ?? [] }),
  };
}

function storedManager({ name, operation, apiVersion, subresource }: FieldManager): string[] {
  const parts = [name, subresource ?? '', operation ?? '', apiVersion ?? ''];
  return parts.slice(0, parts.findLastIndex((part) => part !== '') + 1);
}

const readManager = ([name = '', subresource, operation, apiVersion]: readonly string[]): FieldManager => ({
  name,
  ...(operation && { operation: operation as 'Apply' }),
  ...(apiVersion && { apiVersion }),
  ...(subresource && { subresource }),
});

function isStored(value: unknown): value is Stored {
  const { offset, time, writer, events, users = [] } = (value ?? {}) as Partial<Stored>;
  return (
    Number.isSafeInteger(offset) &&
    offset! > 0 &&
    typeof time === 'number' &&
    typeof writer === 'string' &&
    Array.isArray(users) &&
    Array.isArray(events) &&
    events.length > 0 &&
    events.every(({ actor }: StoredEvent) => typeof actor === 'string' || users[actor] !== undefined)
  );
}
