import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Offset } from '../event.ts';

/**
 * The one table's keys: partition `cluster` (a string), sort `offset` (a number). A log's entries are under its name; what else is kept is in
 * partitions whose names hold a `#`, which a log's name cannot.
 */
export type Item = Record<string, AttributeValue>;

export const keyAt = (partition: string, offset: number | bigint): Item => ({ cluster: { S: partition }, offset: { N: String(offset) } });

/** Whether a record of the table (or its stream) is an entry of a log, which is then named by `partition`. */
export const isEntryPartition = (partition: string): boolean => !partition.includes('#');

/** The clusters: one record each, at a number made from its name (see registry.ts and branches.ts). */
export const registryPartition = '#clusters';

/** The number at which the record of a name is put. Two names seldom have the same. */
export const numberOfName = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 6);

/** A number that no other name has, nor `numberOfName` makes of any: a DynamoDB number has 38 digits. */
export const wideNumberOfName = (name: string): bigint => (1n << 120n) + BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 30)}`);

/** The logs of clusters that have ended: one record each (see ended.ts). */
export const endedPartition = '#ended';

/** The parts of an entry that is larger than one record. By writer, as two may try the same offset. */
export const partsPartition = (cluster: string, offset: Offset, writer: string): string => `${cluster}#parts#${offset}#${writer}`;

/** The heads of a cluster's snapshots, at their offsets; at 0 where a truncated log begins. */
export const snapshotsPartition = (cluster: string): string => `${cluster}#snapshots`;

/** The pieces of the manifest of one saved snapshot. */
export const piecesPartition = (cluster: string, id: string): string => `${cluster}#snapshot#${id}`;

/** A chunk of snapshots, of whichever clusters: its bytes at 0, and behind it the claims that hold it (see chunks.ts). */
export const chunkPartition = (name: string): string => `#chunk#${name}`;

/** Notes of parts and pieces that no record names yet (see pending.ts). */
export const pendingPartition = (cluster: string): string => `${cluster}#pending`;

/** Notes of snapshots of which something may yet come that was put long ago (see late.ts). */
export const latePartition = (cluster: string): string => `${cluster}#late`;

/** Commits that wait for another writer's entry: one record each, at a number made from its id. */
export const proposalsPartition = (cluster: string): string => `${cluster}#proposals`;

/** Of workers that failed on a cluster when they ran last: one record each, at a number made from its name (see failures.ts). */
export const failuresPartition = (cluster: string): string => `${cluster}#failures`;

/** DynamoDB's limit on a record, names of attributes included. */
const RECORD_BYTES = 400 * 1024;

/** The bytes that a record has left for a value when it holds these strings, and some numbers, too. */
export const roomBeside = (...strings: string[]): number => RECORD_BYTES - 512 - strings.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** `bytes` cut into slices of at most `size`. */
export function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The numeric attribute of an item. */
export const numberOf = (item: Item, name: string): number => Number(item[name]?.N);
