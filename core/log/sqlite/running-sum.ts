import { crc32 } from 'node:zlib';

/**
 * The CRC-32 of all entries of a cluster up to one, from that of those before it (0 before the first). It finds an entry that is damaged, exchanged
 * or of another history; it is no defence against an attacker who can write the file.
 */
export const runningSum = (before: number, bytes: Uint8Array): number => crc32(bytes, before);
