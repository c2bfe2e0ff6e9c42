import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { clusterInstant } from '../../core/instant.ts';
import { objectOf } from '../../core/kube/fields.ts';
import { userNamed } from '../../core/kube/user.ts';
import { chunkName } from '../../core/log/chunk-name.ts';
import type { LogEvent, Offset } from '../../core/log/event.ts';
import { type Append, type Chunk, type EventLog, type LogEntry, lastOffset, type Snapshot, type StoredSnapshot } from '../../core/log/log.ts';

/** What the log's contract suite appends, and how it reads it back. */

let counter = 0;
export const newCluster = () => `contract-${process.pid}-${Date.now().toString(36)}-${++counter}`;

export const event = (i: number, text = 'x'): LogEvent => ({
  type: 'ADDED',
  key: `configmaps/default/c-${i}`,
  object: objectOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${i}` }, data: { text } }),
  actor: userNamed('contract'),
});

export const request = (after: Offset, events: number, text?: string): Append => ({
  after,
  events: Array.from({ length: events }, (_, i) => event(after + i, text)),
  writer: `writer-${++counter}`,
  time: clusterInstant(1_762_257_600_000 + counter),
});

export async function appended(log: EventLog, cluster: string, after: Offset, events: number, text?: string): Promise<LogEntry> {
  const wanted = request(after, events, text);
  const result = await log.append(cluster, wanted);
  const entry = { offset: after + 1, events: wanted.events, writer: wanted.writer, time: wanted.time };
  expect(result.type).toBe('appended');
  expect(result.type === 'appended' && digests([result.entry])).toStrictEqual(digests([entry]));
  return entry;
}

export const all = (log: EventLog, cluster: string, after: Offset = 0) => collect(log.read(cluster, { after }));

export async function collect(entries: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const out: LogEntry[] = [];
  for await (const entry of entries) out.push(entry);
  return out;
}

/** A tail that is read as it goes. */
export function following(log: EventLog, cluster: string, after: Offset) {
  const cancel = new AbortController();
  const seen: LogEntry[] = [];
  let taken = 0;
  let news = () => {};
  const ended = (async () => {
    for await (const entry of log.tail(cluster, { after, signal: cancel.signal })) {
      seen.push(entry);
      news();
    }
  })();
  return {
    seen,
    ended,
    async next(count: number): Promise<LogEntry[]> {
      while (seen.length < taken + count) {
        await new Promise<void>((resolve) => {
          news = resolve;
        });
      }
      taken += count;
      return seen.slice(taken - count, taken);
    },
    async end() {
      cancel.abort();
      await ended;
    },
  };
}

export function expectDense(entries: readonly LogEntry[]): void {
  let next = 1;
  for (const entry of entries) {
    expect(entry.offset).toBe(next);
    next = lastOffset(entry) + 1;
  }
}

/** A snapshot with what is in its chunks. */
export interface WholeSnapshot extends Omit<Snapshot, 'chunks' | 'time'> {
  readonly time: number;
  readonly chunks: readonly Uint8Array[];
}

export const snapshot = (offset: Offset, time: number): WholeSnapshot => ({ offset, time, chunks: [bytes(100 + offset), bytes(3)] });

/** Saves a snapshot; of its chunks only those that are `given`. */
export async function save(log: EventLog, cluster: string, { chunks, ...head }: WholeSnapshot, given: readonly Uint8Array[] = chunks): Promise<void> {
  await log.saveSnapshot(
    cluster,
    { ...head, time: clusterInstant(head.time), chunks: chunks.map(chunkOf) },
    new Map(given.map((chunk) => [chunkName(chunk), chunk])),
  );
}

export const chunkOf = (given: Uint8Array): Chunk => ({ name: chunkName(given), resource: 'pods', first: `default/p-${given.length}`, size: given.length });

/** For entries so large that printing them would hide the failure. */
export const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
export const digests = (entries: readonly LogEntry[]) => entries.map((entry) => ({ offset: entry.offset, writer: entry.writer, digest: digest(entry.events) }));

/** Comparable, whatever the class of the byte arrays, with a snapshot that was loaded. */
export const plain = ({ chunks, ...head }: WholeSnapshot) => ({ ...head, chunks: chunks.map((chunk) => ({ ...chunkOf(chunk), bytes: base64(chunk) })) });

/** The same of a snapshot that was loaded. */
export const plainLoaded = (given: StoredSnapshot | undefined) =>
  given && { ...withoutBytes(given), chunks: given.chunks.map((chunk) => ({ ...chunk, bytes: base64(given.bytes.get(chunk.name)!) })) };

const withoutBytes = ({ bytes: _, ...snapshot }: StoredSnapshot) => snapshot;

const base64 = (given: Uint8Array) => Buffer.from(given).toString('base64');

/** Bytes that do not compress, the same for the same length. */
export function bytes(length: number): Uint8Array {
  const out = new Uint8Array(length);
  let state = length + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

/** Text of about `length` characters that hardly compresses. */
export const noise = (length: number) => Buffer.from(bytes(Math.floor(length * 0.75))).toString('base64');
