import { zstdDecompressSync } from 'node:zlib';
import { type User, userNamed } from '../../core/kube/user.ts';
import { dictionary1 } from '../../core/log/dictionary.ts';
import type { LogEvent } from '../../core/log/event.ts';
import type { LogEntry } from '../../core/log/log.ts';

/**
 * An entry, read as docs/decisions/0002-entry-encoding.md says that it is stored and without the core's codec: one byte that names the format,
 * then a zstd frame of JSON. What the core decodes wrongly shows only to a reader that does not decode with it. The dictionary is a part of
 * the format, not of the codec (core/log/codec.test.ts holds its hash). Throws when the bytes are something else.
 */
export function decode(bytes: Uint8Array): LogEntry {
  if (bytes[0] !== 1) throw new Error(`an entry has format ${bytes[0]}`);
  const { users, ...entry } = JSON.parse(zstdDecompressSync(bytes.subarray(1), { dictionary }).toString());
  const { offset, time, writer, aheadMinutes = 1 } = entry;
  if (![offset, time, aheadMinutes].every((number) => Number.isSafeInteger(number) && number > 0) || !writer)
    throw new Error(`the entry at ${offset} is of ${time}, by ${writer}, ${aheadMinutes} minutes ahead`);
  for (const { type, key } of entry.events)
    if (!types.has(type) || typeof key !== 'string') throw new Error(`the entry at ${entry.offset} has a ${type} of ${key}`);
  return { ...entry, events: entry.events.map((event: Stored) => ({ ...event, actor: actorOf(event, users) })) };
}

type Stored = Omit<LogEvent, 'actor'> & { readonly actor: string | number };

const actorOf = ({ actor }: Stored, users: readonly User[]): User => (typeof actor === 'string' ? userNamed(actor) : users[actor]!);

const dictionary = Buffer.from(dictionary1);

const types = new Set(['ADDED', 'MODIFIED', 'DELETED']);
