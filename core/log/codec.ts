import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { dictionary1 } from './dictionary.ts';
import type { LogEntry } from './log.ts';

/**
 * An entry as an adapter stores it: one byte that names the format, then a zstd frame (with a checksum) of its JSON.
 * Why JSON, zstd and a dictionary, and how a new format is brought in: docs/decisions/0002-entry-encoding.md.
 */
export function encodeEntry({ offset, time, aheadMinutes, writer, events }: LogEntry): Uint8Array {
  const frame = zstdCompressSync(JSON.stringify({ offset, time, aheadMinutes, writer, events }), compression);
  const bytes = new Uint8Array(frame.length + 1);
  bytes[0] = FORMAT;
  bytes.set(frame, 1);
  return bytes;
}

/** The entry that `encodeEntry` stored. Throws `CorruptEntry` when the bytes are not one. */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  if (bytes.length === 0) throw new CorruptEntry('the entry is empty');
  if (bytes[0] !== FORMAT) throw new CorruptEntry(`the entry has format ${bytes[0]}, and this version of Logplane reads format ${FORMAT}`);
  let entry: unknown;
  try {
    entry = JSON.parse(zstdDecompressSync(bytes.subarray(1), { dictionary }).toString());
  } catch (cause) {
    throw new CorruptEntry('the entry cannot be decoded', { cause });
  }
  if (!isEntry(entry)) throw new CorruptEntry('what was decoded is not an entry');
  return entry;
}

/** The bytes are not an entry of a format that is known here. Nothing can be folded past it. */
export class CorruptEntry extends Error {
  override readonly name = 'CorruptEntry';
}

const FORMAT = 1;

const dictionary = Buffer.from(dictionary1);

// Level 1: higher ones take longer and save little on text that the dictionary already knows.
const compression = { dictionary, params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

function isEntry(value: unknown): value is LogEntry {
  const { offset, time, writer, events } = (value ?? {}) as Partial<LogEntry>;
  return Number.isSafeInteger(offset) && offset! > 0 && typeof time === 'number' && typeof writer === 'string' && Array.isArray(events) && events.length > 0;
}
