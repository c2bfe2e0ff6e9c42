import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { same } from '../kube/object.ts';
import { type User, userNamed } from '../kube/user.ts';
import { dictionary1 } from './dictionary.ts';
import type { LogEntry, LogEvent } from './log.ts';

/**
 * An entry as an adapter stores it: one byte that names the format, then a zstd frame (with a checksum) of its JSON.
 * Why JSON, zstd and a dictionary, and how a new format is brought in: docs/decisions/0002-entry-encoding.md.
 */
export function encodeEntry({ events: given, ...head }: LogEntry): Uint8Array {
  const { events, users } = withInternedActors(given);
  const frame = zstdCompressSync(JSON.stringify({ ...head, ...(users.length > 0 && { users }), events }), compression);
  const bytes = new Uint8Array(frame.length + 1);
  bytes[0] = FORMAT;
  bytes.set(frame, 1);
  return bytes;
}

/** The entry that `encodeEntry` stored. Throws `CorruptEntry` when the bytes are not one. */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  if (bytes.length === 0) throw new CorruptEntry('the entry is empty');
  if (bytes[0] !== FORMAT) throw new CorruptEntry(`the entry has format ${bytes[0]}, and this version of Logplane reads format ${FORMAT}`);
  let stored: unknown;
  try {
    stored = JSON.parse(zstdDecompressSync(bytes.subarray(1), { dictionary }).toString());
  } catch (cause) {
    throw new CorruptEntry('the entry cannot be decoded', { cause });
  }
  if (!isStored(stored)) throw new CorruptEntry('what was decoded is not an entry');
  const { users = [], events, ...head } = stored;
  const actorOf = ({ actor }: StoredEvent) => (typeof actor === 'string' ? userNamed(actor) : users[actor]!);
  return { ...head, events: events.map((event) => ({ ...event, actor: actorOf(event) }) as LogEvent) };
}

/** The bytes are not an entry of a format that is known here. Nothing can be folded past it. */
export class CorruptEntry extends Error {
  override readonly name = 'CorruptEntry';
}

const FORMAT = 1;

const dictionary = Buffer.from(dictionary1);

// Level 1: higher ones take longer and save little on text that the dictionary already knows.
const compression = { dictionary, params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

/** An entry as it is stored: an actor is a name, where that says all, or stands in `users`, once. */
type Stored = Omit<LogEntry, 'events'> & { readonly users?: readonly User[]; readonly events: readonly StoredEvent[] };

type StoredEvent = Omit<LogEvent, 'actor'> & { readonly actor: string | number };

function withInternedActors(given: readonly LogEvent[]): { events: StoredEvent[]; users: User[] } {
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
    return { ...event, actor };
  });
  return { events, users };
}

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
