import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Clock } from '../env.ts';
import { type Key, type KubeObject, parseKey } from '../kube/object.ts';
import type { EventLog, Offset, Snapshot } from '../log/log.ts';
import { sharing } from '../log/patch.ts';
import { State, StateBuilder } from './state.ts';

/**
 * A snapshot is the state at an offset: a cold start reads it and the entries after it, not the whole log.
 * A chunk is a zstd-compressed JSON array of [key, object] pairs; it stays under what one DynamoDB item holds.
 */

const CHUNK_TEXT = 1 << 20;
const CHUNK_BYTES = 380_000;

/** Encodes a state. `turn` is awaited between chunks so that a large cluster does not hold up its host. */
export async function takeSnapshot(state: State, turn: () => Promise<void>): Promise<Snapshot> {
  const { offset, time, aheadMinutes } = state;
  const chunks: Uint8Array[] = [];
  let texts: string[] = [];
  let size = 0;
  const flush = () => {
    if (texts.length > 0) chunks.push(...pack(texts));
    texts = [];
    size = 0;
  };
  for (const entry of state.entries()) {
    const text = JSON.stringify(entry);
    texts.push(text);
    size += text.length;
    if (size < CHUNK_TEXT) continue;
    flush();
    await turn();
  }
  flush();
  return { offset, time, ...(aheadMinutes > 0 && { aheadMinutes }), chunks };
}

/** Where a cluster's past is stored. */
export interface Stored {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: { readonly clock: Pick<Clock, 'turn'> };
}

/**
 * The state of the newest snapshot at or before an offset (any offset, when none is given); the empty one when there is none. It shares with `near`, a
 * state of the same log, what is the same in both.
 */
export async function newestSnapshot({ log, cluster, env }: Stored, { atMost, near }: { atMost?: Offset; near?: State } = {}): Promise<State> {
  const snapshot = await log.loadSnapshot(cluster, atMost === undefined ? {} : { atMost });
  return snapshot ? restoreSnapshot(snapshot, () => env.clock.turn(), near) : State.empty;
}

/** The state that a snapshot was taken of. `turn` is awaited between chunks. */
export async function restoreSnapshot({ offset, time, aheadMinutes, chunks }: Snapshot, turn: () => Promise<void>, near = State.empty): Promise<State> {
  const builder = new StateBuilder();
  for (const chunk of chunks) {
    const objects = JSON.parse(zstdDecompressSync(chunk).toString()) as [Key, KubeObject][];
    for (const [key, object] of objects) builder.add(key, sharedWith(near, key, object));
    await turn();
  }
  return builder.state({ offset, time, aheadMinutes });
}

/** An object as a state of the same log has it, as far as it is the same there. One version is the same everywhere. */
export function sharedWith(near: State, key: Key, object: KubeObject): KubeObject {
  const { resource, namespace, name } = parseKey(key);
  const other = near.get(resource, namespace, name);
  if (!other) return object;
  return other.metadata.resourceVersion === object.metadata.resourceVersion ? other : sharing(other, object);
}

/** One chunk, or several when the objects compress badly. An object alone always fits: the API refuses what is over 1.5 MB, and zstd at least halves such text. */
function pack(texts: readonly string[]): Uint8Array[] {
  const bytes = zstdCompressSync(Buffer.from(`[${texts.join(',')}]`), { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  if (bytes.length <= CHUNK_BYTES || texts.length === 1) return [bytes];
  const half = texts.length >> 1;
  return [...pack(texts.slice(0, half)), ...pack(texts.slice(half))];
}
